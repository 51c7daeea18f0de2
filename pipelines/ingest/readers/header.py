"""A file's headings against the columns of its contract.

Matching, and saying how a file differs: renamed, added, dropped, reordered. What the contract
blocks is refused here, before a row is read; what it lets pass is handed on as a notice that the
arrival gate records. Differences in the data are the gate's alone.
"""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.contracts import Column, Table
from pipelines.contracts.arrival import policy
from pipelines.duck import identifier
from pipelines.ingest.readers.base import HeaderError

_LOOK_ALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "\u00a0": " ", "\u202f": " "})
_ALIKE = 0.6  # from here on two headings look like one that was renamed
_FAINT = 0.3  # from here on they may be one, where the values are of the column's kind
_FITTING = 0.9  # share of sample values that fit a column for them to be of its kind
SAMPLE = 50  # rows of values that are enough to tell


@dataclass(frozen=True)
class Headings:
    """What a file's headings are.

    `columns` holds one entry per heading, in file order: its column, or None where the contract
    lets an unknown one pass: it is left out. `absent` are columns the file has not, which read as
    NULL. `notices` say what was let pass, each as `finding: names`.
    """

    columns: tuple[Column | None, ...]
    absent: tuple[Column, ...] = ()
    notices: tuple[str, ...] = ()

    def named(self) -> list[str]:
        """A name for every heading in file order, for a reader that must name them all."""
        return [
            column.name if column else f"_left_out_{index}"
            for index, column in enumerate(self.columns)
        ]

    def select(self) -> str:
        """SQL select list over those names: all columns of the contract, absent ones as NULL."""
        known = [identifier(column.name) for column in self.columns if column]
        missing = [f"null::varchar as {identifier(column.name)}" for column in self.absent]
        return ", ".join([*known, *missing])


def match(
    headings: Sequence[str], table: Table, what: str, sample: Sequence[Sequence[str | None]] = ()
) -> Headings:
    """The contract column of each heading, in file order.

    `sample` holds the first rows as text, for telling a renamed column by its values. A column the
    file has not may be let pass only where the contract does not require it.

    Raises:
        HeaderError: a column of the contract occurs twice, or a difference is blocked.
    """
    cleaned = [heading(text) for text in headings]
    by_header = {column.header: column for column in table.columns}
    missing = [column for column in table.columns if column.header not in cleaned]
    unknown = [index for index, name in enumerate(cleaned) if name not in by_header]
    twice = sorted({name for name in cleaned if name in by_header and cleaned.count(name) > 1})
    renamed = _renamed(cleaned, unknown, missing, sample)
    if len(unknown) == len(cleaned) and not renamed:
        # Not quoted: the first row may be data, and data may be about a person.
        raise HeaderError(
            f"{what}: the header does not fit table {table.name}; none of its {len(cleaned)}"
            f" headings is one of {', '.join(by_header)}. Perhaps the header row is missing: ask"
            " the sender for the agreed layout",
            tuple(("dropped_column", name) for name in by_header),
        )
    found: list[tuple[str, str]] = []
    for header, index in renamed.items():
        found.append(("renamed_column", f"{header} → {cleaned[index] or '(blank)'}"))
    for column in missing:
        if column.header not in renamed:
            found.append(("dropped_column", column.header))
    for index in unknown:
        if index not in renamed.values():
            found.append(("added_column", cleaned[index] or "(blank)"))
    known = [name for name in cleaned if name in by_header]
    if not twice and known != [name for name in by_header if name in known]:
        found.append(("reordered_columns", " | ".join(known)))
    blocked = [(finding, name) for finding, name in found if _blocks(table, finding, name)]
    if twice or blocked:
        raise HeaderError(_refusal(table, what, twice, blocked), tuple(blocked))
    return Headings(
        tuple(by_header.get(name) for name in cleaned),
        tuple(missing),
        tuple(f"{finding}: {name}" for finding, name in found),
    )


def heading(text: str) -> str:
    """A heading as contracts write it: composed, look-alikes mended, blanks made one."""
    composed = unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)
    return " ".join(composed.split())


def _blocks(table: Table, finding: str, name: str) -> bool:
    """Whether a difference refuses the file.

    A column that must have a value cannot be missing, and a renamed one is never let pass under
    its new name: that would be a guess.
    """
    required = {column.header for column in table.columns if column.required}
    if finding == "dropped_column" and name in required:
        return True
    if finding == "renamed_column":
        old = name.partition(" → ")[0]
        return old in required or any(
            policy(table, part).action == "block"
            for part in ("renamed_column", "added_column", "dropped_column")
        )
    return policy(table, finding).action == "block"


def _refusal(
    table: Table, what: str, twice: Sequence[str], blocked: Sequence[tuple[str, str]]
) -> str:
    labels = (
        ("renamed_column", "columns that seem to have been renamed"),
        ("dropped_column", "missing columns"),
        ("added_column", "columns the contract does not know"),
        ("reordered_columns", "columns in another order"),
    )
    parts = []
    for finding, label in labels:
        names = [name for kind, name in blocked if kind == finding]
        if names:
            parts.append(f"{label}: {', '.join(names)}")
    if twice:
        parts.append(f"columns that occur twice: {', '.join(twice)}")
    advice = (
        "Ask the sender for the agreed layout, or change `physicalName`, the columns or `arrival`"
        " in the contract"
    )
    return f"{what}: the header does not fit table {table.name}; {'; '.join(parts)}. {advice}"


def _renamed(
    cleaned: Sequence[str],
    unknown: Sequence[int],
    missing: Sequence[Column],
    sample: Sequence[Sequence[str | None]],
) -> dict[str, int]:
    """Which missing column each unknown heading most likely is: header → place in the file."""
    pairs: list[tuple[float, int, str]] = []
    for index in unknown:
        values = [row[index] for row in sample if index < len(row)]
        filled = [text.strip() for text in values if text and text.strip()]
        for column in missing:
            alike = _alike(cleaned[index], column.header)
            fit = _fit(column, filled)
            if fit is not None and fit < 1 - _FITTING:
                continue  # values of another kind: a name alone proves nothing
            if alike >= _ALIKE or (alike >= _FAINT and fit is not None and fit >= _FITTING):
                pairs.append((alike + (fit or 0.0), index, column.header))
    found: dict[str, int] = {}
    for _score, index, header in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if header not in found and index not in found.values():
            found[header] = index
    return found


def _alike(one: str, other: str) -> float:
    """Likeness of two headings from 0 to 1; tone marks weigh less than letters."""
    texts = [unicodedata.normalize("NFD", text.casefold()) for text in (one, other)]
    return difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False).ratio()


_NUMBERS = {
    "plain": r"[+-]?\d+(\.\d+)?",
    "vi": r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?",
    "en": r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?",
}


def _fit(column: Column, values: Sequence[str]) -> float | None:
    """Share of `values` that are of the column's kind; None where its kind excludes nothing."""
    if not values:
        return None
    pattern = column.options.get("pattern")
    if column.enum:
        codes = {entry.value for entry in column.enum}
        fitting = sum(value in codes for value in values)
    elif pattern:
        fitting = sum(bool(re.fullmatch(str(pattern), value)) for value in values)
    elif column.type in ("DATE", "TIMESTAMP"):
        default = "%Y-%m-%d" if column.type == "DATE" else "%Y-%m-%d %H:%M:%S"
        form = str(column.properties.get("dateFormat", default))
        fitting = sum(_is_date(value, form) for value in values)
    elif column.type not in ("VARCHAR", "BOOLEAN"):
        number = _NUMBERS.get(str(column.properties.get("numberStyle", "plain")), r".*\d.*")
        fitting = sum(bool(re.fullmatch(number, value)) for value in values)
    else:
        return None
    return fitting / len(values)


def _is_date(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)
    except ValueError:
        return False
    return True
