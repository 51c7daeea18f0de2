"""A published figure leads back to the raw file and the rows it was counted from."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import published
from pipelines.settings import Home
from pipelines.trace import TraceError, trace
from tests.end_to_end.conftest import DATASETS, Run, khomo


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_published_row_rests_on_raw_rows_that_are_there(first_run: Run, dataset: str) -> None:
    found = trace(published(dataset), first_run.home, first_run.ledger)
    assert found.selected > 0 and found.rows
    assert all(place.path and place.path.name == place.sha256 for place in found.places)


@pytest.mark.parametrize("dataset", [name for name in DATASETS if name.startswith("dossiers-by")])
def test_as_many_raw_rows_are_found_as_were_published(first_run: Run, dataset: str) -> None:
    """Some shown counts of each dossier dataset, each by itself."""
    release = first_run.home.releases / dataset / "latest" / f"{dataset}.parquet"
    contract = published(dataset)
    keys = [column.name for column in contract.table.key]
    measures = (
        ("early", "on_time") if dataset == "dossiers-by-status" else ("received", "completed")
    )
    rows = duckdb.sql(
        f"select {', '.join(keys)}, {', '.join(measures)} from '{release}'"
        f" where {' is not null and '.join(measures)} is not null"
        f" order by hash({', '.join(keys)}) limit 4"
    ).fetchall()
    assert rows
    for *key, first, second in rows:
        where = " and ".join(
            f"{name} is not distinct from {'null' if value is None else repr(str(value))}"
            for name, value in zip(keys, key, strict=True)
        )
        found = trace(contract, first_run.home, first_run.ledger, where=where)
        assert [found.total(measure) for measure in measures] == [first, second], where


def test_a_traced_row_is_at_its_place_in_the_raw_file(first_run: Run) -> None:
    done = khomo(
        first_run.home.root,
        *("trace", "it-spending", "--where", "line_id = 'data-recurrent-2016'", "-f", "json"),
    )
    assert done.returncode == 0, done.stdout
    facts = json.loads(done.stdout)
    [place], [row] = facts["files"], facts["rows"]
    with Path(place["path"]).open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[row["row"] - 1][0] == "data-recurrent-2016"


def test_no_value_of_a_raw_row_is_shown(first_run: Run) -> None:
    shown = khomo(first_run.home.root, "trace", "dossiers-by-field", "--limit", "50").stdout
    assert "row" in shown and "H27" not in shown


def test_a_condition_that_selects_nothing_or_is_no_sql_says_so(first_run: Run) -> None:
    for condition, said in (("false", "selects no published row"), ("rank ==", "--where")):
        with pytest.raises(TraceError, match=said):
            trace(published("dti-ranks"), first_run.home, first_run.ledger, where=condition)


def test_a_source_landed_anew_since_is_not_traced_through(
    first_run: Run, a_copy: Callable[[], Home]
) -> None:
    home = a_copy()
    manifest = home.landed / "dti-ranks" / "current.json"
    facts = json.loads(manifest.read_bytes())
    facts["contract_digest"] = "another"
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    done = khomo(home.root, "trace", "dti-ranks")
    assert done.returncode == 2
    assert "landed anew since the warehouse was built" in done.stdout
