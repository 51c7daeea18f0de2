"""`khomo run` and `khomo dev`: start the graph, or the UI, and say how it went."""

import getpass
import sys
import time
from typing import Annotated

import typer

from pipelines.cli.console import BAD_INPUT, WITHHELD, err, fail, out

_MARKS = {"done": "[green]✓[/]", "failed": "[red]✗[/]"}


class _Progress:
    """Prints one line per finished step, and beneath it what the step had to say."""

    def __init__(self) -> None:
        self.started: dict[str, float] = {}

    def __call__(self, kind: str, text: str) -> None:
        if kind == "step":
            self.started[text] = time.monotonic()
            return
        if kind == "say":
            out.print(f"    [dim]{text}[/]", soft_wrap=True)
            return
        step, _, detail = text.partition(": ")
        seconds = time.monotonic() - self.started.get(step, time.monotonic())
        out.print(f"{_MARKS[kind]} {step} [dim]{seconds:.1f} s[/]")
        if detail:
            err.print(f"  [red]{detail}[/]", soft_wrap=True)


def run(
    select: Annotated[
        str | None,
        typer.Option(
            "--select",
            "-s",
            help="Dagster asset selection, such as `key:release/*` or `+key:release/dti_ranks`.",
        ),
    ] = None,
    months: Annotated[
        str | None,
        typer.Option(
            "--months",
            "-m",
            help="Only these months of sources parted by month: `2026-10` or `2026-01..2026-10`.",
        ),
    ] = None,
) -> None:
    """Run the graph through Dagster: pull, land, build, check, decide, publish, report.

    Without --select everything runs; what did not change is recognised and left alone. Leaves with
    0 when every dataset is published or unchanged, with 1 when one is withheld or a step failed.
    """
    from pipelines.contracts import ContractError
    from pipelines.province import ProvinceError
    from pipelines.settings import home
    from pipelines.warehouse.dbt import DbtError

    state = home()
    started = time.monotonic()
    try:
        import dagster as dg

        from pipelines.orchestration.execute import execute

        outcome = execute(
            state, select, f"khomo run ({getpass.getuser()})", _Progress(), _span(months)
        )
    except (ContractError, ProvinceError, DbtError) as error:
        fail(str(error))
    except dg.DagsterError as error:
        fail(f"--select {select!r}: {error}")

    from pipelines.cli.summary import print_summary
    from pipelines.ledger import Ledger
    from pipelines.province import load_province
    from pipelines.report.collect import collect

    ledger = Ledger(state.ledger)
    report = collect(state, ledger, load_province())
    print_summary(state, report, time.monotonic() - started)
    withheld = ledger.rows(
        "select dataset from decisions where run_id = ? and outcome = 'withheld'", outcome.run_id
    )
    if not outcome.success:
        err.print(f"[bold red]{len(outcome.errors)} step(s) failed:[/]")
        for message in outcome.errors:
            err.print(f"  {message}", soft_wrap=True)
        raise typer.Exit(WITHHELD)
    if withheld:
        raise typer.Exit(WITHHELD)


def _span(months: str | None) -> tuple[str, str] | None:
    """The first and the last month of what `--months` says."""
    from pipelines.ingest.partitions import is_month

    if months is None:
        return None
    first, _, last = months.partition("..")
    last = last or first
    if not (is_month(first) and is_month(last) and first <= last):
        fail(f"--months {months!r}: write a month like 2026-10, or a span like 2026-01..2026-10")
    return first, last


def dev(
    port: Annotated[int, typer.Option(help="Port of the UI on 127.0.0.1.")] = 3000,
) -> None:
    """Start the Dagster UI and the daemon on 127.0.0.1, until interrupted."""
    import os

    from pipelines.orchestration.execute import prepare_instance
    from pipelines.settings import PROJECT_ROOT, home

    state = home()
    folder = prepare_instance(state)
    environment = {
        **os.environ,
        "KHOMO_HOME": str(state.root),
        "DAGSTER_HOME": str(folder),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    out.print(f"Dagster: http://127.0.0.1:{port}   (Ctrl+C ends it)")
    workspace = PROJECT_ROOT / "workspace.yaml"
    os.chdir(PROJECT_ROOT)
    try:
        os.execve(
            sys.executable,
            [
                *(sys.executable, "-m", "dagster", "dev"),
                *("--workspace", str(workspace), "--host", "127.0.0.1", "--port", str(port)),
            ],
            environment,
        )
    except OSError as error:
        err.print(str(error))
        raise typer.Exit(BAD_INPUT) from error
