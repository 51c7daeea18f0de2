"""`khomo sql`: one question to the promoted warehouse, or a shell; read-only and walled in."""

import re
import sys
from typing import Annotated

import typer
from rich.markup import escape

from pipelines.cli.console import BAD_INPUT, fail
from pipelines.cli.results import Format, print_result


def sql(
    query: Annotated[
        str | None,
        typer.Argument(help="One SQL query, in DuckDB's dialect; without it a shell opens."),
    ] = None,
    output: Annotated[
        Format,
        typer.Option("--format", "-f", help="`table` for people, `csv`/`json` for programs."),
    ] = Format.table,
    private: Annotated[
        bool,
        typer.Option("--private", help="Allow the schema `private`: single rows, never published."),
    ] = False,
) -> None:
    """Query the warehouse: read-only, without access to files or the network.

    Answers while a run is writing: it reads the last finished build. Without a query a shell opens;
    where standard input is no terminal, the statements in it are run.

    Examples:

        khomo sql "show all tables"

        khomo sql "select * from marts.dim_admin_unit where code = '18073'"

        khomo sql -f csv "from marts.mart_dti_ranks" > ranks.csv

        khomo sql "select source, resource, known_by, retrieved_at from ledger.pulls"

        khomo sql

        khomo sql -f csv < questions.sql
    """
    import duckdb

    from pipelines.cli.shell import Shell, converse, read_statements
    from pipelines.ledger import Ledger
    from pipelines.settings import home
    from pipelines.warehouse.promotion import promoted_file
    from pipelines.warehouse.walled import Refused, open_walled

    state = home()
    database = promoted_file(state)
    if database is None:
        fail("there is no warehouse yet; make one with `khomo run`")
    if query is None:
        with Shell(state, output, private=private) as shell:
            if sys.stdin.isatty():
                converse(shell)
            elif not read_statements(shell, sys.stdin):
                raise typer.Exit(BAD_INPUT)
        return
    asks_ledger = re.search(r"\bledger\b", query, re.IGNORECASE)
    ledger = Ledger(state.ledger) if asks_ledger else None
    with open_walled(database, ledger, private=private) as warehouse:
        try:
            print_result(warehouse.execute(query), output)
        except (Refused, duckdb.Error) as error:
            fail(escape(str(error)))
