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
    encoding = str(dialect.get("encoding", "utf-8"))
    try:
        with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding) as file:
            lines = csv.reader(file, delimiter=delimiter)
            headings = next(lines, [])
            sample = _sample(lines)
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{what}: byte {error.start} is not {encoding}; save the file as UTF-8, or declare its"
            " encoding in the contract"
        ) from error
    matched = match(headings, table, what, sample)
    layout = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in matched.named())
    relation = (
        f"(select {matched.select()} from read_csv({literal(str(path))}, auto_detect = false,"
        f" header = true, delim = {literal(delimiter)}, quote = '\"', escape = '\"',"
        f" columns = {{{layout}}}, encoding = {literal(encoding)}, null_padding = false,"
        " strict_mode = true, max_line_size = 16777216, store_rejects = true,"
        " rejects_table = 'reject_errors', rejects_scan = 'reject_scans', rejects_limit = 0))"
    )
    return Incoming(relation, 2, "reject_errors", notices=matched.notices)


def _sample(lines: Iterator[list[str]]) -> list[list[str]]:
    """The first rows; none where they cannot be split, which is for the rejects to say."""
    try:
        return list(islice(lines, SAMPLE))
    except csv.Error:
        return []
