"""What the generators share: who the province is, what was written, and a private DuckDB."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template

import duckdb

AS_OF = date(2026, 10, 31)
"""Day the bundled synthetic inputs describe; nothing in them happened later."""

FIRST_MONTH = date(2024, 1, 1)
"""First month of receipt in the synthetic dossiers."""


class SyntheticError(Exception):
    """Synthetic input cannot be made from what was given; the message names the remedy."""


@dataclass(frozen=True)
class ProvinceCode:
    """A province as it is today: a code means nothing without its scheme."""

    scheme: str
    code: str


@dataclass(frozen=True)
class WrittenFile:
    """One file: its path, its data rows (header not counted) and its size in bytes."""

    path: Path
    rows: int
    bytes: int


@dataclass(frozen=True)
class Written:
    """What a generator wrote. `bad_rows` are those that break the source contract on purpose."""

    files: tuple[WrittenFile, ...]
    bad_rows: int

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def literal(value: object) -> str:
    """`value` (text, number, date, or a list or mapping of such) as a SQL literal.

    Text rather than bound parameters, because binding one makes DuckDB import pandas: half a second
    for nothing.
    """
    match value:
        case str():
            return "'" + value.replace("'", "''") + "'"
        case date():
            return f"date '{value:%Y-%m-%d}'"
        case dict():
            return "{" + ", ".join(f"{key}: {literal(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(literal(item) for item in value) + "]"
        case int() | float():
            return repr(value)
        case _:
            raise TypeError(f"no SQL literal for {type(value).__name__}")


def filled(sql: str, **values: object) -> str:
    """`sql` with every `$name` replaced by the literal of its value."""
    return Template(sql).substitute({name: literal(value) for name, value in values.items()})


@contextmanager
def workbench(*, threads: int, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB that spills to a folder of its own, removed afterwards.

    Extensions stay off, so that nothing is fetched at run time.
    """
    spill = Path(tempfile.mkdtemp(prefix="khomo-synthetic-"))
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory_limit,
            "temp_directory": str(spill),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    try:
        yield connection
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)
