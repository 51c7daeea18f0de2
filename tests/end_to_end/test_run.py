"""`khomo run` on the bundled inputs: what a data engineer sees on the first day."""

import json
import shutil
from collections.abc import Callable

import duckdb
import pytest

from pipelines.contracts import load_published, sources_in_use
from pipelines.contracts.inbox import is_inbox
from pipelines.settings import Home
from tests.end_to_end.conftest import DATASETS, Run, khomo, release_bytes, released


def test_the_first_run_publishes_every_dataset(first_run: Run) -> None:
    assert first_run.code == 0, first_run.output[-4000:]
    assert tuple(sorted(released(first_run.home))) == DATASETS
    assert f"{len(DATASETS)} published" in first_run.output


def test_the_summary_names_sources_datasets_and_places(first_run: Run) -> None:
    for name in (*sources_in_use(), *DATASETS):
        assert name in first_run.output
    for place in ("warehouse.duckdb", "releases", "index.html", "khomo verify --all"):
        assert place in first_run.output


def test_accepted_and_quarantined_add_up_and_some_rows_are_quarantined(first_run: Run) -> None:
    rows = first_run.ledger.rows(
        "select source, sum(pulled_rows) p, sum(accepted_rows) a, sum(quarantined_rows) q"
        " from landings group by source"
    )
    waiting = {name for name, contract in sources_in_use().items() if is_inbox(contract)}
    assert {row["source"] for row in rows} == set(sources_in_use()) - waiting
    assert all(row["p"] == row["a"] + row["q"] for row in rows)
    assert {row["source"] for row in rows if row["q"]} >= {"dossiers", "coverage", "procedures"}
    assert next(row["p"] for row in rows if row["source"] == "dossiers") == 100_000


def test_every_release_verifies_offline(first_run: Run) -> None:
    done = khomo(first_run.home.root, "verify", "--all")
    assert done.returncode == 0, done.stdout
    assert f"{len(DATASETS)} of {len(DATASETS)} releases verified" in done.stdout


def test_a_second_run_finds_nothing_changed(first_run: Run, a_copy: Callable[[], Home]) -> None:
    home = a_copy()
    before = release_bytes(home)
    done = khomo(home.root, "run")
    assert done.returncode == 0, done.stdout[-4000:]
    assert "nothing changed upstream, nothing new was published" in done.stdout
    assert release_bytes(home) == before
    assert len(list((home.warehouse / "builds").glob("*.duckdb"))) == 1


def test_the_same_input_gives_the_same_bytes_in_another_home(
    first_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Home(tmp_path_factory.mktemp("other") / "home").create()
    # Each home makes its own key: the same bytes, signatures included, take the same one.
    shutil.copy(first_run.home.secrets / "signing.key", other.secrets)
    done = khomo(
        other.root,
        "run",
        KHOMO_THREADS="1",
        KHOMO_DBT_THREADS="1",
        KHOMO_NOW="2027-03-01T00:00:00+07:00",
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert release_bytes(other) == release_bytes(first_run.home)


def test_most_dossiers_lie_in_visible_cells_and_no_small_count_is_shown(first_run: Run) -> None:
    for dataset in (
        "dossiers-by-unit",
        "dossiers-by-field",
        "dossiers-by-status",
        "dossiers-by-channel",
    ):
        folder = first_run.home.releases / dataset / "latest"
        contract = load_published()[dataset]
        rule = next(
            rule.implementation
            for rule in contract.table.rules
            if rule.implementation.get("rule") == "small_cells"
        )
        data = duckdb.read_parquet(str(folder / f"{dataset}.parquet"))
        for measure in rule["measures"]:
            smallest = data.aggregate(f"min({measure})").fetchone()
            assert smallest is not None
            assert smallest[0] is None or smallest[0] >= 5, (dataset, measure)
        visible = data.aggregate("sum(received)").fetchone()
        assert visible is not None
        assert visible[0] >= 0.8 * 99_000, dataset
        assert data.filter("is_suppressed").aggregate("count(*)").fetchone() != (0,), dataset


def test_synthetic_data_says_so_and_real_data_does_not(first_run: Run) -> None:
    for dataset, contract in load_published().items():
        descriptor = json.loads(
            (first_run.home.releases / dataset / "latest" / "datapackage.json").read_bytes()
        )
        says_so = "synthetic" in json.dumps(descriptor).lower()
        assert says_so or not contract.synthetic, dataset
        assert contract.synthetic == (
            dataset.startswith("dossiers") or dataset in ("coverage-speed", "low-speed-areas")
        )


def test_it_spending_shows_both_ratios_and_one_row_for_the_investment(first_run: Run) -> None:
    file = first_run.home.releases / "it-spending" / "latest" / "it-spending.parquet"
    data = duckdb.read_parquet(str(file))
    investment = data.filter("item = 'investment' and row_class = 'data'")
    assert investment.project("period_from, period_to, amount_vnd::varchar").fetchall() == [
        (2016, 2020, "88383735391")
    ]
    share = data.filter("item = 'it_share'").project("basis, ratio_percent::varchar")
    assert sorted(share.fetchall()) == [("printed", "0.3100"), ("recomputed", "0.3036")]


def test_codes_keep_their_leading_zeros_through_every_reader(first_run: Run) -> None:
    import pandas as pd

    folder = first_run.home.releases / "admin-units" / "latest"
    by_duckdb = duckdb.sql(
        f"select code from read_csv('{folder}/admin-units.csv', all_varchar = true)"
        " where code = '00004'"
    ).fetchall()
    parquet = pd.read_parquet(folder / "admin-units.parquet")
    csv = pd.read_csv(folder / "admin-units.csv", dtype="string")
    assert len(by_duckdb) == (parquet.code == "00004").sum() == (csv.code == "00004").sum() == 2


def test_sql_reads_the_warehouse_and_nothing_else(first_run: Run) -> None:
    root = first_run.home.root
    ok = khomo(root, "sql", "select count(*) as n from marts.dim_admin_unit", "--format", "json")
    assert json.loads(ok.stdout) == [{"n": 14403}]
    csv = khomo(root, "sql", "select 'Đức Thọ' as ten, '00004' as ma", "-f", "csv")
    assert csv.stdout.split() == ["ten,ma", "Đức", "Thọ,00004"]
    for refused in (
        "create table t as select 1",
        "delete from marts.dim_admin_unit",
        "select * from read_csv('/etc/passwd')",
        "copy (select 1) to '/tmp/khomo-leak.csv'",
        "attach '/tmp/x.duckdb'",
        "set enable_external_access = true",
        "install httpfs",
        "this is not sql",
    ):
        done = khomo(root, "sql", refused)
        assert done.returncode == 2, (refused, done.stdout)


def test_the_ledger_is_queried_beside_the_warehouse(first_run: Run) -> None:
    query = (
        "select p.source, count(distinct p.sha256) as files, max(p.license) as licence"
        " from ledger.pulls as p group by 1 order by 1"
    )
    done = khomo(first_run.home.root, "sql", query, "-f", "json")
    assert done.returncode == 0, done.stdout
    rows = {row["source"]: row for row in json.loads(done.stdout)}
    waiting = {name for name, contract in sources_in_use().items() if is_inbox(contract)}
    assert set(rows) == set(sources_in_use()) - waiting
    assert rows["dossiers"]["files"] > 30
    both = khomo(
        first_run.home.root,
        *("sql", "-f", "csv"),
        "select (select count(*) from ledger.decisions) > 0 as decided,"
        " (select count(*) from marts.dim_admin_unit) > 0 as modelled",
    )
    assert both.stdout.split() == ["decided,modelled", "True,True"]


def test_status_as_json_is_for_programs(first_run: Run) -> None:
    done = khomo(first_run.home.root, "status", "--json")
    document = json.loads(done.stdout)
    assert {item["name"] for item in document["datasets"]} == set(DATASETS)
    assert document["running"] is None


def test_the_promoted_file_leads_to_no_private_file(first_run: Run) -> None:
    with duckdb.connect(str(first_run.home.promoted.resolve()), read_only=True) as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where not internal"
        ).fetchall()
        assert views == []


def test_bad_usage_and_missing_input_leave_with_two(first_run: Run, tmp_path: Home) -> None:
    assert khomo(first_run.home.root, "run", "--select", "key:no_such_asset").returncode == 2
    assert khomo(first_run.home.root, "verify").returncode == 2
    assert khomo(tmp_path, "status").returncode == 2  # type: ignore[arg-type]
    assert khomo(tmp_path, "sql", "select 1").returncode == 2  # type: ignore[arg-type]
