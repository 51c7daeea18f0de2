"""The SQL that applies corrections to upstream rows, before anything is typed or judged.

What a correction may say is `contracts.corrections`. An overridden row is judged like all others; a
dropped one goes to quarantine, so that accepted and quarantined still add up to what was read.
"""

from collections.abc import Sequence

from pipelines.contracts import Column, Table
from pipelines.contracts.corrections import Correction
from pipelines.duck import identifier, literal
from pipelines.ingest.casting import clean

MARK = "_correction"
"""A landed column: the id of the correction a row was overridden or flagged by, else NULL."""

_GLUE = chr(31)  # between the parts of a key; no text holds it


def applied(corrections: Sequence[Correction], table: Table, relation: str) -> str:
    """SQL: the rows of `relation` with the mark, and with what overrides set in their place."""
    if not corrections:
        return f"(select *, null::varchar as {MARK} from {relation})"
    marked = f"(select *, {_mark(corrections)} as {MARK} from {relation})"
    replaced = ", ".join(
        f"{_overridden(column, corrections)} as {identifier(column.name)}"
        for column in table.columns
        if any(column.name in item.set for item in corrections)
    )
    return f"(select * replace ({replaced}) from {marked})" if replaced else marked


def dropped(corrections: Sequence[Correction]) -> str:
    """SQL that is true of a row that a correction drops."""
    ids = [literal(item.id) for item in corrections if item.action == "drop"]
    return f"coalesce({MARK} in ({', '.join(ids)}), false)" if ids else "false"


def _mark(corrections: Sequence[Correction]) -> str:
    """SQL for the id of the correction whose key a row has."""
    by_columns: dict[tuple[str, ...], list[Correction]] = {}
    for item in corrections:
        by_columns.setdefault(tuple(sorted(item.key)), []).append(item)
    cases = []
    for columns, items in by_columns.items():
        parts = ", ".join(f"coalesce({clean(identifier(name))}, '')" for name in columns)
        arms = " ".join(
            f"when {literal(_GLUE.join(item.key[name] for name in columns))}"
            f" then {literal(item.id)}"
            for item in items
        )
        cases.append(f"case concat_ws({literal(_GLUE)}, {parts}) {arms} end")
    return cases[0] if len(cases) == 1 else f"coalesce({', '.join(cases)})"


def _overridden(column: Column, corrections: Sequence[Correction]) -> str:
    name = identifier(column.name)
    arms = []
    for item in corrections:
        if column.name in item.set:
            text = item.set[column.name]
            value = "null" if text is None else literal(text)
            arms.append(f"when {literal(item.id)} then {value}")
    return f"case {MARK} {' '.join(arms)} else {name} end"
