"""Worksheets of xlsx, xls and ods workbooks."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.contracts import Table
from pipelines.ingest.readers.base import Incoming, ReadError
from pipelines.ingest.readers.header import SAMPLE, match


def read_sheet(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], table: Table, what: str
) -> Incoming:
    """One worksheet of an xlsx, xls or ods workbook; layout from the table's `sheet` property.

    Cells are kept as text: a whole number written by the spreadsheet as 12.0 is the text `12`.
    """
    import pyarrow as pa
    from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

    [path] = paths
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
    body = rows[header_row:]
    sample = [[_cell(cell) for cell in row] for row in body[:SAMPLE]]
    matched = match([str(cell) for cell in rows[header_row - 1]], table, what, sample)
    names = matched.named()
    arrays = [
        pa.array([_cell(row[index]) for row in body], pa.string()) for index in range(len(names))
    ]
    connection.register("sheet_rows", pa.table(arrays, names=names))
    relation = f"(select {matched.select()} from sheet_rows)"
    return Incoming(relation, header_row + 1, None, notices=matched.notices)


def _cell(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
