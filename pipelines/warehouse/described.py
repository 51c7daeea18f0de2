"""Tables and columns of an open warehouse, with the descriptions that it keeps as comments."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pipelines.warehouse.walled import CATALOG, PRIVATE

if TYPE_CHECKING:
    from pipelines.warehouse.walled import Walled


@dataclass(frozen=True)
class Column:
    """A column, with its description in Vietnamese and English."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Table:
    """A table, with its description in Vietnamese and English and its columns in their order."""

    schema: str
    name: str
    description: str
    columns: tuple[Column, ...]

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"


_TABLES = f"""
    select
        if(tables.database_name = '{CATALOG}', tables.schema_name, tables.database_name),
        tables.table_name,
        coalesce(tables.comment, '') as table_comment,
        columns.column_name,
        columns.data_type,
        coalesce(columns.comment, '') as column_comment
    from duckdb_tables() as tables
    join duckdb_columns() as columns using (database_name, schema_name, table_name)
    where
        not tables.internal
        and tables.database_name in ('{CATALOG}', 'ledger', 'temp')
    order by 1, 2, columns.column_index
"""


def tables_of(warehouse: "Walled") -> tuple[Table, ...]:
    """Every table that may be asked, by schema and name."""
    found: dict[tuple[str, str], tuple[str, list[Column]]] = {}
    for schema, name, comment, column, kind, column_comment in warehouse.connection.execute(
        _TABLES
    ).fetchall():
        if schema == PRIVATE and not warehouse.private:
            continue
        _, columns = found.setdefault((schema, name), (comment, []))
        columns.append(Column(column, kind, column_comment))
    return tuple(
        Table(schema, name, comment, tuple(columns))
        for (schema, name), (comment, columns) in found.items()
    )


def matching(tables: tuple[Table, ...], pattern: str) -> tuple[Table, ...]:
    """Tables whose name, with or without its schema, fits the pattern; `*` stands for anything.

    A pattern without `*` fits wherever it occurs in the name.
    """
    wanted = pattern.casefold()
    if "*" not in wanted:
        wanted = f"*{wanted}*"
    return tuple(
        table
        for table in tables
        if fnmatchcase(table.full_name.casefold(), wanted)
        or fnmatchcase(table.name.casefold(), wanted)
    )


def named(tables: tuple[Table, ...], name: str) -> tuple[Table, ...]:
    """The table with this name; several where the name has no schema and is not unique."""
    wanted = name.replace('"', "").casefold()
    return tuple(
        table for table in tables if wanted in (table.full_name.casefold(), table.name.casefold())
    )
