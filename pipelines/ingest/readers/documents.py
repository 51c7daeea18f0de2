"""JSON documents, NDJSON and GeoJSON: one record per row, one dotted path per column.

A number keeps the digits its sender wrote: every number is turned into a string before the text is
parsed, because a parser that reads 1.000080 as a double gives back 1.00008. Of a record that is no
object, or that says one thing twice, nothing is guessed: it is a reject.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import Column, Table
from pipelines.contracts.rest import incremental_of
from pipelines.duck import identifier, literal, literals
from pipelines.ingest.readers.base import Incoming, ReadError
from pipelines.ingest.readers.header import match

CEILING = 256 << 20  # bytes of one JSON document, which is parsed as a whole
_AT_ONCE = 16 << 20  # bytes of documents that are parsed together
GEOMETRY = "@geometry"
_NO_DELIMITER = literal(chr(30))  # JSON text cannot hold it
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326", "OGC:1.3:CRS84", "OGC::CRS84")
# A string, or a number outside one; a number's replacement is itself between two marks that JSON
# text cannot hold, a string's is itself before two marks with nothing between them.
_TOKEN = r'("(?:[^"\\]|\\.)*")|(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)'


def _numbers_as_text(text: str) -> str:
    """SQL for the JSON text `text` with every number as a string of the same characters."""
    marked = f"regexp_replace({text}, {literal(_TOKEN)}, '\\1' || chr(1) || '\\2' || chr(2), 'g')"
    return f"translate(replace({marked}, chr(1) || chr(2), ''), chr(1) || chr(2), '\"\"')"


def json_path(dotted: str) -> str:
    """A dotted path as a JSON path, each part quoted."""
    return "$" + "".join('."' + part.replace('"', '\\"') + '"' for part in dotted.split("."))


def read_json(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], table: Table, what: str
) -> Incoming:
    """One or several JSON documents; `json: {records: 'data.items'}` says where the records are.

    Without `records` the document is a list of records, or one record.
    """
    said: Mapping[str, Any] = table.properties.get("json") or {}
    for path in paths:
        if path.stat().st_size > CEILING:
            raise ReadError(
                f"{what}: a JSON document of {path.stat().st_size:,} bytes is more than the"
                f" {CEILING:,} that are read as a whole; ask for NDJSON, or for pages"
            )
    records = str(said.get("records", ""))
    _begin(connection)
    for some in _batches(paths):
        _documents(connection, some, what)
        _check_records(connection, records, what)
        _unnest(connection, json_path(records) if records else "$")
    _judge(connection)
    return _incoming(connection, table, what)


def read_geojson(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], table: Table, what: str
) -> Incoming:
    """A FeatureCollection in WGS 84: columns are properties, `@geometry` is the geometry as text.

    Any other coordinate reference system is refused unless `json: {crs: …}` names it.
    """
    _begin(connection)
    _documents(connection, paths, what)
    found = connection.execute(
        "select exact->>'$.type', exact->>'$.crs.properties.name' from documents"
    ).fetchall()
    allowed = (table.properties.get("json") or {}).get("crs")
    for kind, system in found:
        if kind != "FeatureCollection":
            raise ReadError(f"{what}: `type` is {kind!r}, not FeatureCollection")
        if system and system != allowed and not str(system).endswith(_WGS84):
            raise ReadError(
                f"{what}: coordinates are in {system}, not in WGS 84; ask for CRS84, or declare"
                " `json: {crs: …}` in the contract if that is meant"
            )
    _check_records(connection, "features", what)
    _unnest(connection, '$."features"')
    _judge(connection)
    connection.execute(
        """
        update records set
            record = json_merge_patch(
                coalesce(nullif(record->'$.properties', 'null'::json), '{}'::json),
                json_object('@geometry', (exact->'$.geometry')::varchar)
            )
        where problem is null
        """
    )
    return _incoming(connection, table, what)


def read_ndjson(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], table: Table, what: str
) -> Incoming:
    """One JSON object a line, numbered without blank lines; a line that is no JSON is a reject."""
    files = literals([str(path) for path in paths])
    try:
        connection.execute(
            f"""
            create temp table records as
            select
                row_number() over () as number,
                line as original,
                try_cast({_numbers_as_text("line")} as json) as record,
                try_cast(line as json) as exact,
                case when try_cast(line as json) is null then 'not JSON' end as problem
            from read_csv({files}, auto_detect = false, header = false,
                delim = {_NO_DELIMITER}, quote = '', escape = '', columns = {{'line': 'VARCHAR'}},
                max_line_size = 16777216, null_padding = true, strict_mode = false)
            where line is not null
            """
        )
    except duckdb.Error as error:
        raise ReadError(f"{what}: not readable as lines of JSON: {_first(error)}") from error
    _judge(connection)
    return _incoming(connection, table, what)


def _first(error: Exception) -> str:
    return str(error).splitlines()[0]


def _documents(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], what: str) -> None:
    """Table `documents`: each file as JSON, once with numbers as text and once as it is."""
    files = literals([str(path) for path in paths])
    try:
        connection.execute(
            f"""
            create or replace temp table documents as
            select place, {_numbers_as_text("text")}::json as document, text::json as exact
            from (
                select filename as place, ltrim(content, chr(65279)) as text
                from read_text({files})
            )
            order by place
            """
        )
    except duckdb.Error as error:
        raise ReadError(
            f"{what}: not readable as JSON: {_first(error)}. Ask the sender for a whole document"
        ) from error


def _check_records(connection: duckdb.DuckDBPyConnection, records: str, what: str) -> None:
    """Refuse a document in which the records are not where the contract says."""
    if not records:
        return
    [(missing, keys)] = connection.execute(
        f"""
        select count(*) filter (json_type(exact, {literal(json_path(records))}) is null),
            any_value(array_to_string(json_keys(exact), ', '))
                filter (json_type(exact, {literal(json_path(records))}) is null)
        from documents
        """
    ).fetchall()
    if missing:
        raise ReadError(
            f"{what}: there is nothing at {records!r}; the document has {keys or 'no fields'}."
            " Correct `json: {records: …}` in the contract"
        )


def _begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `records`, empty."""
    connection.execute(
        "create temp table records"
        " (number bigint, original varchar, record json, exact json, problem varchar)"
    )


def _batches(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Documents to be parsed at once: whole documents and their records are held in memory."""
    batch: list[Path] = []
    size = 0
    for path in paths:
        if batch and size + path.stat().st_size > _AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += path.stat().st_size
    if batch:
        yield batch


def _unnest(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    """Add the records of all documents to the table `records`, in order, numbered from 1."""

    def items(column: str) -> str:
        found = f"json_extract({column}, {literal(path)})"
        return (
            f"case when json_type({found}) = 'ARRAY' then json_extract({found}, '$[*]')"
            f" when json_type({found}) = 'NULL' then []"  # what some APIs say for no records
            f" else [{found}] end"
        )

    connection.execute(
        f"""
        insert into records
        select (select count(*) from records) + row_number() over (), null, record, exact, null
        from (
            select unnest({items("document")}) as record, unnest({items("exact")}) as exact
            from documents order by place
        )
        """
    )


def _judge(connection: duckdb.DuckDBPyConnection) -> None:
    """Name what is wrong with a record as a whole."""
    connection.execute(
        """
        update records set problem = case
            when json_type(exact) is distinct from 'OBJECT' then 'not an object'
            when len(json_keys(exact)) != len(list_distinct(json_keys(exact)))
                then 'a field occurs twice'
            when contains(exact::varchar, '\\u0000') then 'a text with a NUL character'
        end
        where problem is null
        """
    )


def _incoming(connection: duckdb.DuckDBPyConnection, table: Table, what: str) -> Incoming:
    columns = list(table.columns)
    tops = {column.name: column.header.split(".")[0] for column in columns}
    keys = {
        row[0]
        for row in connection.execute(
            "select distinct unnest(json_keys(record)) from records where problem is null"
        ).fetchall()
    } - {GEOMETRY}
    notices: tuple[str, ...] = ()
    if keys:
        # An API leaves out what is empty, and the few records of an increment may all lack it.
        may_lack = incremental_of(table) is not None
        known = [
            column.header
            for column in columns
            if tops[column.name] in keys
            or column.header == GEOMETRY
            or (may_lack and not column.required)
        ]
        headings = [*known, *sorted(keys - set(tops.values()))]
        notices = match(headings, table, what).notices
    nested = [(column, _nested(column)) for column in columns if column.header != GEOMETRY]
    arms = " ".join(
        f"when {test} then {literal(f'{column.header} holds a list or an object')}"
        for column, test in nested
        if test
    )
    if arms:
        connection.execute(f"update records set problem = case {arms} end where problem is null")
    connection.execute(
        """
        create temp table record_rejects as
        select number as line, coalesce(original, exact::varchar) as csv_line,
            problem as error_type
        from records where problem is not null
        """
    )
    values = ", ".join(f"{_value(column)} as {identifier(column.name)}" for column in columns)
    relation = f"(select {values} from records where problem is null order by number)"
    return Incoming(relation, 1, "record_rejects", reject_rule="record", notices=notices)


def _nested(column: Column) -> str | None:
    """SQL that is true where a value is not plain, though the contract declares it so."""
    if column.properties.get("json"):
        return None
    path = literal(json_path(column.header))
    if column.properties.get("join") is not None:
        return (
            f"json_type(record, {path}) = 'OBJECT' or list_has_any("
            f"json_type(record, {literal(json_path(column.header) + '[*]')}), ['ARRAY', 'OBJECT'])"
        )
    return f"json_type(record, {path}) in ('ARRAY', 'OBJECT')"


def _value(column: Column) -> str:
    """SQL for a column's text; a JSON null is NULL."""
    path = json_path(column.header)
    if column.header == GEOMETRY:
        return f"record->>'$.\"{GEOMETRY}\"'"
    if column.properties.get("json"):
        return f"nullif(json_extract(exact, {literal(path)})::varchar, 'null')"
    plain = f"json_extract_string(record, {literal(path)})"
    if (glue := column.properties.get("join")) is not None:
        parts = f"json_extract_string(record, {literal(path + '[*]')})"
        return (
            f"case when json_type(record, {literal(path)}) = 'ARRAY'"
            f" then nullif(array_to_string({parts}, {literal(str(glue))}), '') else {plain} end"
        )
    return plain
