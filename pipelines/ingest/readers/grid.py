"""A worksheet's grid of cells, read by a declared layout.

What a layout may say is `contracts.layout`; opening workbooks is `workbook`. Here are the three
ideas at work: heading paths from header rows, merged values over their whole span, and the class of
each row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal

from pipelines.contracts import Column, Table
from pipelines.contracts.layout import IN_TABLE, Layout, column_letters
from pipelines.ingest.readers.base import ReadError
from pipelines.ingest.readers.header import SAMPLE, Headings, heading, match

Cell = object  # what calamine gives: str, float, int, bool, date, datetime, time, timedelta
Grid = list[list[Cell]]
Span = tuple[tuple[int, int], tuple[int, int]]

_ERROR = re.compile(r"#(REF!|N/A|DIV/0!|VALUE!|NAME\?|NULL!|NUM!|GETTING_DATA|SPILL!|CALC!)")


@dataclass(frozen=True)
class Rows:
    """The rows of a worksheet that belong to its table, as text by the contract's columns.

    `numbers` are their row numbers as the spreadsheet shows them. `refused` are rows nothing can be
    said about: (row number, cells, reason). `layout` counts the other rows by class.
    """

    headings: Headings
    columns: Mapping[str, list[str | None]]
    numbers: list[int]
    refused: list[tuple[int, list[str | None], str]]
    layout: Mapping[str, int] = field(default_factory=dict)


def spread(grid: Grid, spans: Sequence[Span]) -> Grid:
    """The grid with the value of every merged range in all of its cells."""
    for (top, left), (bottom, right) in spans:
        if top >= len(grid) or left >= len(grid[top]):
            continue
        value = grid[top][left]
        for row in grid[top : bottom + 1]:
            for index in range(left, min(right + 1, len(row))):
                row[index] = value
    return grid


def _cell(row: Sequence[Cell], index: int) -> Cell:
    return row[index] if index < len(row) else None


def plain(cell: Cell) -> str:
    """A cell as the cleaned text that rules and headings are compared with."""
    return heading(_text(cell) or "")


def _text(cell: Cell) -> str | None:
    """A cell's exact text: a whole number without a fraction, others with their shortest digits."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def _landed_text(cell: Cell, column: Column | None) -> str | None:
    """A cell's text for its column: a true date is written in the form the column is read in."""
    form = column.properties.get("dateFormat") if column is not None else None
    if form and isinstance(cell, date):
        return cell.strftime(str(form))
    return _text(cell)


def _is_code(column: Column) -> bool:
    """True for text that names something: a number in its place may have lost digits."""
    return column.type == "VARCHAR" and bool(
        column.key_position or column.enum or column.options.get("pattern")
    )


def _header_start(grid: Grid, layout: Layout, what: str) -> int:
    """How many rows stand before the row that `levels` count as their first."""
    if layout.anchor is None:
        return 0
    wanted = heading(layout.anchor)
    for index, row in enumerate(grid):
        if any(plain(cell) == wanted for cell in row):
            return index
    raise ReadError(f"{what}: no row has the heading {layout.anchor!r}")


def heading_paths(grid: Grid, layout: Layout, start: int) -> list[str]:
    """One heading per column: the texts of a level joined by a blank, levels joined by ` / `.

    A text that merged cells repeat from one row to the next stands once.
    """
    width = max((len(row) for row in grid), default=0)
    paths: list[str] = []
    for index in range(width):
        parts: list[str] = []
        before = ""
        for first, last in layout.levels:
            texts: list[str] = []
            for row in grid[start + first - 1 : start + last]:
                text = plain(_cell(row, index))
                if text and text != before:
                    texts.append(text)
                before = text or before
            if texts:
                parts.append(" ".join(texts))
        paths.append(" / ".join(parts))
    while paths and not paths[-1]:
        paths.pop()
    return paths


def _captured(grid: Grid, layout: Layout, what: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for capture in layout.captures:
        first, last = capture.rows
        texts = (plain(cell) for row in grid[first - 1 : last] for cell in row)
        matches = (capture.pattern.search(text) for text in texts if text)
        value = next((str(match[1]) for match in matches if match), None)
        if value is None:
            raise ReadError(
                f"{what}: nothing in rows {first} to {last} matches {capture.pattern.pattern!r},"
                f" which gives @{capture.name}"
            )
        found[f"@{capture.name}"] = value
    return found


def _class_of(row: Sequence[Cell], layout: Layout) -> str | None:
    if not any(plain(cell) for cell in row):
        return "blank"
    if not layout.rules:
        return "data"
    for rule in layout.rules:
        texts = {index: plain(_cell(row, index)) for index in rule.where}
        if all(pattern.fullmatch(texts[index]) for index, pattern in rule.where.items()):
            return rule.name
    return None


class _Outline:
    """Follows outline markers (A, I, 1, 1.1, -) down the rows of a form."""

    def __init__(self, layout: Layout) -> None:
        self.spec = layout.outline
        self.path: list[tuple[int, str]] = []  # (level, marker) from the top down
        self.counts: dict[str, int] = {}

    def place(self, row: Sequence[Cell]) -> tuple[str | None, str | None]:
        """(path of the row, path of its parent), such as (`A.I.1`, `A.I`)."""
        if self.spec is None:
            return None, None
        column, levels = self.spec
        marker = plain(_cell(row, column))
        level = self._level(marker, levels)
        if level is None:
            return None, None
        above = [item for item in self.path if item[0] < level]
        parent = ".".join(own for _, own in above)
        if marker in _DASHES:  # told apart by their order under one parent
            self.counts[parent] = self.counts.get(parent, 0) + 1
            marker = f"{marker}{self.counts[parent]}"
        self.path = [*above, (level, marker)]
        return ".".join(own for _, own in self.path), parent or None

    def _level(self, marker: str, levels: Sequence[re.Pattern[str]]) -> int | None:
        """The level of a marker: where it follows its neighbour, or begins below the last row.

        A lone I may be the letter after H or the numeral one; where both would do, or none and
        several patterns fit, nothing is said.
        """
        fitting = [level for level, pattern in enumerate(levels) if pattern.fullmatch(marker)]
        last = self.path[-1][0] if self.path else -1
        neighbours = dict(self.path)
        natural = [
            level
            for level in fitting
            if (level in neighbours and follows(neighbours[level], marker))
            or (level > last and 1 in ordinals(marker).values())
        ]
        chosen = natural or fitting
        return chosen[0] if len(chosen) == 1 else None


_DASHES = ("", "-", "+", "–")
_ROMAN = re.compile(r"(X{0,3})(IX|IV|V?I{0,3})")
_UNITS = {"": 0, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9}
_LETTERS = "ABCDĐEGHIKLMNOPQRSTUVXY"  # as Vietnamese lists are lettered


def ordinals(marker: str) -> dict[str, int]:
    """Which number an outline marker is, under each way of counting it may belong to."""
    found: dict[str, int] = {}
    text = marker.strip("().")
    if roman := _ROMAN.fullmatch(text.upper()) if text else None:
        found["roman"] = 10 * len(roman[1]) + _UNITS[roman[2]]
    if len(text) == 1 and text.upper() in _LETTERS:
        found["letter"] = _LETTERS.index(text.upper()) + 1
    if (last := text.rpartition(".")[2]).isdecimal():
        found["number"] = int(last)
    if text in _DASHES:
        found["dash"] = 1
    return found


def follows(before: str, marker: str) -> bool:
    """True where `marker` is the next one after `before` in some way of counting."""
    own = ordinals(marker)
    if "dash" in own:  # dashes carry their order, which is no part of what is written
        return before.rstrip("0123456789") == marker
    return any(own.get(kind) == number + 1 for kind, number in ordinals(before).items())


def read_grid(grid: Grid, layout: Layout, table: Table, sheet: str, what: str) -> Rows:
    """The rows of `grid` that `layout` finds in it. Merged values must have been spread.

    Raises:
        ReadError: the header does not fit, a capture is not found, or the sheet ends too early.
    """
    start = _header_start(grid, layout, what)
    body_from = start + layout.last_header_row
    if len(grid) < body_from:
        raise ReadError(f"{what}: sheet {sheet!r} ends before its header row {body_from}")
    captured = _captured(grid, layout, what)
    expected = _expected(table, layout)
    body = grid[body_from:]
    paths = {
        index: path
        for index, path in enumerate(heading_paths(grid, layout, start))
        if index not in layout.skip
    }
    sample = [[_text(row[index]) for index in paths if index < len(row)] for row in body[:SAMPLE]]
    headings = match(list(paths.values()), expected, what, sample)
    places = dict(zip(paths, headings.columns, strict=True))
    rows, numbers, refused, classes = _classify(body, body_from, layout, places)
    columns: dict[str, list[str | None]] = {
        name: [_landed_text(_cell(row, index), column) for row, _, _ in rows]
        for name, (index, column) in zip(headings.named(), places.items(), strict=True)
    }
    fixed = {**captured, "@sheet": sheet}
    for column in table.columns:
        if column.name not in columns and column not in headings.absent:
            columns[column.name] = [
                extra.get(column.header, fixed.get(column.header)) for _, _, extra in rows
            ]
    return Rows(headings, columns, numbers, refused, classes)


def _expected(table: Table, layout: Layout) -> Table:
    """The columns a sheet of this layout has, under the headings it gives them."""
    real = [column for column in table.columns if not column.header.startswith("@")]
    if layout.columns:
        by_name = {name: heading(text) for text, name in layout.columns.items()}
        real = [
            replace(column, header=by_name[column.name])
            for column in real
            if column.name in by_name
        ]
    return replace(table, columns=tuple(real))


_Found = tuple[Sequence[Cell], str, dict[str, str | None]]


def _classify(
    body: Grid,
    before: int,
    layout: Layout,
    places: Mapping[int, Column | None],
) -> tuple[list[_Found], list[int], list[tuple[int, list[str | None], str]], dict[str, int]]:
    rows: list[_Found] = []
    numbers: list[int] = []
    refused: list[tuple[int, list[str | None], str]] = []
    classes: dict[str, int] = {}
    group: str | None = None
    outline = _Outline(layout)
    for index, row in enumerate(body):
        number = before + index + 1
        kind = _class_of(row, layout)
        if kind is not None and kind not in IN_TABLE:
            classes[kind] = classes.get(kind, 0) + 1
            continue
        problem = "fits no row class" if kind is None else _bad_cell(row, number, layout, places)
        if problem is not None or kind is None:
            refused.append((number, [_text(cell) for cell in row], problem or ""))
            continue
        if layout.group and kind == layout.group[0]:
            group = plain(row[layout.group[1]])
        path, parent = outline.place(row)
        extra = {
            "@row_class": kind,
            "@group": group if layout.group and kind != layout.group[0] else None,
            "@outline": path,
            "@parent": parent,
        }
        rows.append((row, kind, extra))
        numbers.append(number)
    return rows, numbers, refused, classes


def _bad_cell(
    row: Sequence[Cell], number: int, layout: Layout, places: Mapping[int, Column | None]
) -> str | None:
    """What no text can stand for: a formula's error, a code that was stored as a number, a value
    where the layout has none.
    """
    for index in sorted(layout.skip):
        if plain(_cell(row, index)):
            return f"cell {column_letters(index)}{number} holds a value in a column to skip"
    for index, column in places.items():
        cell = _cell(row, index)
        if column is None:
            continue
        if isinstance(cell, str) and _ERROR.fullmatch(cell):
            return f"cell {column_letters(index)}{number} holds the error {cell}"
        if isinstance(cell, float) and not cell.is_integer() and _is_code(column):
            return (
                f"cell {column_letters(index)}{number} holds the number {cell} where"
                f" {column.header!r} is a code, which must be text"
            )
    return None
