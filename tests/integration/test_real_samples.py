"""Real inputs of others, where `$KHOMO_SAMPLES` names a folder of them; none is committed."""

import os
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.contracts import load_sources
from pipelines.duck import connect
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.settings import Home
from pipelines.warehouse.dbt import run_dbt
from pipelines.warehouse.landed import create_views

SAMPLES = Path(os.environ.get("KHOMO_SAMPLES", "nowhere"))
pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="KHOMO_SAMPLES is not set to a folder of real inputs"
)
FILES = {
    "mof-province-accounts": ("budget/*.xls",),
    "portal-procedures": ("procedures/*.xlsx",),
    "portal-procedure-details": ("procedures/*.json",),
    "ookla-tiles": ("telecom/*.geojson",),
}
PROVINCES = 63


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every sample landed by the bundled contracts, as relations `landed.<table>`; models built."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("samples")
        home = Home(folder / "home").create()
        patch.setenv("KHOMO_HOME", str(home.root))
        ledger, found = Ledger(home.ledger), {}
        for name, patterns in FILES.items():
            inbox = home.root / "inbox" / name
            inbox.mkdir(parents=True)
            for pattern in patterns:
                for path in SAMPLES.glob(pattern):
                    shutil.copyfile(path, inbox / path.name)
            contract = load_sources()[name]
            raw.pull(contract, home, ledger)
            found[name] = (contract, landing.land(contract, home, ledger))
        database = folder / "samples.duckdb"
        with connect(database) as connection:
            create_views(connection, home, found)
        models = "stg_mof_province_accounts__amounts stg_ookla_tiles__tiles mart_ookla_speeds"
        events: list[str] = []
        code = run_dbt(
            ["build", "--select", models],
            home,
            load_province(),
            database=database,
            on_event=lambda event: events.append(str(event["info"]["msg"])),
            check=False,
        )
        assert code == 0, "\n".join(events)
        with connect(database) as connection:
            yield connection


def rows(landed: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return landed.execute(query).fetchall()


def test_all_271_procedures_land_with_their_codes_intact(
    landed: duckdb.DuckDBPyConnection,
) -> None:
    import openpyxl

    sheet = openpyxl.load_workbook(next((SAMPLES / "procedures").glob("*.xlsx"))).active
    assert sheet is not None
    printed = sorted(str(row[0]) for row in sheet.iter_rows(min_row=3, values_only=True) if row[0])
    found = rows(landed, "select procedure_code from landed.portal_procedures order by 1")
    assert [code for (code,) in found] == printed
    assert len(printed) == 271 and "1.000080" in printed


def test_details_land_composed_with_their_codes_intact(landed: duckdb.DuckDBPyConnection) -> None:
    found = rows(landed, "select * exclude (_row) from landed.portal_procedure_details order by 1")
    assert [row[0] for row in found] == [
        path.stem for path in sorted((SAMPLES / "procedures").glob("*.json"))
    ]
    texts = [text for row in found for text in row if isinstance(text, str)]
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)
    assert not any("\u00a0" in text for text in texts)


@pytest.mark.parametrize(("year", "stage"), [(2010, "plan"), (2012, "final")])
def test_every_province_of_both_workbooks_lands_apart_from_its_subtotals(
    landed: duckdb.DuckDBPyConnection, year: int, stage: str
) -> None:
    counts = rows(
        landed,
        f"""
        select row_class, count(distinct name_as_published), count(distinct region_name)
        from staging.stg_mof_province_accounts__amounts
        where fiscal_year = {year} and budget_stage = '{stage}' group by 1 order by 1
        """,
    )
    assert counts == [("country", 1, 1), ("province", PROVINCES, 6), ("region", 6, 6)]


def test_regional_sums_agree_with_their_provinces_or_the_difference_is_known(
    landed: duckdb.DuckDBPyConnection,
) -> None:
    """Beyond rounding, one region of the plan of 2010 does not add up as printed."""
    differences = rows(
        landed,
        """
        with sums as (
            select fiscal_year, item_code, region_name,
                sum(printed_value) filter (where row_class = 'province') as parts,
                max(printed_value) filter (where row_class = 'region') as printed
            from staging.stg_mof_province_accounts__amounts
            where row_class != 'country' and item_code != 'retained_share_percent' group by all
        )
        select fiscal_year, item_code, region_name, (parts - printed)::bigint
        from sums where abs(parts - printed) > 2 order by all
        """,
    )
    region = "ĐỒNG BẰNG SÔNG HỒNG"
    assert differences == [
        (2010, "targeted_policies", region, -19661),
        (2010, "targeted_transfers", region, -19661),
        (2010, "transfers", region, -19660),
    ]


def test_amounts_become_dong_and_a_percentage_does_not(landed: duckdb.DuckDBPyConnection) -> None:
    [(revenue, share)] = rows(
        landed,
        """
        select max(amount_vnd) filter (where item_code = 'revenue'),
            max(amount_vnd) filter (where item_code = 'retained_share_percent')
        from staging.stg_mof_province_accounts__amounts
        where fiscal_year = 2010 and name_as_published = 'HÀ GIANG'
        """,
    )
    assert (revenue, share) == (425_000_000_000, None)


def test_the_mean_of_tiles_is_weighted_by_tests_and_says_so(
    landed: duckdb.DuckDBPyConnection,
) -> None:
    import json

    [path] = (SAMPLES / "telecom").glob("*.geojson")
    tiles = [item["properties"] for item in json.loads(path.read_text())["features"]]
    tests = sum(tile["tests"] for tile in tiles)
    weighted = sum(tile["avg_d_kbps"] * tile["tests"] for tile in tiles) / tests
    [(network, quarter, count, total, mean)] = rows(
        landed,
        "select network_type, quarter_label, tiles, tests, download_kbps_weighted_by_tests"
        " from marts.mart_ookla_speeds",
    )
    assert (network, quarter, count, total) == ("mobile", "2022-Q1", len(tiles), tests)
    assert abs(float(mean) - weighted) < 0.1
    assert abs(float(mean) - sum(tile["avg_d_kbps"] for tile in tiles) / len(tiles)) > 100
