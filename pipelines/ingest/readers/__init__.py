"""Bytes → rows of text: one relation of VARCHAR columns, named as the contract names them.

Nothing is typed, dropped or repaired here. A reader fails as a whole, with a message that names the
file, when a header does not fit the contract; a line that cannot be split is handed on as a reject.
One module per family of formats.
"""

from pathlib import Path

import duckdb

from pipelines.contracts import SourceContract, Table
from pipelines.ingest.readers.base import HeaderError, Incoming, ReadError
from pipelines.ingest.readers.delimited import read_csv
from pipelines.ingest.readers.workbook import read_sheet

__all__ = ["HeaderError", "Incoming", "ReadError", "open_rows"]

_READERS = {"csv": read_csv, "xlsx": read_sheet, "xls": read_sheet, "ods": read_sheet}


def open_rows(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    contract: SourceContract,
    table: Table,
    resource: str,
) -> Incoming:
    """Prepare `path` for reading as its contract's format says.

    Raises:
        ReadError: the format is not one of ours, or the file does not fit the contract.
    """
    form = str(table.properties.get("format") or contract.server.get("format", ""))
    reader = _READERS.get(form)
    what = f"source {contract.name}, file {resource}"
    if reader is None:
        raise ReadError(
            f"{what}: format {form!r} is not one of {', '.join(_READERS)}; see {contract.path}"
        )
    return reader(connection, path, table, what)
