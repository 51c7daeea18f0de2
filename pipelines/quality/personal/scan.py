"""Look for personal values in a relation or in texts, set-based in DuckDB.

What is found is told without being repeated: its place, its kind, and its shape, in which every
digit is a 9 and every letter an x.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.duck import identifier, literal
from pipelines.quality.personal.patterns import DETECTORS, MACROS, found_sql

HITS = "khomo_personal_hits"
"""Temporary table of a connection: place, value, rows, kind, shape of what the last scan found."""

HIDDEN = "•"
"""What stands where a value was taken out."""

_TEXTS = "khomo_personal_texts"

# Fewer than six digits and no address make none of the kinds.
_WORTH_A_LOOK = r"length(khomo_digits(plain)) >= 6 or regexp_matches(plain, '@|(?i)[(\[]at[)\]]')"
_SHAPE = (
    "regexp_replace(regexp_replace(regexp_replace(found[1], '[0-9]', '9', 'g'),"
    r" '\p{L}', 'x', 'g'), '([^9x])[^9x]*', '\1', 'g')"
)
_NUMBERS = ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "DECIMAL", "DOUBLE", "FLOAT")
_IN_NUMBERS = ", ".join(literal(item.kind) for item in DETECTORS if item.in_numbers)
# The shortest of these kinds has so many digits.
_NUMBER_DIGITS = 14


@dataclass(frozen=True)
class Finding:
    """Values of one kind at one place: how many rows hold them, and the shape of one of them."""

    place: str
    kind: str
    rows: int
    shape: str


def scan_values(connection: duckdb.DuckDBPyConnection, values: str) -> list[Finding]:
    """What a relation of (place, value, rows, is_number) holds; `HITS` keeps it."""
    for macro in MACROS:
        connection.execute(macro)
    # A table of its own, so that each text is prepared once and not once for each detector.
    connection.execute(
        f"create or replace temp table {_TEXTS} as select *, khomo_plain(value) as plain"
        f" from ({values}) where length(value) >= 6"
    )
    lists = ", ".join(f"{literal(item.kind)}: {found_sql(item)}" for item in DETECTORS)
    connection.execute(
        f"create or replace temp table {HITS} as"
        f" select place, value, rows, kind, {_SHAPE} as shape from ("
        " select place, value, rows, is_number, entry.key as kind, entry.value as found from ("
        f" select *, unnest(map_entries(map {{{lists}}})) as entry from {_TEXTS}"
        f" where {_WORTH_A_LOOK}))"
        f" where len(found) > 0 and (not is_number or kind in ({_IN_NUMBERS}))"
    )
    connection.execute(f"drop table {_TEXTS}")
    rows = connection.execute(
        f"select place, kind, cast(sum(rows) as bigint), min(shape) from {HITS} group by all"
        " order by all"
    ).fetchall()
    order = {detector.kind: position for position, detector in enumerate(DETECTORS)}
    found = [Finding(str(place), str(kind), int(n), str(shape)) for place, kind, n, shape in rows]
    return sorted(found, key=lambda item: (item.place, order[item.kind]))


def _column_values(relation: str, columns: Mapping[str, str | None]) -> Iterator[str]:
    """SQL for the distinct values of the columns that may hold something.

    Texts are taken together, so that a CSV is read once for all of them.
    """
    numbers = [
        name for name, type_ in columns.items() if type_ and type_.upper().startswith(_NUMBERS)
    ]
    texts = [
        name
        for name, type_ in columns.items()
        if type_ is None or type_.upper().startswith("VARCHAR")
    ]
    for names, where in (
        (texts, "true"),
        (numbers, f"length(value) >= {_NUMBER_DIGITS}"),
    ):
        if names:
            cast = ", ".join(
                f"cast({identifier(name)} as varchar) as {identifier(name)}" for name in names
            )
            yield (
                f"select place, value, count(*) as rows, {str(names is numbers).lower()}"
                f" as is_number from (unpivot (select {cast} from {relation}) on columns(*)"
                f" into name place value value) where {where} group by all"
            )


def scan_relation(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Mapping[str, str | None],
    texts: Iterable[tuple[str, str]] = (),
) -> list[Finding]:
    """What the columns of `relation` hold, and (place, text) pairs beside it.

    The place of a finding is its column, or that of the pair. `columns` maps names to the DuckDB
    types their values have where they are typed, None for text; the relation itself may hold all of
    them as text. Only numbers of bank cards are looked for in numbers, nothing in dates and
    booleans. Each distinct value is read once. The pairs pass through memory: they are meant for
    descriptors, not for data.

    Raises:
        duckdb.Error: the relation has no such column.
    """
    parts = list(_column_values(relation, columns))
    if pairs := list(texts):
        connection.execute(
            "create or replace temp table khomo_personal_pairs as"
            " select unnest(?::varchar[]) as place, unnest(?::varchar[]) as value",
            [[place for place, _ in pairs], [text for _, text in pairs]],
        )
        parts.append(
            "select place, value, count(*) as rows, false as is_number from khomo_personal_pairs"
            " group by all"
        )
    return scan_values(connection, " union all ".join(parts)) if parts else []


def scan_texts(
    connection: duckdb.DuckDBPyConnection, texts: Iterable[tuple[str, str]]
) -> list[Finding]:
    """What (place, text) pairs hold."""
    return scan_relation(connection, "", {}, texts)


def sample_rows(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    key: Sequence[str],
    findings: Sequence[Finding],
    limit: int,
) -> list[dict[str, Any]]:
    """Some rows of what `scan_relation` found last in columns: column, kind, shape and row key.

    A part of the key that itself holds a personal value is shown as a dot.
    """
    found: list[dict[str, Any]] = []
    shown = ", ".join(
        f"case when cast({identifier(name)} as varchar) in"
        f" (select value from {HITS} where place = {literal(name)}) then {literal(HIDDEN)}"
        f" else cast({identifier(name)} as varchar) end"
        for name in key
    )
    for finding in findings:
        if len(found) >= limit:
            break
        rows = connection.execute(
            f"select {shown or 'null'} from {relation} where cast({identifier(finding.place)} as"
            f" varchar) in (select value from {HITS} where place = ? and kind = ?)"
            f" order by all limit {limit - len(found)}",
            [finding.place, finding.kind],
        ).fetchall()
        found += [
            {"column": finding.place, "kind": finding.kind, "shape": finding.shape}
            | dict(zip(key, row, strict=False))
            for row in rows
        ]
    return found
