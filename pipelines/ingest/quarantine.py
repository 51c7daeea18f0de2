"""Quarantined rows for the people who work on them: counted by reason, shown, sent to the owner.

Read from the quarantine files of what is landed now. A personal column is masked unless somebody
asks for it by name; what is written for the owner of the data is readable by its writer only.
"""

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts import Column, SourceContract, Table
from pipelines.duck import connect, literal, literals
from pipelines.ingest.casting import RULES
from pipelines.ingest.landed import Landing, current
from pipelines.settings import Home

MASK = "•••"
_REMEDY = {
    "required": "Điền giá trị còn thiếu.",
    "type": "Viết lại đúng kiểu và định dạng đã thống nhất.",
    "enum": "Dùng một mã có trong danh mục.",
    "pattern": "Viết lại đúng mẫu.",
    "range": "Kiểm tra lại con số.",
    "length": "Kiểm tra lại độ dài.",
    "duplicate": "Bỏ dòng lặp.",
    "conflict": "Giữ lại một dòng đúng cho mỗi khóa.",
    "columns": "Sửa dấu phân cách hoặc dấu ngoặc kép của dòng.",
    "unit": "Ghi đơn vị tính theo danh mục.",
    "period": "Ghi kỳ báo cáo rõ ràng, ví dụ 07/2024.",
}


@dataclass(frozen=True)
class Group:
    """Rows of one table that break one rule of one column."""

    source: str
    table: str
    column: str
    rule: str
    rows: int
    files: int

    @property
    def reason(self) -> str:
        """How the reason is written in the quarantine: `column: rule`."""
        return f"{self.column}: {self.rule}"

    @property
    def meaning(self) -> tuple[str, str]:
        """What the rule means, in Vietnamese and in English."""
        return RULES.get(self.rule, (self.rule, self.rule))


@dataclass(frozen=True)
class Row:
    """One quarantined row and one reason: where it is, what the cell said, what is wrong."""

    table: str
    file: str
    number: int
    column: str
    header: str
    value: str | None
    rule: str


def groups(contract: SourceContract, home: Home) -> list[Group]:
    """The reasons of a source's quarantined rows, most rows first."""
    landed = current(home, contract.name)
    found: list[Group] = []
    for table in contract.tables:
        counts: dict[str, tuple[int, int]] = {}
        for file in landed.files if landed else ():
            if file.table == table.name:
                for reason, rows in file.reasons.items():
                    before = counts.get(reason, (0, 0))
                    counts[reason] = (before[0] + rows, before[1] + 1)
        for reason, (rows, files) in counts.items():
            column, _, rule = reason.partition(": ")
            found.append(Group(contract.name, table.name, column, rule, rows, files))
    return sorted(found, key=lambda item: (-item.rows, item.table, item.reason))


def rows(
    contract: SourceContract,
    home: Home,
    *,
    reason: str | None = None,
    personal: bool = False,
    limit: int | None = None,
) -> Iterator[Row]:
    """Quarantined rows in file order, one for each reason; values as received.

    A personal value is masked unless `personal`; one whose raw bytes were purged is None.
    """
    landed = current(home, contract.name)
    tables = {table.name: table for table in contract.tables}
    paths = _paths(landed, home, contract.name)
    if not paths:
        return
    where = "" if reason is None else f"where reason = {literal(reason)}"
    with connect() as connection:
        result = connection.execute(
            f"""
            select _table, _resource, _row, reason, _original::varchar
            from (select *, unnest(_reasons) as reason from read_parquet({literals(paths)}))
            {where} order by _table, _resource, _row, reason
            {"" if limit is None else f"limit {limit}"}
            """
        )
        while batch := result.fetchmany(1000):
            for table, file, number, broken, original in batch:
                yield _row(tables[table], file, number, broken, original, personal)


def _paths(landed: Landing | None, home: Home, source: str) -> list[str]:
    files = [file for file in landed.files if file.quarantined] if landed else []
    paths = (home.quarantine / source / file.file for file in files)
    return [str(path) for path in paths if path.exists()]


def _row(
    table: Table, file: str, number: int, broken: str, original: str | None, personal: bool
) -> Row:
    name, _, rule = broken.partition(": ")
    column = next((item for item in table.columns if item.name == name), None)
    said: dict[str, Any] = json.loads(original) if original else {}
    header = column.header if column else "(cả dòng)"
    return Row(table.name, file, number, name, header, _value(table, column, said, personal), rule)


def _value(table: Table, column: Column | None, said: dict[str, Any], personal: bool) -> str | None:
    if not said:
        return None
    if column is None:  # a whole line may hold any of the table's columns
        hidden = not personal and any(item.personal for item in table.columns)
        return MASK if hidden else json.dumps(said, ensure_ascii=False)
    if column.personal and not personal:
        return MASK
    value = said.get(column.header)
    return None if value is None else str(value)


def export(
    contract: SourceContract,
    home: Home,
    path: Path,
    *,
    reason: str | None = None,
    personal: bool = False,
) -> int:
    """Write the rows for the department that owns the data; returns how many.

    A CSV that Vietnamese Excel opens as it is: UTF-8 with a byte-order mark, `;` between columns.
    The file is readable by its writer only, and never overwrites another.
    """
    headings = (
        *("Tệp", "Dòng", "Cột", "Giá trị nhận được", "Sai ở đâu", "Cách sửa"),
        "What is wrong",
    )
    count = 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(headings)
        for row in rows(contract, home, reason=reason, personal=personal):
            vi, en = RULES.get(row.rule, (row.rule, row.rule))
            remedy = _REMEDY.get(row.rule, "Kiểm tra lại dòng này.")
            writer.writerow([row.file, row.number, row.header, _as_text(row.value), vi, remedy, en])
            count += 1
    return count


def _as_text(value: str | None) -> str:
    """A value that a spreadsheet shows and never runs as a formula."""
    text = value or ""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
