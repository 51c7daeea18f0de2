"""Show the landed Parquet to dbt as relations `landed.<table>`.

The views live only while a warehouse is being built: they hold the paths of private files.
"""

from collections.abc import Mapping

import duckdb

from pipelines.contracts import SourceContract
from pipelines.duck import identifier, literal, literals
from pipelines.ingest.landing import Landing
from pipelines.settings import Home


def create_views(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    landings: Mapping[str, tuple[SourceContract, Landing]],
) -> None:
    """Create schema `landed` with one view per table over the files that count now.

    `landed.source_contracts` says of each source what its contract says: a published table can
    then state its origin without a model knowing which sources are synthetic.
    """
    connection.execute("create schema if not exists landed")
    said = ", ".join(
        f"({literal(name)}, {str(contract.synthetic).lower()})"
        for name, (contract, _) in landings.items()
    )
    connection.execute(
        "create or replace view landed.source_contracts as"
        f" select * from (values {said}) as t (source, is_synthetic)"
    )
    for name, (contract, landing) in landings.items():
        for table in contract.tables:
            files = sorted(
                str(home.landed / name / file.file)
                for file in landing.files
                if file.table == table.name
            )
            connection.execute(
                f"create or replace view landed.{identifier(table.name)} as"
                f" select * from read_parquet({literals(files)})"
            )


def drop_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop every view that still leads to landed files, and the schemas that held them."""
    for schema in ("staging", "landed"):
        connection.execute(f"drop schema if exists {schema} cascade")
