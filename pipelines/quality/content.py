"""A digest of what a relation says, independent of where and in which order it is stored.

The same rows give the same digest from a warehouse table, from Parquet and from CSV; one changed
value gives another. It is the thread from a dbt test to the bytes that are published.

Every value has one canonical text, the one the exported CSV shows. A row is the concatenation of
its values' texts, each with its length in bytes, so that no separator can be imitated; NULL is a
mark of its own. The digest covers column names and types, the number of rows and the sorted
SHA-256 digests of all rows. DuckDB hashes and sorts (spilling to disk where it must); Python sees
one batch of digests at a time.
"""

import hashlib
import re
from collections.abc import Sequence

import duckdb

from pipelines.canonical import canonical_json
from pipelines.contracts import Column
from pipelines.duck import identifier

PUBLISHABLE = re.compile(
    r"VARCHAR|BOOLEAN|DATE|TIMESTAMP|DOUBLE|TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT"
    r"|DECIMAL\(\d+,\s*\d+\)"
)
"""Types that have a canonical text, and that CSV, Parquet and Data Package all can carry."""

_BATCH = 65_536


def canonical_text(expression: str, kind: str) -> str:
    """SQL for the canonical text of a value of the DuckDB type `kind`; NULL stays NULL.

    Booleans are `true`/`false`, dates ISO 8601, timestamps ISO 8601 with `T`, decimals keep their
    scale, doubles use the shortest text that reads back to the same double.
    """
    text = f"cast(cast({expression} as {kind}) as varchar)"
    return f"replace({text}, ' ', 'T')" if kind == "TIMESTAMP" else text


def row_text(columns: Sequence[Column], *, text: bool = False) -> str:
    """SQL for the canonical text of a whole row; see `relation_digest` for `text`."""
    parts = []
    for column in columns:
        name = identifier(column.name)
        value = name if text else canonical_text(name, column.type)
        parts.append(f"coalesce(strlen({value})::varchar || ':' || {value}, '-')")
    return " || ',' || ".join(parts)


def relation_digest(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[Column],
    *,
    text: bool = False,
) -> str:
    """SHA-256 (hexadecimal) of the content of `relation` in the given columns.

    `relation` is SQL that can follow FROM; columns that are not listed are left out. With `text`
    the relation holds canonical texts already (a CSV read without casting), which are taken as
    they stand: `1.0` in place of `1.00` is a difference.

    Raises:
        duckdb.Error: a column is missing, or a value cannot be cast to the contract's type.
    """
    import pyarrow

    digest = hashlib.sha256(canonical_json([[column.name, column.type] for column in columns]))
    rows = 0
    batches = connection.execute(
        f"select unhex(sha256({row_text(columns, text=text)})) as row from {relation} order by row"
    ).to_arrow_reader(_BATCH)
    for batch in batches:
        rows += batch.num_rows
        # One batch is one Arrow buffer of 32-byte digests, hashed as it lies in memory.
        packed = batch.column(0).cast(pyarrow.binary(32)).buffers()[1]
        if packed is not None:
            digest.update(memoryview(packed)[: 32 * batch.num_rows])
    digest.update(str(rows).encode())
    return digest.hexdigest()
