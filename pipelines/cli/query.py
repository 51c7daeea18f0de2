"""`khomo sql`: ask the promoted warehouse, read-only and walled in."""

import csv
import json
import re
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from pipelines.cli.console import err, fail, out

TABLE_ROWS = 200  # more than a person reads in a terminal


class Format(StrEnum):
    """How a result is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def sql(
    query: Annotated[str, typer.Argument(help="One SQL query, in DuckDB's dialect.")],
    output: Annotated[
        Format,
        typer.Option("--format", "-f", help="`table` for people, `csv`/`json` for programs."),
    ] = Format.table,
) -> None:
    """Query the warehouse: read-only, without access to files or the network.

    Answers while a run is writing: it reads the last finished build.

    Examples:

        khomo sql "show all tables"

        khomo sql "select * from marts.dim_admin_unit where code = '18073'"

        khomo sql -f csv "from marts.mart_dti_ranks" > ranks.csv

        khomo sql "select source, resource, known_by, retrieved_at from ledger.pulls"
    """
    import duckdb

    from pipelines.duck import literal
    from pipelines.ledger import Ledger
    from pipelines.settings import home
    from pipelines.warehouse.ledger_tables import attach_ledger
    from pipelines.warehouse.promotion import promoted_file

    state = home()
    database = promoted_file(state)
    if database is None:
        fail("there is no warehouse yet; make one with `khomo run`")
    if re.search(r"\bledger\.", query, re.IGNORECASE):
        connection = duckdb.connect()
        connection.execute(f"attach {literal(str(database))} as warehouse (read_only)")
        attach_ledger(connection, Ledger(state.ledger))
        connection.execute("use warehouse")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    else:
        connection = duckdb.connect(
            str(database),
            read_only=True,
            config={"enable_external_access": "false", "lock_configuration": "true"},
        )
    try:
        result = connection.execute(query)
    except duckdb.Error as error:
        fail(str(error))
    names = [column[0] for column in result.description or ()]
    if output is Format.table:
        _table(names, result)
    elif output is Format.csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(names)
        while rows := result.fetchmany(10_000):
            writer.writerows(rows)
    else:
        _json(names, result)


def _json(names: list[str], result: Any) -> None:
    first = True
    sys.stdout.write("[")
    while rows := result.fetchmany(10_000):
        for row in rows:
            sys.stdout.write("\n " if first else ",\n ")
            json.dump(
                dict(zip(names, row, strict=True)), sys.stdout, ensure_ascii=False, default=str
            )
            first = False
    sys.stdout.write("\n]\n" if not first else "]\n")


def _table(names: list[str], result: Any) -> None:
    from rich.table import Table

    rows = result.fetchmany(TABLE_ROWS + 1)
    table = Table(*[str(name) for name in names], header_style="bold")
    for row in rows[:TABLE_ROWS]:
        table.add_row(*["" if value is None else str(value) for value in row])
    out.print(table)
    if len(rows) > TABLE_ROWS:
        err.print(f"only the first {TABLE_ROWS} rows are shown; all of them with --format csv")
