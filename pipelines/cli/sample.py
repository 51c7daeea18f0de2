"""`khomo sample`: write synthetic input files, for demonstrations and load tests."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import fail, number, out

app = typer.Typer(help="Write synthetic input files (never real data).", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Write synthetic input files (never real data)."""


@app.command()
def dossiers(
    rows: Annotated[int, typer.Option(min=1, help="How many dossiers to write.")],
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for the monthly CSV files.")],
    seed: Annotated[int, typer.Option(help="Same seed, rows and province: same bytes.")] = 2026,
) -> None:
    """Write dossiers as a province's one-stop system exports them, one CSV file per month.

    All persons are invented. Memory stays bounded up to 50 million rows.
    """
    from pipelines.ingest.connectors import PullError
    from pipelines.province import load_province
    from pipelines.synthetic.bundled import write_dossiers_for

    if out_folder.exists() and any(out_folder.iterdir()):
        fail(f"{out_folder} is not empty; name a new folder")
    try:
        summary = write_dossiers_for(load_province(), out_folder, rows=rows, seed=seed)
    except (PullError, ValueError) as error:
        fail(str(error))
    out.print(f"{number(int(summary['rows']))} dossiers in {summary['files']} files: {out_folder}")
