"""How Kho Mở opens DuckDB: bounded memory, no extension download, spill files inside the home.

Only connection settings and SQL quoting belong here.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.province import load_province
from pipelines.settings import home

_LIMIT = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]i?B)", re.IGNORECASE)


def memory_limit(workers: int = 1) -> str:
    """`$KHOMO_MEMORY_LIMIT`, or a worker's share of it.

    Without it 1600MB: with Python on top a process stays below 2 GiB.

    Raises:
        ValueError: it is not a size such as 2GB or 512MiB.
    """
    text = os.environ.get("KHOMO_MEMORY_LIMIT", "1600MB").strip()
    found = _LIMIT.fullmatch(text)
    if not found:
        raise ValueError(f"KHOMO_MEMORY_LIMIT={text!r} is not a size; write it like 2GB or 512MiB")
    return f"{float(found[1]) / workers:g}{found[2]}"


@contextmanager
def connect(
    path: Path | None = None, *, read_only: bool = False, workers: int = 1
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a file (its resolved name, see `warehouse.promotion`) or to memory.

    `$KHOMO_MEMORY_LIMIT` and `$KHOMO_THREADS` (default: DuckDB's own) bound it; one of several
    `workers` side by side gets its share of the memory.
    """
    spill = home().root / "tmp"
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit(workers),
        "temp_directory": str(spill),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "true",
    }
    if threads := os.environ.get("KHOMO_THREADS"):
        config["threads"] = threads
    database = str(path.resolve()) if path is not None else ":memory:"
    connection = duckdb.connect(database, read_only=read_only, config=config)
    try:
        # A time with its zone is shown by the province's clock, wherever the machine stands.
        connection.execute(f"set TimeZone = {literal(load_province().time_zone)}")
        yield connection
    finally:
        connection.close()


def identifier(name: str) -> str:
    """`name` quoted as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` quoted as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: list[str] | tuple[str, ...]) -> str:
    """A bracketed SQL list of strings."""
    return "[" + ", ".join(literal(text) for text in texts) + "]"
