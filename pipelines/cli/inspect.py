"""`khomo status`, `khomo verify`, `khomo report`: look at what is there; nothing is changed."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import WITHHELD, err, fail, out


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show sources, datasets, the warehouse and who is running now."""
    from pipelines.cli.summary import (
        datasets_table,
        print_attention,
        print_places,
        sources_table,
    )
    from pipelines.ledger import Ledger
    from pipelines.lock import holder
    from pipelines.province import ProvinceError, load_province
    from pipelines.report.collect import collect, to_json
    from pipelines.settings import home

    state = home()
    if not state.ledger.exists():
        fail(f"nothing has run in {state.root} yet; start with `khomo run`")
    try:
        report = collect(state, Ledger(state.ledger), load_province())
    except ProvinceError as error:
        fail(str(error))
    if as_json:
        document = {**to_json(report), "running": holder(state), "home": str(state.root)}
        json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    out.print(sources_table(report.sources))
    out.print(datasets_table(report.datasets))
    print_attention(report.attention)
    out.print(f"running    {holder(state) or 'nothing'}")
    print_places(state)


def verify(
    path: Annotated[
        Path | None,
        typer.Argument(help="A release, a dataset's folder, or a folder of datasets."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every release under $KHOMO_HOME/releases.")
    ] = False,
    key: Annotated[
        list[Path] | None,
        typer.Option(
            "--key",
            help="A public key (PEM) it must be signed with, or a folder of them; can be repeated."
            " Without it: the keys this home signed with.",
        ),
    ] = None,
) -> None:
    """Recompute everything a release claims, offline, from its own files and a public key.

    Leaves with 0 when all releases are as they were decided on, with 1 when one is not, naming
    the file and what is wrong with it.
    """
    from pipelines.publish.signing import SigningError, known_keys, read_keys
    from pipelines.publish.verify import is_tombstone, origin
    from pipelines.publish.verify import verify as verify_path
    from pipelines.settings import home

    if (path is None) == (not everything):
        fail("name one release folder, or use --all")
    target = path if path is not None else home().releases
    if not target.exists():
        fail(f"{target} does not exist")
    try:
        keys = read_keys(key) if key else known_keys(home())
    except SigningError as error:
        fail(str(error))
    results = verify_path(target, keys)
    if not results:
        fail(f"there is no release in {target}")
    bad = 0
    signed: dict[str, bool] = {}
    for folder, problems in sorted(results.items()):
        shown = "/".join(folder.parts[-2:])
        if not problems:
            mark = " [yellow](withdrawn)[/]" if is_tombstone(folder) else ""
            out.print(f"[green]✓[/] {shown}{mark}")
            said = origin(folder)
            signed[said.key] = said.demo
            continue
        bad += 1
        for problem in problems:
            err.print(f"[red]✗[/] {shown}: {problem}", soft_wrap=True)
    out.print(f"{len(results) - bad} of {len(results)} releases verified")
    for name, demo in sorted(signed.items()):
        kind = ", a demo key that proves one home and nobody's name" if demo else ""
        if keys:
            out.print(f"signed with {name}{kind}", soft_wrap=True)
        else:
            out.print(
                f"they say they are signed with {name}{kind}. [yellow]Origin is not proved:[/]"
                " name the publisher's public key with --key",
                soft_wrap=True,
            )
    if bad:
        raise typer.Exit(WITHHELD)


def report(
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write the data-quality report anew and say where it is."""
    import webbrowser

    from pipelines.ledger import Ledger
    from pipelines.province import load_province
    from pipelines.report import write_report
    from pipelines.settings import home

    state = home()
    if not state.ledger.exists():
        fail(f"nothing has run in {state.root} yet; start with `khomo run`")
    files = write_report(state, Ledger(state.ledger), load_province())
    out.print(str(files.html), soft_wrap=True)
    if open_it and not webbrowser.open(files.html.as_uri()):
        err.print("no browser could be opened; open the file above")
