"""The candidate's own CSV and Parquet, opened as relations.

Checks on released columns read these and nothing else: a check on a warehouse table says nothing
about a file that a faulty exporter wrote later. Nothing is sniffed or cast here: Parquet keeps the
types it has, CSV is text.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.contracts import Column
from pipelines.duck import connect, identifier, literal
from pipelines.quality.content import relation_digest

PARQUET_VIEW = "candidate_parquet"
CSV_VIEW = "candidate_csv"


def csv_header(path: Path) -> list[str]:
    """The column names in a CSV's first record; an empty file has none.

    Raises:
        UnicodeDecodeError: the file is not UTF-8.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file), [])


def csv_relation(path: Path, names: Sequence[str]) -> str:
    """SQL for a CSV as text. An empty field is NULL, quoted or not, as ordinary readers take it."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return (
        f"read_csv({literal(str(path))}, auto_detect=false, header=true, delim=',', quote='\"',"
        " escape='\"', nullstr='', allow_quoted_nulls=true, strict_mode=true,"
        f" max_line_size=16777216, columns={{{columns}}})"
    )


def parquet_relation(path: Path) -> str:
    """SQL for a Parquet file with the types it has."""
    return f"read_parquet({literal(str(path))})"


@dataclass(frozen=True)
class ReadBack:
    """A candidate's data files as the views `candidate_csv` (text) and `candidate_parquet`."""

    connection: duckdb.DuckDBPyConnection
    csv: Path
    parquet: Path
    cursors: list[duckdb.DuckDBPyConnection] = field(default_factory=list)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Another connection to the same views."""
        self.cursors.append(self.connection.cursor())
        return self.cursors[-1]

    def interrupt(self) -> None:
        """Ask whatever runs now to give up; a cursor that was closed meanwhile runs nothing."""
        for connection in (self.connection, *self.cursors):
            with suppress(duckdb.ConnectionException):
                connection.interrupt()

    def parquet_columns(self) -> list[tuple[str, str]]:
        """Name and DuckDB type of the Parquet's columns, in order."""
        rows = self.connection.execute(f"describe from {PARQUET_VIEW}").fetchall()
        return [(str(row[0]), str(row[1])) for row in rows]

    def csv_columns(self) -> list[str]:
        """The CSV's column names, in order."""
        return csv_header(self.csv)

    def count(self, view: str = PARQUET_VIEW) -> int:
        """Number of rows of one of the two views."""
        row = self.connection.execute(f"select count(*) from {view}").fetchone()
        return int(row[0]) if row else 0

    def parquet_digest(self, columns: Sequence[Column]) -> str:
        """Content digest of the Parquet."""
        return relation_digest(self.connection, PARQUET_VIEW, columns)

    def csv_digest(self, columns: Sequence[Column]) -> str:
        """Content digest of the CSV, whose texts must be canonical as they stand."""
        return relation_digest(self.connection, CSV_VIEW, columns, text=True)


def create_views(connection: duckdb.DuckDBPyConnection, csv_path: Path, parquet: Path) -> None:
    """Make the two views in `connection`.

    Raises:
        duckdb.Error, UnicodeDecodeError: a file is missing or damaged.
    """
    connection.execute(f"create or replace view {PARQUET_VIEW} as from {parquet_relation(parquet)}")
    names = csv_header(csv_path)
    connection.execute(
        f"create or replace view {CSV_VIEW} as select"
        f" {', '.join(identifier(name) for name in names)} from {csv_relation(csv_path, names)}"
    )


@contextmanager
def read_back(csv_path: Path, parquet: Path) -> Iterator[ReadBack]:
    """Open a candidate's data files in a connection of their own."""
    with connect() as connection:
        create_views(connection, csv_path, parquet)
        yield ReadBack(connection, csv_path, parquet)
