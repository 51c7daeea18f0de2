"""Delimited text: CSV and its relatives. What dialects there are is `contracts.dialect`."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

import duckdb

from pipelines.contracts import Table
from pipelines.contracts.dialect import DELIMITERS, Dialect, DialectError, dialect_of
from pipelines.duck import literal
from pipelines.ingest.readers.base import Incoming, ReadError
from pipelines.ingest.readers.header import SAMPLE, heading, match


def read_csv(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], table: Table, what: str
) -> Incoming:
    """A delimited text file with one header line, in the dialect its table declares.

    Raises:
        ReadError: the dialect is malformed, or none of those to choose from fits the header.
    """
    [path] = paths
    try:
        dialect = dialect_of(table)
    except DialectError as error:
        raise ReadError(f"{what}: {error}") from error
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for _ in range(dialect.skip_lines):
            file.readline()
        delimiter = dialect.delimiter or _detected(file, table, dialect, what)
        headings, sample = _beginning(file, dialect, delimiter, what)
    matched = match(headings, table, what, sample)
    layout = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in matched.named())
    relation = (
        f"(select {matched.select()} from read_csv({literal(str(path))}, auto_detect = false,"
        f" header = true, delim = {literal(delimiter)}, quote = {literal(dialect.quote)},"
        f" escape = {literal(dialect.escape)}, skip = {dialect.skip_lines},"
        f" columns = {{{layout}}}, null_padding = false,"
        " strict_mode = true, max_line_size = 16777216, store_rejects = true,"
        " rejects_table = 'reject_errors', rejects_scan = 'reject_scans', rejects_limit = 0))"
    )
    return Incoming(relation, dialect.skip_lines + 2, "reject_errors", notices=matched.notices)


def _detected(file: TextIO, table: Table, dialect: Dialect, what: str) -> str:
    """The one delimiter under which the header has headings of the contract.

    The contract's own headings decide, not how often a character occurs: a decimal comma is as
    frequent as a comma between columns.
    """
    start = file.tell()
    wanted = {column.header for column in table.columns}
    hits: dict[str, int] = {}
    for delimiter in DELIMITERS:
        file.seek(start)
        try:
            found = next(_lines(file, dialect, delimiter), [])
        except csv.Error:
            continue
        hits[delimiter] = len(wanted & {heading(text) for text in found})
    file.seek(start)
    most = max(hits.values(), default=0)
    best = [delimiter for delimiter, count in hits.items() if count == most]
    if len(best) > 1 and len(table.columns) == 1:
        return best[0]  # one column: nothing to split
    if most == 0 or len(best) > 1:
        raise ReadError(
            f"{what}: none of {', '.join(map(repr, DELIMITERS))} splits its header into the"
            f" headings of table {table.name}. Declare `csv: {{delimiter: …}}`, and `skipLines` if"
            " lines stand above the header"
        )
    return best[0]


def _lines(file: TextIO, dialect: Dialect, delimiter: str) -> Iterator[list[str]]:
    doubled = dialect.escape == dialect.quote
    return csv.reader(
        file,
        delimiter=delimiter,
        quotechar=dialect.quote,
        doublequote=doubled,
        escapechar=None if doubled else dialect.escape,
    )


def _beginning(
    file: TextIO, dialect: Dialect, delimiter: str, what: str
) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows; no rows where they cannot be split: rejects say so."""
    lines = _lines(file, dialect, delimiter)
    try:
        headings = next(lines, [])
    except csv.Error as error:
        raise ReadError(f"{what}: its first line is no header: {error}") from error
    try:
        return headings, list(islice(lines, SAMPLE))
    except csv.Error:
        return headings, []
