"""Read the tables of a family, and write down which sums hold between their cells.

A published contract says by the rule `hidden_cells` how its table takes part:

    implementation:
      rule: hidden_cells
      family: dossiers                  # tables of one family count the same things
      measures: [received, received_online, received_offline]
      equations:                        # sums within a row
        - {total: received, parts: [received_online, received_offline]}
      dimensions:                       # SQL on the table, by the names the family shares
        month: month
        quarter: "left(month, 4) || '-Q' || ((substr(month, 6, 2)::integer + 2) // 3)"
      counts:                           # what a measure counts, by the names the family shares
        received: received
        received_online: {measure: received, where: "channel_code = '2'"}

Where two tables share a count, it adds up to the same over every value of the dimensions they
share. A row that is not there counts nothing. Cells that an earlier release showed are known,
unless the same row has changed in a cell that both show.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import PublishedContract
from pipelines.duck import identifier, literal
from pipelines.publish.layout import VERSION
from pipelines.quality.readback import parquet_relation

RULE = "hidden_cells"


@dataclass(frozen=True)
class Member:
    """One table of a family: its contract, and what its rule says."""

    contract: PublishedContract
    rule: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.contract.name

    @property
    def measures(self) -> list[str]:
        return [str(name) for name in self.rule["measures"]]

    @property
    def row(self) -> str:
        """SQL for the name of a row: its key, joined."""
        key = ", ".join(f"cast({identifier(item.name)} as varchar)" for item in self.key)
        return f"concat_ws('|', {key})"

    @property
    def key(self) -> tuple[Any, ...]:
        return tuple(self.contract.table.key)

    def count(self, name: str) -> tuple[str, str]:
        """The measure of a shared count, and SQL for the rows that are meant."""
        said = self.rule["counts"][name]
        if isinstance(said, str):
            return said, "true"
        return str(said["measure"]), str(said["where"])


def members(contracts: Iterable[PublishedContract], family: str) -> list[Member]:
    """The tables of a family, by name."""
    found = [
        Member(contract, rule.implementation)
        for contract in contracts
        for rule in contract.table.rules
        if rule.implementation.get("rule") == RULE and rule.implementation.get("family") == family
    ]
    return sorted(found, key=lambda member: member.name)


def _cells(member: Member, relation: str, columns: Iterable[str] | None = None) -> str:
    """SQL for (dataset, row, measure, value) of a table."""
    present = set(member.measures if columns is None else columns)
    return " union all ".join(
        f"select {literal(member.name)} as dataset, {member.row} as row_key,"
        f" {literal(measure)} as measure, cast({identifier(measure)} as bigint) as value"
        f" from {relation}"
        for measure in member.measures
        if measure in present
    )


def read_current(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str], family: list[Member]
) -> None:
    """Make `cells` and `terms` from the tables as they are to be published.

    `tables` holds the relation of each dataset. `cells`: dataset, row_key, measure, value (NULL
    where hidden). `terms`: equation, dataset, row_key, measure, sign; the cells of an equation add
    up to 0.
    """
    parts = [_cells(member, tables[member.name]) for member in family]
    connection.execute(f"create or replace temp table cells as {' union all '.join(parts)}")
    connection.execute(
        "create or replace temp table terms (equation varchar, dataset varchar, row_key varchar,"
        " measure varchar, sign integer)"
    )
    for member in family:
        for equation in member.rule.get("equations") or ():
            _add_row_terms(connection, member, tables[member.name], equation)
    for position, one in enumerate(family):
        for other in family[position + 1 :]:
            _add_links(connection, one, other, tables)


def _add_row_terms(
    connection: duckdb.DuckDBPyConnection,
    member: Member,
    relation: str,
    equation: Mapping[str, Any],
) -> None:
    total = str(equation["total"])
    signs = {total: 1} | {str(part): -1 for part in equation["parts"]}
    for measure, sign in signs.items():
        connection.execute(
            "insert into terms select concat_ws('|', 'row', ?, ?, row_key), dataset, row_key,"
            " measure, ? from cells where dataset = ? and measure = ?",
            [member.name, total, sign, member.name, measure],
        )


def _add_links(
    connection: duckdb.DuckDBPyConnection, one: Member, other: Member, tables: Mapping[str, str]
) -> None:
    shared = [name for name in one.rule["dimensions"] if name in other.rule["dimensions"]]
    for count in one.rule["counts"]:
        if count not in other.rule["counts"]:
            continue
        for member, sign in ((one, 1), (other, -1)):
            measure, where = member.count(str(count))
            places = ", ".join(f"({member.rule['dimensions'][name]})::varchar" for name in shared)
            connection.execute(
                f"insert into terms select concat_ws('|', 'link', ?, ?, ?, {places or 'null'}), ?,"
                f" {member.row}, ?, ? from {tables[member.name]} where {where}",
                [one.name, other.name, count, member.name, measure, sign],
            )


def read_earlier(
    connection: duckdb.DuckDBPyConnection, releases: Path | None, family: list[Member]
) -> None:
    """Make `seen`: (dataset, row_key, measure, value) that a release showed and `cells` hides."""
    connection.execute(
        "create or replace temp table earlier (version varchar, dataset varchar, row_key varchar,"
        " measure varchar, value bigint)"
    )
    for member in family:
        for folder in sorted((releases / member.name).glob("*")) if releases else ():
            file = folder / f"{member.name}.parquet"
            if folder.is_symlink() or not VERSION.fullmatch(folder.name) or not file.exists():
                continue
            relation = parquet_relation(file)
            rows = connection.execute(f"describe from {relation}").fetchall()
            columns = {str(row[0]) for row in rows}
            if {column.name for column in member.key} <= columns:
                connection.execute(
                    f"insert into earlier select {literal(folder.name)}, *"
                    f" from ({_cells(member, relation, columns)})"
                )
    connection.execute(
        """
        create or replace temp table seen as
        with changed as (
            select distinct earlier.version, earlier.dataset, earlier.row_key
            from earlier
            inner join cells using (dataset, row_key, measure)
            where earlier.value <> cells.value
        )
        select dataset, row_key, measure, arg_max(earlier.value, earlier.version) as value
        from earlier
        inner join cells using (dataset, row_key, measure)
        anti join changed using (version, dataset, row_key)
        where earlier.value is not null and cells.value is null
        group by dataset, row_key, measure
        """
    )
