"""Show the landed Parquet to dbt as relations `landed.<table>`.

The views live only while a warehouse is being built: they hold the paths of private files.
"""

import duckdb

from pipelines.contracts import SourceContract
from pipelines.duck import identifier, literals
from pipelines.ingest.landing import Landing
from pipelines.settings import Home


def create_views(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    landings: dict[str, tuple[SourceContract, Landing]],
) -> None:
    """Create schema `landed` with one view per table over the files that count now."""
    connection.execute("create schema if not exists landed")
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
