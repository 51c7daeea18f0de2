"""Bytes → rows of text: one relation of VARCHAR columns, named as the contract names them.

Nothing is typed, dropped or repaired here. A reader fails as a whole, with a message that names the
file, when a header does not fit the contract; a line that cannot be split is handed on as a reject.
"""

import csv
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contracts import Column, SourceContract, Table
from pipelines.duck import identifier, literal

_LOOK_ALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "\u00a0": " ", "\u202f": " "})


class ReadError(Exception):
    """A file cannot be read as its contract says; nothing of it was landed."""


@dataclass(frozen=True)
class Incoming:
    """How to read a file's rows in SQL.

    `relation` is SQL that yields one VARCHAR column per contract column, in file order.
    `first_row` is the row number of its first record, header rows counted as a spreadsheet shows
    them. `rejects` names a table of (row, original, error) with lines that could not be split.
    """

    relation: str
    first_row: int
    rejects: str | None


def _match(headings: list[str], table: Table, what: str) -> list[Column]:
    """The contract column of each heading, in file order.

    Raises:
        ReadError: a column is missing, unknown or there twice.
    """
    cleaned = [_heading(text) for text in headings]
    by_header = {column.header: column for column in table.columns}
    missing = [name for name in by_header if name not in cleaned]
    unknown = [name or "(blank)" for name in cleaned if name not in by_header]
    twice = sorted({name for name in cleaned if cleaned.count(name) > 1})
    if missing or unknown or twice:
        parts = [
            f"{label}: {', '.join(names)}"
            for label, names in (
                ("missing columns", missing),
                ("columns the contract does not know", unknown),
                ("columns that occur twice", twice),
            )
            if names
        ]
        raise ReadError(
            f"{what}: the header does not fit table {table.name}; {'; '.join(parts)}."
            " Ask the sender for the agreed layout, or change `physicalName` or the columns"
            " in the contract"
        )
    return [by_header[name] for name in cleaned]


def _heading(text: str) -> str:
    composed = unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)
    return " ".join(composed.split())


def read_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, table: Table, what: str
) -> Incoming:
    """A delimited text file with one header line; dialect from the table's `csv` property."""
    dialect = table.properties.get("csv") or {}
    delimiter = str(dialect.get("delimiter", ","))
    encoding = str(dialect.get("encoding", "utf-8"))
    try:
        with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding) as file:
            headings = next(csv.reader(file, delimiter=delimiter), [])
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{what}: byte {error.start} is not {encoding}; save the file as UTF-8, or declare its"
            " encoding in the contract"
        ) from error
    columns = _match(headings, table, what)
    layout = ", ".join(f"{literal(column.name)}: 'VARCHAR'" for column in columns)
    relation = (
        f"(select * from read_csv({literal(str(path))}, auto_detect = false, header = true,"
        f" delim = {literal(delimiter)}, quote = '\"', escape = '\"',"
        f" columns = {{{layout}}}, encoding = {literal(encoding)}, null_padding = false,"
        " strict_mode = true, max_line_size = 16777216, store_rejects = true,"
        " rejects_table = 'reject_errors', rejects_scan = 'reject_scans', rejects_limit = 0))"
    )
    return Incoming(relation, 2, "reject_errors")


def read_sheet(
    connection: duckdb.DuckDBPyConnection, path: Path, table: Table, what: str
) -> Incoming:
    """One worksheet of an xlsx, xls or ods workbook; layout from the table's `sheet` property.

    Cells are kept as text: a whole number written by the spreadsheet as 12.0 is the text `12`.
    """
    import pyarrow as pa
    from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

    layout = table.properties.get("sheet") or {}
    header_row = int(layout.get("headerRow", 1))
    try:
        workbook = CalamineWorkbook.from_path(path)
        name = str(layout.get("name") or workbook.sheet_names[0])
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except WorksheetNotFound as error:
        raise ReadError(
            f"{what}: there is no sheet {layout.get('name')!r}; it has"
            f" {', '.join(workbook.sheet_names)}. Correct `sheet` in the contract"
        ) from error
    except CalamineError as error:
        raise ReadError(f"{what}: not a readable workbook: {error}") from error
    if len(rows) < header_row:
        raise ReadError(f"{what}: sheet {name!r} ends before its header row {header_row}")
    columns = _match([str(cell) for cell in rows[header_row - 1]], table, what)
    body = rows[header_row:]
    arrays = [
        pa.array([_cell(row[index]) for row in body], pa.string()) for index in range(len(columns))
    ]
    connection.register("sheet_rows", pa.table(arrays, names=[column.name for column in columns]))
    named = ", ".join(identifier(column.name) for column in columns)
    return Incoming(f"(select {named} from sheet_rows)", header_row + 1, None)


def _cell(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


_READERS = {"csv": read_csv, "xlsx": read_sheet, "xls": read_sheet, "ods": read_sheet}


def open_rows(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    contract: SourceContract,
    table: Table,
    resource: str,
) -> Incoming:
    """Prepare `path` for reading as its contract's format says.

    Raises:
        ReadError: the format is not one of ours, or the file does not fit the contract.
    """
    form = str(table.properties.get("format") or contract.server.get("format", ""))
    reader = _READERS.get(form)
    what = f"source {contract.name}, file {resource}"
    if reader is None:
        raise ReadError(
            f"{what}: format {form!r} is not one of {', '.join(_READERS)}; see {contract.path}"
        )
    return reader(connection, path, table, what)
