"""How the result of a query is printed: a table for people, CSV and JSON for programs."""

import csv
import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pipelines.cli.console import err, out

TABLE_ROWS = 200  # more than a person reads in a terminal


class Format(StrEnum):
    """How a result is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def print_result(result: Any, output: Format) -> None:
    """Print what a DuckDB connection answered; as a table at most `TABLE_ROWS` rows."""
    names = [str(column[0]) for column in result.description or ()]
    if output is Format.csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(names)
        while rows := result.fetchmany(10_000):
            writer.writerows(rows)
    elif output is Format.json:
        _json(names, result)
    else:
        rows = result.fetchmany(TABLE_ROWS + 1)
        print_table(names, rows[:TABLE_ROWS])
        if len(rows) > TABLE_ROWS:
            err.print(f"only the first {TABLE_ROWS} rows are shown; all of them in format csv")
    sys.stdout.flush()


def print_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows as a table; NULL is an empty cell."""
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold")
    for name in names:
        table.add_column(Text(name))
    for row in rows:
        table.add_row(*[Text("" if value is None else str(value)) for value in row])
    out.print(table)


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
