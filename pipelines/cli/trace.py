"""`khomo trace`: which raw files and rows a published figure rests on."""

import csv
import json
import sys
from typing import Annotated

import typer

from pipelines.cli.console import fail, number, out
from pipelines.cli.results import Format


def trace(
    dataset: Annotated[str, typer.Argument(help="The published dataset.")],
    where: Annotated[
        str, typer.Option("--where", "-w", help="SQL condition that selects published rows.")
    ] = "true",
    version: Annotated[str, typer.Option(help="The release; `latest` unless named.")] = "latest",
    limit: Annotated[int, typer.Option(min=1, help="How many raw rows are listed at most.")] = 20,
    output: Annotated[
        Format,
        typer.Option("--format", "-f", help="`table` for people, `csv`/`json` for programs."),
    ] = Format.table,
) -> None:
    """Lead from published rows to the raw files and the rows in them.

    Shows places only, never what a raw row says. Rows are counted as a spreadsheet shows them.

    Example:

        khomo trace dossiers-by-unit --where "quarter = '2026-Q2' and unit_code = '18073'"
    """
    from pipelines.contracts import ContractError, published
    from pipelines.ledger import Ledger
    from pipelines.settings import home
    from pipelines.trace import TraceError
    from pipelines.trace import trace as follow

    state = home()
    try:
        found = follow(
            published(dataset),
            state,
            Ledger(state.ledger),
            where=where,
            version=version,
            limit=limit,
        )
    except (ContractError, TraceError) as error:
        fail(str(error))
    if output is Format.json:
        document = {
            "dataset": found.dataset,
            "version": found.version,
            "selected": found.selected,
            "files": [
                {
                    "source": place.source,
                    "table": place.table,
                    "file": place.resource,
                    "sha256": place.sha256,
                    "sheet": place.sheet,
                    "path": str(place.path) if place.path else None,
                    "rows": dict(place.rows),
                }
                for place in found.places
            ],
            "rows": [
                {"source": source, "file": file, "row": row, "counts_as": measure}
                for source, file, row, measure in found.rows
            ],
        }
        json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    if output is Format.csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(["source", "file", "row", "counts_as"])
        writer.writerows(found.rows)
        return
    out.print(
        f"{found.dataset} {found.version}: {number(found.selected)} published row(s) rest on"
        f" {number(sum(sum(place.rows.values()) for place in found.places))} raw row(s)"
    )
    for place in found.places:
        counted = ", ".join(f"{number(rows)} {measure}" for measure, rows in place.rows.items())
        sheet = f", sheet {place.sheet}" if place.sheet else ""
        out.print(f"[bold]{place.source}[/] {place.resource}{sheet}: {counted}", soft_wrap=True)
        out.print(f"  [dim]{place.path or 'raw bytes purged'}[/]", soft_wrap=True)
    for source, file, row, measure in found.rows:
        out.print(f"  {source} {file} row {number(row)} ({measure})", soft_wrap=True)
