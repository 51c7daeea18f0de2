"""How a contract declares the layout of a worksheet: the properties `sheet` and `layouts`, parsed.

Three ideas: header rows, in levels, after a letterhead; merged cells, whose value belongs to their
whole span; row classes, kept apart by rules. How a grid is read by them is `ingest.readers.grid`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.contracts.model import Table

IN_TABLE = ("data", "subtotal", "total")
OUTSIDE = ("column_numbers", "note", "blank")
_KEYS = {
    *(
        "name",
        "sheet",
        "headerRow",
        "header",
        "columns",
        "captures",
        "rows",
        "group",
        "outline",
        "skip",
    ),
}
_SPAN = re.compile(r"(\d+)(?:-(\d+))?")
_LETTERS = re.compile(r"[A-Z]{1,3}")


class LayoutError(ValueError):
    """A layout is malformed; the message says where and what it should be."""


@dataclass(frozen=True)
class RowRule:
    """A row of class `name` is one whose cells match all of `where`: column index → pattern."""

    name: str
    where: Mapping[int, re.Pattern[str]]


@dataclass(frozen=True)
class Capture:
    """A value found in the letterhead: the first group of `pattern` in a cell of `rows`."""

    name: str
    pattern: re.Pattern[str]
    rows: tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """One layout. Rows are counted from 1, columns from 0.

    `levels` are spans of header rows: within one, texts below each other are one wrapped heading;
    from one to the next they are a path. With `anchor` they count from the row that has a cell of
    that text. `columns` maps headings to names of columns; empty: headings are those of the
    contract. `rules` empty: every row that is not blank is data. Columns of `skip` hold nothing.
    """

    name: str
    sheet: str | None
    levels: tuple[tuple[int, int], ...]
    anchor: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    captures: tuple[Capture, ...] = ()
    rules: tuple[RowRule, ...] = ()
    group: tuple[str, int] | None = None
    outline: tuple[int, tuple[re.Pattern[str], ...]] | None = None
    skip: frozenset[int] = frozenset()

    @property
    def last_header_row(self) -> int:
        """The last row of the header, counted from the anchor where there is one."""
        return max(last for _, last in self.levels)


def column_index(letters: str) -> int:
    """The place of a column named as spreadsheets do: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(index: int) -> str:
    """How a spreadsheet names the column at `index`, from 0."""
    text = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _span(value: object, where: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(str(value))
    if not found or int(found[1]) < 1 or int(found[2] or found[1]) < int(found[1]):
        raise LayoutError(f"{where}: {value!r} is no row or span of rows; write 6 or '6-10'")
    return int(found[1]), int(found[2] or found[1])


def _letter(value: object, where: str) -> int:
    if not _LETTERS.fullmatch(str(value)):
        raise LayoutError(f"{where}: {value!r} is no column; write its letter, such as B")
    return column_index(str(value))


def _pattern(value: object, where: str) -> re.Pattern[str]:
    try:
        return re.compile(str(value))
    except re.error as error:
        raise LayoutError(f"{where}: {value!r} is no regular expression: {error}") from error


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise LayoutError(f"{where} must be a mapping")
    return {str(key): item for key, item in value.items()}


def parse(said: Mapping[str, Any], name: str) -> Layout:
    """One layout as a contract writes it; see docs/how-to/spreadsheets.md.

    Raises:
        LayoutError: something is unknown or malformed.
    """
    said = {
        ("sheet" if key == "name" and "layouts" not in name else key): said[key] for key in said
    }
    if unknown := sorted(set(said) - _KEYS):
        raise LayoutError(
            f"{name}: unknown: {', '.join(unknown)}; known: {', '.join(sorted(_KEYS))}"
        )
    header = _mapping(
        said.get("header") or {"levels": [said.get("headerRow", 1)]}, f"{name}.header"
    )
    levels = header.get("levels")
    if not isinstance(levels, list) or not levels:
        raise LayoutError(f"{name}.header: levels must list rows, such as [6, '7-10']")
    rules: list[RowRule] = []
    for index, rule in enumerate(said.get("rows") or ()):
        where = f"{name}.rows[{index}]"
        parts = _mapping(rule, where)
        kind = str(parts.get("class"))
        if kind not in (*IN_TABLE, *OUTSIDE):
            raise LayoutError(f"{where}: class must be one of {', '.join((*IN_TABLE, *OUTSIDE))}")
        cells = _mapping(parts.get("where") or {}, f"{where}.where")
        if not cells:
            raise LayoutError(f"{where}: where must give a pattern for at least one column")
        rules.append(
            RowRule(kind, {_letter(key, where): _pattern(cells[key], where) for key in cells})
        )
    captures = tuple(
        _capture(key, value, f"{name}.captures.{key}")
        for key, value in _mapping(said.get("captures") or {}, f"{name}.captures").items()
    )
    group = said.get("group")
    outline = said.get("outline")
    return Layout(
        name=str(said.get("name") or name),
        sheet=str(said["sheet"]) if said.get("sheet") else None,
        levels=tuple(_span(level, f"{name}.header.levels") for level in levels),
        anchor=str(header["anchor"]) if header.get("anchor") else None,
        columns={
            key: str(value) for key, value in _mapping(said.get("columns") or {}, name).items()
        },
        captures=captures,
        rules=tuple(rules),
        group=None if group is None else _group(group, f"{name}.group"),
        outline=None if outline is None else _outline(outline, f"{name}.outline"),
        skip=frozenset(_letter(letter, f"{name}.skip") for letter in said.get("skip") or ()),
    )


def _capture(key: str, value: object, where: str) -> Capture:
    parts = _mapping(value, where)
    pattern = _pattern(parts.get("pattern", ""), where)
    if pattern.groups < 1:
        raise LayoutError(f"{where}: the pattern needs a group, which is the value")
    return Capture(key, pattern, _span(parts.get("rows", "1-20"), where))


def _group(value: object, where: str) -> tuple[str, int]:
    parts = _mapping(value, where)
    if parts.get("class") not in IN_TABLE:
        raise LayoutError(f"{where}: class must be one of {', '.join(IN_TABLE)}")
    return str(parts["class"]), _letter(parts.get("column"), where)


def _outline(value: object, where: str) -> tuple[int, tuple[re.Pattern[str], ...]]:
    parts = _mapping(value, where)
    levels = parts.get("levels")
    if not isinstance(levels, list) or not levels:
        raise LayoutError(f"{where}: levels must list a pattern for the marker of each level")
    return (
        _letter(parts.get("column"), where),
        tuple(_pattern(level, where) for level in levels),
    )


def layouts_of(table: Table) -> tuple[Layout, ...]:
    """The layouts a table declares, in order; one without any property: header in row 1.

    Raises:
        LayoutError: a layout is malformed.
    """
    several = table.properties.get("layouts")
    if several is None:
        return (parse(_mapping(table.properties.get("sheet") or {}, "sheet"), "sheet"),)
    if not isinstance(several, list) or not several:
        raise LayoutError("layouts must list layouts")
    return tuple(
        parse(_mapping(said, f"layouts[{index}]"), f"layouts[{index}]")
        for index, said in enumerate(several)
    )


def problems(table: Table) -> Iterator[str]:
    """What is wrong with a table's layouts, for the lint."""
    try:
        layouts = layouts_of(table)
    except LayoutError as error:
        yield f"{table.name}: {error}"
        return
    names = {column.name for column in table.columns}
    virtual = {column.header for column in table.columns if column.header.startswith("@")}
    for layout in layouts:
        for name in layout.columns.values():
            if name not in names:
                yield f"{table.name}: {layout.name}: columns names {name}, which is no column"
        offered = {"@row_class", "@sheet", *(f"@{capture.name}" for capture in layout.captures)}
        offered |= {"@group"} if layout.group else set()
        offered |= {"@outline", "@parent"} if layout.outline else set()
        for header in sorted(virtual - offered):
            yield f"{table.name}: {layout.name}: nothing gives {header}"
