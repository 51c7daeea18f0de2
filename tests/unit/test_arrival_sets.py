"""Months that are missing, and figures that repeat those of another month's file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.contracts import SourceContract
from pipelines.contracts.load import load_sources
from pipelines.ingest.arrival import Arrived
from pipelines.ingest.arrival.content import repeated_values
from pipelines.ingest.arrival.counts import band
from pipelines.ingest.arrival.sets import missing_months
from tests.conftest import write_contract

AT = datetime(2026, 11, 1, tzinfo=UTC)


def contract(tmp_path: Path, unit: str = "m", arrival: Any = None) -> SourceContract:
    path = write_contract(
        tmp_path / "sources",
        "things",
        slaProperties=[{"property": "frequency", "value": 1, "unit": unit}],
    )
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    columns = said["schema"][0]["properties"]
    columns.insert(
        1, {**columns[0], "name": "day", "physicalName": "Ngày", "primaryKeyPosition": 2}
    )
    columns[1].pop("logicalTypeOptions")
    columns[1] |= {"physicalType": "DATE", "logicalType": "date"}
    if arrival:
        said["customProperties"].append({"property": "arrival", "value": arrival})
    path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return load_sources(path.parent.parent)["things"]


def arrived(month: str, path: Path = Path("none.parquet")) -> Arrived:
    return Arrived("things", f"{month}.csv", month, 1, 1, 0, {}, path, 1, month)


@pytest.mark.parametrize(
    ("unit", "months", "missing"),
    [
        ("m", ["2026-07", "2026-09"], ["2026-08"]),
        ("m", ["2026-07", "2026-08"], ["2026-09"]),  # October is not due before mid-November
        ("m", ["2026-08", "2026-09"], []),
        ("d", ["2026-08", "2026-09"], []),
        ("y", ["2026-01", "2026-02"], []),
        ("y", ["2025-12", "2026-02"], ["2026-01"]),
    ],
)
def test_a_month_between_others_and_one_the_cadence_promised_are_missed(
    tmp_path: Path, unit: str, months: list[str], missing: list[str]
) -> None:
    at = datetime(2026, 10, 1, 3, tzinfo=UTC) if unit == "d" else AT
    found = missing_months(contract(tmp_path, unit), [arrived(month) for month in months], at)
    assert [item.subject for item in found] == missing


def month_file(folder: Path, month: str, change: int) -> Arrived:
    path = folder / f"{month}.parquet"
    duckdb.sql(
        f"copy (select lpad(i::varchar, 5, '0') as code, date '{month}-15' as day,"
        f" (i * 1000 + {change})::decimal(20,2) as amount from range(1, 11) t(i))"
        f" to '{path}' (format parquet)"
    )
    return arrived(month, path)


@pytest.mark.parametrize(
    ("against", "repeats", "text"),
    [("last_year", "2025-10", "a year earlier"), ("previous", "2026-09", "1 month(s) earlier")],
)
def test_a_month_that_repeats_another_months_file_to_the_digit_is_found(
    tmp_path: Path, against: str, repeats: str, text: str
) -> None:
    rule = {"column": "day", "measures": ["amount"], "period": "month", "against": against}
    table = contract(tmp_path, arrival={"repeated_values": rule}).tables[0]
    others = [
        month_file(tmp_path, month, 4 if month == repeats else 7)
        for month in ("2025-10", "2026-08", "2026-09")
    ]
    same = month_file(tmp_path, "2026-10", 4)
    [found] = repeated_values(table, same, None, [*others, same])
    assert found.subject == "amount 2026-10-01"
    assert found.observed.startswith("10 of 10 values of amount") and text in found.observed
    other = month_file(tmp_path, "2026-10", 5)
    assert list(repeated_values(table, other, None, [*others, other])) == []


def test_a_band_is_as_wide_as_its_history_and_never_narrower_than_its_floor() -> None:
    assert band([100, 100, 100], 0.3) == (70, 100, 130)
    low, middle, high = band([50, 100, 150, 200, 250], 0.1)
    assert (low, middle) == (0, 150) and high > 400
