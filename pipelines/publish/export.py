"""From a warehouse table to CSV and Parquet: the only place that writes published values.

Both files hold the contract's columns in its order, with the same rows in the same order; the
bytes depend on nothing but content.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipelines.contracts import PublishedContract
from pipelines.duck import connect, identifier, literal
from pipelines.publish.descriptor import SYNTHETIC_NOTICE
from pipelines.quality.content import PUBLISHABLE, canonical_text, relation_digest


class CandidateError(Exception):
    """A candidate cannot be made or read; the message names dataset, cause and remedy."""


def find_relation(connection: duckdb.DuckDBPyConnection, model: str, dataset: str) -> str:
    """The quoted name of the table a dbt model was built as.

    Raises:
        CandidateError: there is no such table, or more than one.
    """
    found = connection.execute(
        "select table_schema from information_schema.tables"
        " where table_name = ? and table_type = 'BASE TABLE' order by 1",
        [model],
    ).fetchall()
    if len(found) != 1:
        places = ", ".join(str(row[0]) for row in found) or "no schema"
        raise CandidateError(
            f"{dataset}: the warehouse must hold the model {model!r} as exactly one table;"
            f" found in {places}; run the warehouse stage, or correct physicalName in the contract"
        )
    return f"{identifier(str(found[0][0]))}.{identifier(model)}"


def _check_types(
    connection: duckdb.DuckDBPyConnection, relation: str, contract: PublishedContract
) -> None:
    actual = {
        str(row[0]): str(row[1])
        for row in connection.execute(f"describe from {relation}").fetchall()
    }
    for column in contract.table.columns:
        if not PUBLISHABLE.fullmatch(column.type):
            raise CandidateError(
                f"{contract.name}.{column.name}: type {column.type} cannot be published;"
                " use one that CSV, Parquet and Data Package share"
            )
        found = actual.get(column.name)
        if found is None:
            raise CandidateError(
                f"{contract.name}.{column.name}: model {contract.model} has no such column"
            )
        if found.replace(" ", "") != column.type.replace(" ", ""):
            raise CandidateError(
                f"{contract.name}.{column.name}: the model has {found}, the contract"
                f" {column.type}; make them equal, because a silent cast would change values"
            )


def sort_order(contract: PublishedContract) -> str:
    """SQL for the order of rows: primary key, then every column."""
    key = contract.table.key
    rest = [column for column in contract.table.columns if column not in key]
    return ", ".join(f"{identifier(column.name)} nulls last" for column in (*key, *rest))


def write_csv(
    connection: duckdb.DuckDBPyConnection, relation: str, contract: PublishedContract, path: Path
) -> None:
    """Export as CSV; every value is written as its canonical text."""
    columns = contract.table.columns
    texts = ", ".join(
        f"{canonical_text(identifier(column.name), column.type)} as {identifier(column.name)}"
        for column in columns
    )
    ordered = f"select * from {relation} order by {sort_order(contract)}"
    connection.execute(
        f"copy (select {texts} from ({ordered})) to {literal(str(path))}"
        " (format csv, header, delimiter ',', quote '\"', escape '\"', nullstr '',"
        " new_line '\\r\\n')"
    )


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    contract: PublishedContract,
    path: Path,
    metadata: Mapping[str, str],
) -> None:
    """Export as Parquet; `metadata` goes into the file's own key-value metadata."""
    names = ", ".join(identifier(column.name) for column in contract.table.columns)
    facts = ", ".join(f"{name}: {literal(value)}" for name, value in sorted(metadata.items()))
    connection.execute(
        f"copy (select {names} from {relation} order by {sort_order(contract)})"
        f" to {literal(str(path))}"
        f" (format parquet, compression zstd, row_group_size 122880, kv_metadata {{{facts}}})"
    )


def _metadata(contract: PublishedContract, synthetic: bool) -> dict[str, str]:
    facts = {
        "dataset": contract.name,
        "title": contract.title.vi,
        "title_en": contract.title.en,
        "synthetic": "true" if synthetic else "false",
    }
    if synthetic:
        facts["notice"] = SYNTHETIC_NOTICE.vi
        facts["notice_en"] = SYNTHETIC_NOTICE.en
    return facts


def export_tables(
    contract: PublishedContract, warehouse: Path, folder: Path, *, synthetic: bool
) -> tuple[int, str]:
    """Write both data files; returns the rows and the content digest of the relation read."""
    with connect(warehouse, read_only=True) as connection:
        relation = find_relation(connection, contract.model, contract.name)
        _check_types(connection, relation, contract)
        content = relation_digest(connection, relation, contract.table.columns)
        counted = connection.execute(f"select count(*) from {relation}").fetchone()
        # One thread: how rows fall into row groups must not depend on the machine.
        connection.execute("set threads = 1")
        try:
            write_csv(connection, relation, contract, folder / f"{contract.name}.csv")
            write_parquet(
                connection,
                relation,
                contract,
                folder / f"{contract.name}.parquet",
                _metadata(contract, synthetic),
            )
        finally:
            connection.execute("reset threads")
    return int(counted[0]) if counted else 0, content
