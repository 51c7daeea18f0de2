"""Which parts of a failing row may stand in a report that people pass around.

A row of a withheld candidate is not public. Where a dataset derives from personal data, only its
key and references to rows are kept, and a value only if it reads like a code or a date: whatever
went wrong upstream, no name, number or address of a person comes out here.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.contracts import Column, PublishedContract, SourceContract

LIMIT = 20
HIDDEN = "(…)"

_PLACES = frozenset(
    [
        "_resource",
        "_row",
        "column",
        "file",
        "line",
        "missing",
        "place",
        "problem",
        "resource",
        "row",
        "source",
        "table_name",
        "pulled_rows",
        "accepted_rows",
        "quarantined_rows",
    ]
)
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_.:/-]{0,39}")
_LONG_NUMBER = re.compile(r"\d[\d .-]{7,}\d")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def private_names(sources: Sequence[SourceContract]) -> frozenset[str]:
    """Columns of the sources that identify a person, and the keyed hashes made of them."""
    found: set[str] = set()
    for source in sources:
        for table in source.tables:
            for column in table.columns:
                if column.personal or column.pseudonymise:
                    found |= {column.name, f"{column.name}_key", column.header}
    return frozenset(found)


def _harmless(value: Any, column: Column | None) -> Any:
    """`value` where it cannot be about a person, else a mark that something is left out."""
    if value is None or isinstance(value, bool):
        return value
    text = str(value)
    if column is not None and text in {entry.value for entry in column.enum}:
        return value
    without_dates = _DATE.sub("", text)
    if _CODE.fullmatch(text) and not _LONG_NUMBER.search(without_dates):
        return value
    return HIDDEN


def safe_sample(
    contract: PublishedContract,
    sources: Sequence[SourceContract],
    sample: Sequence[Mapping[str, Any]],
) -> tuple[Mapping[str, Any], ...]:
    """At most 20 failing rows, each reduced to what may be shown."""
    private = private_names(sources)
    shown = sample[:LIMIT]
    if not private:
        return tuple(dict(row) for row in shown)
    key = {column.name: column for column in contract.table.key if not column.personal}
    kept: list[Mapping[str, Any]] = []
    for row in shown:
        kept.append(
            {
                name: value if name in _PLACES else _harmless(value, key.get(name))
                for name, value in row.items()
                if name not in private and (name in key or name in _PLACES)
            }
        )
    return tuple(row for row in kept if row)
