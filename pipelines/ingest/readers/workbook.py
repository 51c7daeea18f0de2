"""Worksheets of xlsx, xls and ods workbooks: open the sheet, find the layout that fits it.

How a grid is read by a layout is `grid`. Hidden rows, columns and sheets are read like others;
of a formula its last stored value.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.contracts import Table
from pipelines.contracts.layout import Layout, LayoutError, layouts_of
from pipelines.duck import identifier
from pipelines.ingest.readers.base import HeaderError, Incoming, ReadError
from pipelines.ingest.readers.fonts import read_old_text
from pipelines.ingest.readers.formula_errors import error_cells
from pipelines.ingest.readers.grid import Grid, Rows, read_grid, spread

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

NUMBER = "_sheet_row"


def read_sheet(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], table: Table, what: str
) -> Incoming:
    """One worksheet, by the first of the table's layouts that it fits.

    Raises:
        ReadError: it is no workbook, or fits no layout; the message says what differs.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    [path] = paths
    try:
        layouts = layouts_of(table)
    except LayoutError as error:
        raise ReadError(f"{what}: {error}") from error
    try:
        workbook = CalamineWorkbook.from_path(path)
        rows = _first_fit(workbook, path, layouts, table, what)
    except CalamineError as error:
        raise ReadError(f"{what}: not a readable workbook: {error}") from error
    return _register(connection, rows)


def _first_fit(
    workbook: "CalamineWorkbook", path: Path, layouts: Sequence[Layout], table: Table, what: str
) -> Rows:
    refusals: list[tuple[Layout, ReadError]] = []
    for layout in layouts:
        try:
            sheet = _sheet_name(workbook, layout, what)
            grid = read_old_text(_grid(workbook, path, sheet, what), path, table, what)
            return read_grid(grid, layout, table, sheet, what)
        except ReadError as error:
            refusals.append((layout, error))
    if len(refusals) == 1:
        raise refusals[0][1]
    nearest = min(refusals, key=lambda item: _distance(item[1]))
    raise ReadError(
        f"{what}: the workbook fits none of the layouts"
        f" {', '.join(layout.name for layout, _ in refusals)}; nearest is {nearest[0].name}:"
        f" {str(nearest[1]).removeprefix(what + ': ')}"
    ) from nearest[1]


class _NoSheet(ReadError):
    """The workbook has no sheet of the name a layout gives."""


def _distance(error: ReadError) -> tuple[int, int]:
    """How far a workbook is from a layout: no sheet, no header to compare, headings that differ."""
    if isinstance(error, HeaderError):
        return 0, len(error.findings)
    return (2, 0) if isinstance(error, _NoSheet) else (1, 0)


def _sheet_name(workbook: "CalamineWorkbook", layout: Layout, what: str) -> str:
    names = workbook.sheet_names
    if not names:
        raise _NoSheet(f"{what}: the workbook has no sheet")
    if layout.sheet is None:
        return names[0]
    if layout.sheet not in names:
        raise _NoSheet(
            f"{what}: there is no sheet {layout.sheet!r}; it has {', '.join(names)}."
            " Correct `sheet` in the contract"
        )
    return layout.sheet


def _grid(workbook: "CalamineWorkbook", path: Path, name: str, what: str) -> Grid:
    sheet = workbook.get_sheet_by_name(name)
    grid: Grid = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), error in error_cells(path, name, what).items():
        if row < len(grid) and column < len(grid[row]):
            grid[row][column] = error
    return spread(grid, sheet.merged_cell_ranges or [])


def _register(connection: duckdb.DuckDBPyConnection, rows: Rows) -> Incoming:
    import pyarrow as pa

    text = pa.string()
    arrays = {name: pa.array(values, text) for name, values in rows.columns.items()}
    connection.register(
        "sheet_rows", pa.table({**arrays, NUMBER: pa.array(rows.numbers, pa.int64())})
    )
    rejects = pa.table(
        {
            "line": pa.array([number for number, _, _ in rows.refused], pa.int64()),
            "csv_line": pa.array(
                [" | ".join(cell or "" for cell in cells) for _, cells, _ in rows.refused], text
            ),
            "error_type": pa.array([problem for _, _, problem in rows.refused], text),
        }
    )
    connection.register("sheet_rejects", rejects)
    virtual = [name for name in rows.columns if name not in rows.headings.named()]
    selected = ", ".join([rows.headings.select(), *map(identifier, virtual), NUMBER])
    return Incoming(
        f"(select {selected} from sheet_rows)",
        1,
        "sheet_rejects",
        layout=rows.layout,
        numbers=NUMBER,
        reject_rule="layout",
        notices=rows.headings.notices,
    )
