"""Cells that hold a formula's error, such as #REF!.

The workbook reader gives them as blanks, and a blank is a value nobody gave: another thing than one
that could not be computed. ods files are not looked at: spreadsheets write their errors as text.
"""

import re
import zipfile
from pathlib import Path
from typing import Any

from pipelines.contracts.layout import column_index
from pipelines.ingest.readers.base import ReadError

_SHEET = re.compile(rb"<sheet\b[^>]*>")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_CELL = re.compile(rb'<c\b[^>]*\br="([A-Z]+)(\d+)"[^>]*\bt="e"[^>]*>.*?<v>([^<]*)</v>', re.DOTALL)
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')


def error_cells(path: Path, sheet: str, what: str) -> dict[tuple[int, int], str]:
    """(row, column), both from 0, of each cell of `sheet` with an error, and the error. `what`
    names the file in messages.

    Raises:
        ReadError: the file cannot be looked through.
    """
    try:
        if zipfile.is_zipfile(path):
            return _of_xlsx(path, sheet)
        return _of_xls(path, sheet)
    except Exception as error:  # of a damaged file the libraries raise whatever they stumble over
        raise ReadError(
            f"{what}: not a readable workbook: {type(error).__name__}: {error}"
        ) from error


def _of_xlsx(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    from html import unescape

    with zipfile.ZipFile(path) as parts:
        if "xl/workbook.xml" not in parts.namelist():
            return {}
        ids = {
            unescape(facts.get(b"name", b"").decode()): facts.get(b"r:id", b"")
            for tag in _SHEET.findall(parts.read("xl/workbook.xml"))
            if (facts := dict(_ATTRIBUTE.findall(tag)))
        }
        targets = {
            facts.get(b"Id"): facts.get(b"Target", b"").decode()
            for tag in _RELATION.findall(parts.read("xl/_rels/workbook.xml.rels"))
            if (facts := dict(_ATTRIBUTE.findall(tag)))
        }
        target = targets.get(ids.get(sheet, b""), "")
        name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if name not in parts.namelist():
            return {}
        return {
            (int(row) - 1, column_index(letters.decode())): text.decode()
            for letters, row, text in _CELL.findall(parts.read(name))
        }


def _of_xls(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    import xlrd

    book: Any = xlrd.open_workbook(str(path), on_demand=True, logfile=Silence())
    cells = book.sheet_by_name(sheet)
    return {
        (row, column): str(xlrd.error_text_from_code.get(int(cell.value), "#ERROR"))
        for row in range(cells.nrows)
        for column, cell in enumerate(cells.row(row))
        if cell.ctype == xlrd.XL_CELL_ERROR
    }


class Silence:
    """Takes the library's remarks, which would stand in the middle of a run's output."""

    def write(self, _text: str) -> None:
        return None

    def flush(self) -> None:
        return None
