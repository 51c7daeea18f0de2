"""Show the landed Parquet to dbt as relations `landed.<table>`.

The views live only while a warehouse is being built: they hold the paths of private files.
"""

from collections.abc import Mapping, Sequence

import duckdb

from pipelines.contracts import SourceContract, Table, load_sources
from pipelines.duck import identifier, literal, literals
from pipelines.ingest.landed import LandedFile, Landing, Superseded
from pipelines.ingest.split import kept
from pipelines.settings import Home

ORIGIN = (
    ("_correction", "VARCHAR"),
    ("_resource", "VARCHAR"),
    ("_raw_sha256", "VARCHAR"),
    ("_row", "BIGINT"),
)
"""What every landed row says of where it is from."""


def create_views(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    landings: Mapping[str, tuple[SourceContract, Landing]],
    changed: Sequence[tuple[str, str]] = (),
) -> None:
    """Create schema `landed` with one view per table over the files that count now.

    `landed.source_contracts` says of each source what its contract says: a published table can
    then state its origin and its day without a model knowing which sources are synthetic. A source
    that is not in use has the same relations, empty: models need not know what a province uses.

    `landed.changed_resources` holds `changed`, pairs of a table and a resource, for models that
    follow their files one by one (`increment`).
    """
    connection.execute("create schema if not exists landed")
    connection.execute(
        "create or replace table landed.changed_resources (table_name varchar, resource varchar)"
    )
    if changed:
        rows = ", ".join(f"({literal(table)}, {literal(name)})" for table, name in changed)
        connection.execute(f"insert into landed.changed_resources values {rows}")
    contracts = {**load_sources(), **{name: contract for name, (contract, _) in landings.items()}}
    said = ", ".join(
        f"({literal(name)}, {str(contract.synthetic).lower()}, {_day(contract.as_of)})"
        for name, contract in contracts.items()
    )
    connection.execute(
        "create or replace view landed.source_contracts as"
        f" select * from (values {said}) as t (source, is_synthetic, as_of)"
    )
    for name, contract in contracts.items():
        landed = landings[name][1] if name in landings else None
        for table in contract.tables:
            connection.execute(
                f"create or replace view landed.{identifier(table.name)} as"
                f" {landed_rows(home, name, table, landed)}"
            )


def _day(as_of: str | None) -> str:
    return "null::date" if as_of is None else f"date {literal(as_of)}"


def landed_rows(home: Home, source: str, table: Table, landing: Landing | None) -> str:
    """SQL for the rows of a table that count now; of no file an empty relation.

    Of a table that grows by increments that is the newest row of each record.
    """

    def paths(items: Sequence[LandedFile | Superseded]) -> list[str]:
        folder = home.landed / source
        return sorted(str(folder / item.file) for item in items if item.table == table.name)

    files = paths(landing.files) if landing else []
    if not files:
        return f"select {_typed_columns(table)} where false"
    lists = paths(landing.superseded) if landing else []
    if not lists:
        return f"select * from read_parquet({literals(files)})"
    return (
        f"select kept.* from read_parquet({literals(files)}) as kept"
        f" anti join read_parquet({literals(lists)}) as old"
        " on kept._resource = old._resource and kept._row = old._row"
    )


def _typed_columns(table: Table) -> str:
    """The columns a landed table has, as typed nulls."""
    types = {column.name: column.type for column in table.columns}
    columns = [f"null::{types.get(name, 'VARCHAR')} as {identifier(name)}" for name in kept(table)]
    return ", ".join([*columns, *(f"null::{kind} as {name}" for name, kind in ORIGIN)])


def drop_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop every view that still leads to landed files, and the schemas that held them."""
    for schema in ("staging", "landed"):
        connection.execute(f"drop schema if exists {schema} cascade")
