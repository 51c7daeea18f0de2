"""Bytes → rows of text: one relation of VARCHAR columns, named as the contract names them.

Nothing is typed, dropped or repaired here. A reader fails as a whole, with a message that names the
file, when a header does not fit the contract; a line that cannot be split is handed on as a reject.
One module per family of formats.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.contracts import SourceContract, Table
from pipelines.ingest.readers.base import HeaderError, Incoming, ReadError
from pipelines.ingest.readers.columnar import read_parquet
from pipelines.ingest.readers.delimited import read_csv
from pipelines.ingest.readers.documents import read_geojson, read_json, read_ndjson
from pipelines.ingest.readers.workbook import read_sheet

__all__ = ["HeaderError", "Incoming", "ReadError", "open_rows"]

_READERS = {
    "csv": read_csv,
    "xlsx": read_sheet,
    "xls": read_sheet,
    "ods": read_sheet,
    "json": read_json,
    "ndjson": read_ndjson,
    "geojson": read_geojson,
    "parquet": read_parquet,
}
_OF_SEVERAL = ("json", "ndjson")  # pages are one after the other; other files stand alone


def open_rows(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    contract: SourceContract,
    table: Table,
    resource: str,
) -> Incoming:
    """Prepare one resource for reading as its contract's format says.

    `paths` are its plain files: one, or the pages of an API in order.

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
    if len(paths) != 1 and form not in _OF_SEVERAL:
        raise ReadError(
            f"{what}: it holds {len(paths)} files where {form} must be one; name the one that is"
            " meant by `archive: {member: …}` in the contract"
        )
    return reader(connection, paths, table, what)
