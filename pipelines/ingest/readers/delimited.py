"""Delimited text: CSV and its relatives."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import duckdb

from pipelines.contracts import Table
from pipelines.duck import literal
from pipelines.ingest.readers.base import Incoming, ReadError
from pipelines.ingest.readers.header import SAMPLE, match


def read_csv(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], table: Table, what: str
) -> Incoming:
    """A delimited text file with one header line; dialect from the table's `csv` property."""
    [path] = paths
    dialect = table.properties.get("csv") or {}
    delimiter = str(dialect.get("delimiter", ","))
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = csv.reader(file, delimiter=delimiter)
        headings, sample = _beginning(lines, what)
    matched = match(headings, table, what, sample)
    layout = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in matched.named())
    relation = (
        f"(select {matched.select()} from read_csv({literal(str(path))}, auto_detect = false,"
        f" header = true, delim = {literal(delimiter)}, quote = '\"', escape = '\"',"
        f" columns = {{{layout}}}, null_padding = false,"
        " strict_mode = true, max_line_size = 16777216, store_rejects = true,"
        " rejects_table = 'reject_errors', rejects_scan = 'reject_scans', rejects_limit = 0))"
    )
    return Incoming(relation, 2, "reject_errors", notices=matched.notices)


def _beginning(lines: Iterator[list[str]], what: str) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows; no rows where they cannot be split: rejects say so."""
    try:
        headings = next(lines, [])
    except csv.Error as error:
        raise ReadError(f"{what}: its first line is no header: {error}") from error
    try:
        return headings, list(islice(lines, SAMPLE))
    except csv.Error:
        return headings, []
