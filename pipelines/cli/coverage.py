"""`khomo coverage`: what the warehouse holds for each system that the plan documents name."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import WITHHELD, err, fail, out


def coverage(
    target: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the Markdown page here.")
    ] = None,
) -> None:
    """Say for each system of the plan documents what serves it and in what state that is.

    Leaves with 1 where something that should serve a system is not in the warehouse or empty.
    """
    from rich.table import Table

    from pipelines.duck import connect
    from pipelines.settings import home
    from pipelines.warehouse.coverage import STATES, markdown, systems
    from pipelines.warehouse.promotion import promoted_file

    state = home()
    database = promoted_file(state)
    if database is None:
        fail("there is no warehouse yet; make one with `khomo run`")
    with connect(database, read_only=True) as connection:
        found = systems(connection, state)
    if target is not None:
        target.write_text(markdown(found), encoding="utf-8")
        out.print(str(target), soft_wrap=True)
    else:
        table = Table("system", "named in", "state", header_style="bold", box=None, pad_edge=False)
        for system in found:
            table.add_row(
                f"{system.name_vi}\n[dim]{system.name_en}[/]",
                system.named_in,
                "\n".join(" / ".join(STATES[state]) for state in system.states),
            )
        out.print(table)
    broken = [
        service
        for system in found
        for service in system.services
        if service.state in ("missing", "empty")
    ]
    for service in broken:
        err.print(f"{service.system}: {service.kind} {service.name}: {STATES[service.state][1]}")
    if broken:
        raise typer.Exit(WITHHELD)
