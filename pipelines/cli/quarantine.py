"""`khomo quarantine`: look at what was set aside, send it to its owner, take it back."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import WITHHELD, fail, number, out

app = typer.Typer(help="Rows that were set aside, and why.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help="The source.")]
Reason = Annotated[
    str | None, typer.Option("--reason", "-r", help="Only this reason, such as `amount: type`.")
]
Personal = Annotated[
    bool, typer.Option("--personal", help="Show what personal columns said. Mind who looks on.")
]


@app.callback()
def _group() -> None:
    """Rows that were set aside, and why."""


@app.command("list")
def list_(
    source: Annotated[str | None, typer.Argument(help="One source; all without it.")] = None,
) -> None:
    """Count quarantined rows by source, table and reason."""
    from rich.table import Table

    from pipelines.contracts import ContractError, sources_in_use
    from pipelines.contracts import source as contract_of
    from pipelines.ingest.quarantine import groups
    from pipelines.settings import home

    try:
        chosen = [contract_of(source)] if source else list(sources_in_use().values())
    except ContractError as error:
        fail(str(error))
    state = home()
    found = [group for contract in chosen for group in groups(contract, state)]
    if not found:
        out.print("no row is in quarantine")
        return
    table = Table(header_style="bold", box=None, pad_edge=False)
    for name in ("source", "table", "reason", "rows", "files", "meaning"):
        table.add_column(name, justify="right" if name in ("rows", "files") else "left")
    for group in found:
        table.add_row(
            group.source,
            group.table,
            group.reason,
            number(group.rows),
            number(group.files),
            " / ".join(group.meaning),
        )
    out.print(table)


@app.command()
def show(
    source: Source,
    reason: Reason = None,
    personal: Personal = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows shown at most.")] = 20,
) -> None:
    """Show quarantined rows with their file, row number and the value as received."""
    from pipelines.contracts import ContractError
    from pipelines.contracts import source as contract_of
    from pipelines.ingest.quarantine import rows
    from pipelines.settings import home

    try:
        contract = contract_of(source)
    except ContractError as error:
        fail(str(error))
    shown = 0
    for row in rows(contract, home(), reason=reason, personal=personal, limit=limit):
        value = "–" if row.value is None else row.value
        out.print(
            f"{row.file} row {number(row.number)}  {row.header}: {value}  [dim]{row.rule}[/]",
            soft_wrap=True,
        )
        shown += 1
    if not shown:
        out.print("no such row is in quarantine")


@app.command()
def export(
    source: Source,
    out_file: Annotated[Path, typer.Option("--out", help="A new CSV file.")],
    reason: Reason = None,
    personal: Personal = False,
) -> None:
    """Write the rows for the department that owns the data: where, what, and how to mend it."""
    from pipelines.contracts import ContractError
    from pipelines.contracts import source as contract_of
    from pipelines.ingest.quarantine import export as write
    from pipelines.settings import home

    try:
        count = write(contract_of(source), home(), out_file, reason=reason, personal=personal)
    except ContractError as error:
        fail(str(error))
    except FileExistsError:
        fail(f"{out_file} exists; name a new file")
    except OSError as error:
        fail(f"{out_file}: {error.strerror}")
    out.print(f"{number(count)} row(s) written to {out_file}, readable by you only", soft_wrap=True)


@app.command()
def replay(source: Source) -> None:
    """Land the source again, after its contract or its corrections changed; say what was mended."""
    from pipelines.contracts import ContractError
    from pipelines.contracts import source as contract_of
    from pipelines.ingest.arrival import ArrivalError
    from pipelines.ingest.landing import LandingError
    from pipelines.ingest.quarantine import groups
    from pipelines.ingest.readers import ReadError
    from pipelines.ingest.receive import receive
    from pipelines.ledger import Ledger
    from pipelines.lock import hold
    from pipelines.settings import home

    state = home()
    try:
        contract = contract_of(source)
        with hold(state, f"khomo quarantine replay {source}", out.print):
            before = {group.reason: group.rows for group in groups(contract, state)}
            receive(contract, state, Ledger(state.ledger), report=out.print)
            after = {group.reason: group.rows for group in groups(contract, state)}
    except ContractError as error:
        fail(str(error))
    except (LandingError, ReadError, ArrivalError) as error:
        out.print(str(error), soft_wrap=True)
        raise typer.Exit(WITHHELD) from error
    for reason in sorted({*before, *after}):
        was, now = before.get(reason, 0), after.get(reason, 0)
        if was != now:
            out.print(f"{reason}: {number(was)} → {number(now)}")
    total = sum(before.values()) - sum(after.values())
    out.print(f"{number(total)} fewer reason(s); `khomo run` takes the rows into the warehouse")
