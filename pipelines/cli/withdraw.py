"""`khomo withdraw`: take a release back, or let it count again."""

from typing import Annotated

import typer

from pipelines.cli.console import fail, out


def withdraw(
    dataset: Annotated[str, typer.Argument(help="The published dataset.")],
    version: Annotated[str, typer.Argument(help="The version, as its folder is called.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in Vietnamese. It is published.")],
    role: Annotated[str, typer.Option("--role", help="Who decided: an office, not a person.")],
    reason_en: Annotated[
        str | None, typer.Option("--reason-en", help="The same in English.")
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Let a withdrawn version count again.")
    ] = False,
) -> None:
    """Take a release back: a signed tombstone stands in its place, `latest` moves back.

    No run publishes the same version again unless this is undone; then the next run decides on it
    anew. The release's files are kept under $KHOMO_HOME/withdrawn, for the owner only.
    """
    from pipelines.contracts import Text, load_published, load_sources
    from pipelines.ledger import Ledger
    from pipelines.lock import hold
    from pipelines.province import load_province
    from pipelines.publish import withdraw as stage
    from pipelines.publish.catalogue import write_catalogue
    from pipelines.publish.signing import SigningError
    from pipelines.settings import home

    if not reason.strip() or not role.strip():
        fail("--reason and --role are published: say why, and which office decided")
    state = home()
    ledger = Ledger(state.ledger)
    why = Text(reason, reason_en or reason)
    with hold(state, f"khomo withdraw {dataset} {version}", out.print):
        try:
            if undo:
                stage.restore(state, ledger, dataset, version, reason=why, role=role)
                said = f"{dataset} {version} may be published again; `khomo run` decides on it"
            else:
                seen = stage.withdraw(state, ledger, dataset, version, reason=why, role=role)
                now = f"readers see {seen.name}" if seen else "readers see no release"
                said = f"{dataset} {version} is withdrawn; {now}"
            write_catalogue(state, load_province(), load_published(), load_sources())
        except (stage.WithdrawError, SigningError) as error:
            fail(str(error))
    out.print(said, soft_wrap=True)
