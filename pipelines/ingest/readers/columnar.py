"""Parquet: every column as the exact text of its value.

Types are the file's own here; the contract's types are judged afterwards like any other text's.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.contracts import Table
from pipelines.duck import identifier, literals
from pipelines.ingest.readers.base import Incoming, ReadError
from pipelines.ingest.readers.header import Headings, match

_NESTED = ("STRUCT", "MAP", "UNION", "LIST")


def read_parquet(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], table: Table, what: str
) -> Incoming:
    """One Parquet file, columns by name; `json: true` lands a nested column as JSON text."""
    files = literals([str(path) for path in paths])
    try:
        found = connection.execute(f"describe select * from read_parquet({files})").fetchall()
        connection.execute(f"select count(*) from read_parquet({files})")
    except duckdb.Error as error:
        raise ReadError(
            f"{what}: not a readable Parquet file: {str(error).splitlines()[0]}"
        ) from error
    kinds = {str(row[0]): str(row[1]).upper() for row in found}
    matched = match(list(kinds), table, what)
    renamed = _texts(matched, kinds, what)
    relation = f"(select {matched.select()} from (select {renamed} from read_parquet({files})))"
    return Incoming(relation, 1, None, notices=matched.notices)


def _texts(matched: Headings, kinds: dict[str, str], what: str) -> str:
    """SQL select list: every column of the file as text, under the names `matched` gives."""
    parts: list[str] = []
    for name, column, (heading, kind) in zip(
        matched.named(), matched.columns, kinds.items(), strict=True
    ):
        nested = kind.endswith("]") or kind.startswith(_NESTED)
        as_json = column is not None and bool(column.properties.get("json"))
        if column is not None and (kind == "BLOB" or (nested and not as_json)):
            raise ReadError(
                f"{what}: column {heading!r} is {kind}, which is no plain value; ask for plain"
                " columns, or declare `json: true` for a nested one"
            )
        text = f"to_json({identifier(heading)})" if nested else identifier(heading)
        parts.append(f"{text}::varchar as {identifier(name)}")
    return ", ".join(parts)
