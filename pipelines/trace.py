"""From published rows back to the raw files and rows they were made from.

A published contract says by its property `trace` how: for each landed table a query that leads from
the relation `selected`, the published rows in question, to the landed rows behind them. This module
reads every stage and writes none. What upstream sent beyond file and row number is never shown.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import PublishedContract, Table, load_sources
from pipelines.duck import identifier, literal, literals
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.settings import Home
from pipelines.warehouse.landed import landed_rows
from pipelines.warehouse.promotion import promoted_file


class TraceError(Exception):
    """A trace cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class RawPlace:
    """One raw file behind published rows: how many of its rows, and where its bytes are.

    `sheet` is the worksheet, where the contract names one. `path` is None where the bytes were
    purged.
    """

    source: str
    table: str
    resource: str
    sha256: str
    sheet: str | None
    path: Path | None
    rows: Mapping[str, int]


@dataclass(frozen=True)
class Trace:
    """What published rows rest on. `rows` are the first (source, resource, row, measure)."""

    dataset: str
    version: str
    selected: int
    places: tuple[RawPlace, ...]
    rows: tuple[tuple[str, str, int, str], ...]

    def total(self, measure: str) -> int:
        """How many landed rows count towards `measure`."""
        return sum(place.rows.get(measure, 0) for place in self.places)


def trace(
    contract: PublishedContract,
    home: Home,
    ledger: Ledger,
    *,
    where: str = "true",
    version: str = "latest",
    limit: int = 100,
) -> Trace:
    """Follow the rows of a release that satisfy the SQL condition `where`.

    Raises:
        TraceError: there is no such release, the condition is no SQL or selects nothing, or
            warehouse and landed rows are no longer those the release was made from.
    """
    folder = (home.releases / contract.name / version).resolve()
    published = folder / f"{contract.name}.parquet"
    if not published.exists():
        raise TraceError(f"there is no release {contract.name}/{version}; see `khomo status`")
    _check_landed(contract, home, ledger)
    with _workbench(contract, home) as connection:
        selected = _select(connection, published, where)
        _check_published(connection, contract)
        places: list[RawPlace] = []
        rows: list[tuple[str, str, int, str]] = []
        for step in contract.properties.get("trace") or ():
            source, table = _table(str(step["table"]))
            connection.execute(f"create or replace temp table found as {step['query']}")
            places += _places(connection, home, source, table)
            rows += [
                (source, str(resource), int(row), str(measure))
                for resource, row, measure in connection.execute(
                    "select distinct _resource, _row, measure from found"
                    f" order by all limit {limit - len(rows)}"
                ).fetchall()
            ]
    return Trace(contract.name, folder.name, selected, tuple(places), tuple(rows))


def _table(name: str) -> tuple[str, Table]:
    for source, contract in load_sources().items():
        for table in contract.tables:
            if table.name == name:
                return source, table
    raise TraceError(f"no source lands a table {name!r}; correct `trace` in the contract")


def _check_landed(contract: PublishedContract, home: Home, ledger: Ledger) -> None:
    """What is landed must be what the promoted warehouse was built from."""
    promoted = promoted_file(home)
    if promoted is None:
        raise TraceError("there is no warehouse yet; make one with `khomo run`")
    built = ledger.rows("select build_id, inputs from builds where file = ?", promoted.name)
    landed = json.loads(built[0]["inputs"])["landed"] if built else {}
    for name in contract.sources:
        current = landing.current(home, name)
        if current is None or landed.get(name) != current.digest:
            raise TraceError(
                f"source {name} has been landed anew since the warehouse was built; run `khomo run`"
                " and trace again"
            )


@contextmanager
def _workbench(contract: PublishedContract, home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The promoted warehouse, read-only, with the landed tables of the dataset's sources."""
    promoted = promoted_file(home)
    assert promoted is not None
    connection = duckdb.connect()
    try:
        connection.execute(f"attach {literal(str(promoted))} as warehouse (read_only)")
        connection.execute("attach ':memory:' as landed")
        sources = load_sources()
        for name in contract.sources:
            current = landing.current(home, name)
            for table in sources[name].tables:
                query = landed_rows(home, name, table, current)
                connection.execute(f"create view landed.main.{identifier(table.name)} as {query}")
        connection.execute("use warehouse")
        folders = literals([str(home.landed), str(home.releases)])
        connection.execute(f"set allowed_directories = {folders}")
        connection.execute("set enable_external_access = false")
        yield connection
    finally:
        connection.close()


def _select(connection: duckdb.DuckDBPyConnection, published: Path, where: str) -> int:
    try:
        connection.execute(
            f"create temp table selected as select * from read_parquet({literal(str(published))})"
            f" where {where}"
        )
    except duckdb.Error as error:
        raise TraceError(f"--where {where!r}: {str(error).splitlines()[0]}") from error
    [(count,)] = connection.execute("select count(*) from selected").fetchall()
    if not count:
        raise TraceError(f"--where {where!r} selects no published row")
    return int(count)


def _check_published(connection: duckdb.DuckDBPyConnection, contract: PublishedContract) -> None:
    """The published rows must be rows of the present warehouse."""
    schema = connection.execute(
        "select table_schema from information_schema.tables where table_name = ?", [contract.model]
    ).fetchone()
    names = ", ".join(identifier(column.name) for column in contract.table.columns)
    if schema is None:
        raise TraceError(f"the warehouse has no {contract.model}; run `khomo run`")
    [(missing,)] = connection.execute(
        f"select count(*) from (select {names} from selected except all"
        f" select {names} from {identifier(schema[0])}.{identifier(contract.model)})"
    ).fetchall()
    if missing:
        raise TraceError(
            f"{missing} of the selected rows are not in the present warehouse: it was built from"
            " other data since; trace the latest release, or run `khomo run` first"
        )


def _places(
    connection: duckdb.DuckDBPyConnection, home: Home, source: str, table: Table
) -> list[RawPlace]:
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for resource, sha256, measure, rows in connection.execute(
        "select _resource, _raw_sha256, measure, count(*) from found group by all order by all"
    ).fetchall():
        counts.setdefault((str(resource), str(sha256)), {})[str(measure)] = int(rows)
    said: Any = table.properties.get("sheet") or {}
    return [
        RawPlace(
            source,
            table.name,
            resource,
            sha256,
            said.get("name") or said.get("sheet"),
            path if (path := raw.blob(home, source, sha256)).exists() else None,
            measures,
        )
        for (resource, sha256), measures in counts.items()
    ]
