"""Text in the fonts of the 1990s inside workbooks: cells whose letters only such a font can show.

What the letters mean is `vietnamese.encodings`. A declaration decides; fonts and letters propose,
and a sheet that reads badly is refused rather than landed.
"""

import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

from pipelines.contracts import Table
from pipelines.ingest.readers.base import ReadError
from pipelines.ingest.readers.formula_errors import Silence
from pipelines.ingest.readers.grid import Grid
from pipelines.vietnamese.encodings import decode_cell, plausible, propose, propose_for_fonts

DECLARABLE = ("tcvn3", "tcvn3-upper")
_SURE = 0.8  # text in which as many marked words are syllables is what it shows
_LAST_LATIN = "\xff"
_XLSX_FONT = re.compile(rb'<(?:\w+:)?(?:name|rFont)\b[^>]*\bval="([^"]*)"')
_ODS_FONT = re.compile(rb'(?:fo:font-family|style:font-name|svg:font-family)="([^"]*)"')


def read_old_text(grid: Grid, path: Path, table: Table, what: str) -> Grid:
    """The grid with cells of a declared old encoding in Unicode; `utf-8` declares that it is.

    Raises:
        ReadError: nothing is declared, and the text is not Vietnamese as it stands but may be in an
            old encoding; the message proposes one.
    """
    declared = table.properties.get("encoding")
    if declared in DECLARABLE:
        upper = declared == "tcvn3-upper"
        return [
            [decode_cell(cell, upper=upper) if isinstance(cell, str) else cell for cell in row]
            for row in grid
        ]
    if declared is not None:
        return grid  # it is said to be Unicode
    latin = [
        cell
        for row in grid
        for cell in row
        if isinstance(cell, str) and not cell.isascii() and max(cell) <= _LAST_LATIN
    ]
    share = plausible("\n".join(latin))
    if share is None or share >= _SURE:
        return grid
    proposal = propose_for_fonts(fonts_of(path, what))
    if proposal is None:
        proposal = propose("\n".join(latin).encode("latin-1"))
        if proposal.encoding not in DECLARABLE and "VNI" not in proposal.evidence:
            return grid
    advice = (
        f"look at the text and declare `encoding: {proposal.encoding}` in the contract, or `utf-8`"
        " if the cells are right as they are"
        if proposal.encoding
        else "ask the sender for a workbook in Unicode"
    )
    raise ReadError(
        f"{what}: only {share:.0%} of its words with marks are Vietnamese as they stand;"
        f" {proposal}. {advice}"
    )


def fonts_of(path: Path, what: str) -> list[str]:
    """Names of the fonts a workbook lists, in its own order. `what` names the file in messages.

    Raises:
        ReadError: the file cannot be looked through.
    """
    try:
        if zipfile.is_zipfile(path):
            return _of_archive(path)
        import xlrd

        book: Any = xlrd.open_workbook(str(path), formatting_info=True, logfile=Silence())
        return [str(font.name) for font in book.font_list]
    except Exception as error:  # of a damaged file the libraries raise whatever they stumble over
        raise ReadError(
            f"{what}: not a readable workbook: {type(error).__name__}: {error}"
        ) from error


def _of_archive(path: Path) -> list[str]:
    found: list[str] = []
    with zipfile.ZipFile(path) as parts:
        for name in sorted(parts.namelist()):
            if name in ("xl/styles.xml", "xl/sharedStrings.xml"):
                found += [text.decode() for text in _XLSX_FONT.findall(parts.read(name))]
            elif name in ("content.xml", "styles.xml"):
                found += [text.decode() for text in _ODS_FONT.findall(parts.read(name))]
    return [unescape(text).strip("'\"") for text in dict.fromkeys(found)]
