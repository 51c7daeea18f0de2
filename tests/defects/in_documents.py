"""Defects of records in JSON and of rows in worksheets: a bundled list, sent in another form."""

import csv
import json
from typing import Any

import openpyxl

from tests.defects.model import QUARANTINED
from tests.defects.sources import SourceBench, on_source

LAYOUT = {
    "name": "it-budget",
    "sheet": "Chi",
    "header": {"anchor": "line_id", "levels": ["1"]},
    "rows": [{"class": "data", "where": {"A": "[a-z].*"}}],
}


def _rows(bench: SourceBench) -> list[dict[str, str]]:
    with (bench.samples / "it_budget.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _declare(bench: SourceBench, form: str, **properties: Any) -> None:
    """Say in the contract that the list comes in another form."""

    def change(contract: dict[str, Any]) -> None:
        contract["servers"][0]["format"] = form
        table = contract["schema"][0]
        said = {"resource": f"it_budget.{form}", **properties}
        table["customProperties"] = [
            item
            for item in table["customProperties"]
            if item["property"] not in ("resource", "csv")
        ] + [{"property": name, "value": value} for name, value in said.items()]

    bench.declare(change)


def _as_json(bench: SourceBench) -> None:
    records = [{name: value or None for name, value in row.items()} for row in _rows(bench)]
    (bench.samples / "it_budget.json").write_text(json.dumps(records), encoding="utf-8")
    _declare(bench, "json")


def _record(bench: SourceBench) -> None:
    path = bench.samples / "it_budget.json"
    records = json.loads(path.read_text(encoding="utf-8"))
    records[0]["item"] = [records[0]["item"], "investment"]
    path.write_text(json.dumps(records), encoding="utf-8")


def _as_sheet(bench: SourceBench) -> None:
    rows = _rows(bench)
    book = openpyxl.Workbook()
    book.active.title = "Chi"
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append([value or None for value in row.values()])
    book.save(bench.samples / "it_budget.xlsx")
    _declare(bench, "xlsx", layouts=[LAYOUT])


def _row(bench: SourceBench) -> None:
    path = bench.samples / "it_budget.xlsx"
    book = openpyxl.load_workbook(path)
    book.active.append(["?", "Tây Ninh", "713/QĐ-UBND", None, "data"])
    book.save(path)


on_source(
    "a-record-holds-a-list-where-a-code-stands",
    "landing",
    "it-budget",
    "landing.record",
    QUARANTINED,
    "Một bản ghi JSON có danh sách ở chỗ phải là một mã",
    "One JSON record holds a list where a code must stand",
    _record,
    before=_as_json,
)
on_source(
    "a-row-of-a-worksheet-fits-no-class",
    "landing",
    "it-budget",
    "landing.layout",
    QUARANTINED,
    "Một dòng của bảng tính không thuộc lớp nào đã khai báo",
    "A row of a worksheet fits none of the declared classes",
    _row,
    before=_as_sheet,
)
