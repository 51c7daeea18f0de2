"""Rows that a dbt test objects to: as many as help a person, no more than may be seen."""

from collections.abc import Mapping
from typing import Any

import duckdb

LIMIT = 20
_SEEN = ("marts", "open_data")


def _may_be_seen(test: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    """True where every relation the test reads is of a schema that describes no single person."""
    read = [manifest["nodes"].get(name) for name in test["depends_on"]["nodes"]]
    return all(node is not None and node["schema"] in _SEEN for node in read)


def failing_rows(
    connection: duckdb.DuckDBPyConnection,
    test: Mapping[str, Any],
    manifest: Mapping[str, Any],
    query: str,
) -> tuple[Mapping[str, Any], ...]:
    """At most 20 of the rows that the compiled test `query` finds.

    Of staging, intermediate and private relations only columns that refer to a row (keys and row
    numbers) are given. A query that cannot be run again gives none: the count stands anyway.
    """
    try:
        result = connection.execute(f"select * from ({query}) limit {LIMIT}")
    except duckdb.Error:
        return ()
    names = [str(column[0]) for column in result.description or ()]
    if not _may_be_seen(test, manifest):
        names = [name if name.endswith("_key") or name == "_row" else "" for name in names]
    rows = (
        {name: _plain(value) for name, value in zip(names, row, strict=True) if name}
        for row in result.fetchall()
    )
    return tuple(row for row in rows if any(value is not None for value in row.values()))


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
