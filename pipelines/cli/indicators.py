"""`khomo indicators`: values of indicators out of the warehouse and into it, in one CSV layout.

The layout is that of the source `indicator-values`; what a value means there is its contract.
"""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import WITHHELD, err, fail, number, out

app = typer.Typer(help="Values of indicators, by file.", no_args_is_help=True)

SOURCE = "indicator-values"


@app.callback()
def _group() -> None:
    """Values of indicators, by file."""


@app.command("export")
def export(
    target: Annotated[Path, typer.Option("--out", "-o", help="The CSV file to write.")],
    template: Annotated[
        str | None,
        typer.Option(
            "--template",
            help="Instead of values one blank row per indicator for this period, such as 202611.",
        ),
    ] = None,
) -> None:
    """Write the values of the warehouse, or a template to fill in, in the layout of `import`.

    Examples:

        khomo indicators export --out values.csv

        khomo indicators export --template 202611 --out november.csv
    """
    from pipelines.duck import connect
    from pipelines.settings import home
    from pipelines.warehouse import indicators
    from pipelines.warehouse.promotion import promoted_file

    database = promoted_file(home())
    if database is None:
        fail("there is no warehouse yet; make one with `khomo run`")
    try:
        with connect(database, read_only=True) as connection:
            if template is not None:
                written, left_out = indicators.write_template(connection, target, template), 0
            else:
                written, left_out = indicators.write_values(connection, target)
    except indicators.IndicatorsError as error:
        fail(str(error))
    out.print(f"{number(written)} row(s) in {target}", soft_wrap=True)
    if left_out:
        err.print(f"{number(left_out)} value(s) of no single period or unit are left out")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file in the layout of `export`.")],
) -> None:
    """Take a file's values into the warehouse's source; they count from the next `khomo run` on.

    The file replaces one of the same name that was imported before. Leaves with 1 where it was
    rejected, or rows of it went to quarantine.
    """
    from pipelines.contracts import source
    from pipelines.ingest import raw
    from pipelines.ingest.arrival import ArrivalError
    from pipelines.ingest.connectors.base import PullError
    from pipelines.ingest.inbox import Inbox
    from pipelines.ingest.landing import LandingError
    from pipelines.ingest.readers import ReadError
    from pipelines.ingest.receive import receive
    from pipelines.ledger import Ledger
    from pipelines.lock import hold
    from pipelines.settings import home

    if not file.is_file():
        fail(f"{file} is no file")
    if file.suffix.lower() != ".csv":
        fail(f"{file} is no CSV file; save it as CSV, in UTF-8")
    state, contract = home(), source(SOURCE)
    try:
        with hold(state, "khomo indicators import", out.print):
            folder = Inbox(contract, state).folder
            folder.mkdir(parents=True, exist_ok=True)
            draft = folder / f".{file.name}.part"
            shutil.copyfile(file, draft)
            draft.replace(folder / file.name)
            ledger = Ledger(state.ledger)
            raw.pull(contract, state, ledger)
            done = receive(contract, state, ledger, report=out.print)
    except (PullError, LandingError, ReadError, ArrivalError) as error:
        out.print(str(error), soft_wrap=True)
        raise typer.Exit(WITHHELD) from error
    of_file = [landed for landed in done.files if landed.resource == file.name]
    if not of_file:
        out.print(
            f"nothing was taken from {file.name}: its bytes were imported before under another"
            f" name, or a program has it open in {folder}",
            soft_wrap=True,
        )
        return
    accepted = sum(landed.accepted for landed in of_file)
    quarantined = sum(landed.quarantined for landed in of_file)
    out.print(f"{number(accepted)} accepted, {number(quarantined)} quarantined; next: khomo run")
    if quarantined:
        err.print(f"see why: khomo quarantine show {SOURCE}")
        raise typer.Exit(WITHHELD)
