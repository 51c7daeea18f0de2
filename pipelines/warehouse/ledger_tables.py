"""The ledger as relations beside the warehouse, for queries: a copy in memory, read-only in effect.

DuckDB's own reader of SQLite files is an extension that is not at hand on a closed network.
"""

from typing import TYPE_CHECKING

from pipelines.duck import identifier
from pipelines.ledger import Ledger

if TYPE_CHECKING:
    import duckdb

TABLES = ("pulls", "landings", "arrivals", "drops", "builds", "check_results", "decisions")


def attach_ledger(connection: "duckdb.DuckDBPyConnection", ledger: Ledger) -> None:
    """Attach catalog `ledger` with the ledger's tables as they are now."""
    import pyarrow as pa

    connection.execute("attach ':memory:' as ledger")
    for name in TABLES:
        with ledger.connect() as source:
            columns = [str(row["name"]) for row in source.execute(f"pragma table_info({name})")]
            kinds = [str(row["type"]) for row in source.execute(f"pragma table_info({name})")]
            rows = [tuple(row) for row in source.execute(f"select * from {name} order by rowid")]
        types = {"INTEGER": pa.int64(), "REAL": pa.float64()}
        fields = [
            pa.field(column, types.get(kind.upper(), pa.string()))
            for column, kind in zip(columns, kinds, strict=True)
        ]
        values = list(zip(*rows, strict=True)) or [()] * len(columns)
        arrays = [pa.array(item, field.type) for item, field in zip(values, fields, strict=True)]
        connection.register("ledger_rows", pa.Table.from_arrays(arrays, schema=pa.schema(fields)))
        connection.execute(
            f"create table ledger.main.{identifier(name)} as select * from ledger_rows"
        )
        connection.unregister("ledger_rows")
