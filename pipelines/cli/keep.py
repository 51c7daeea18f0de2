"""`khomo purge` and `khomo secrets`: how long personal data and the key over it live."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from pipelines.cli.console import fail, number, out

secrets = typer.Typer(help="The key behind pseudonyms.", no_args_is_help=True)


@secrets.callback()
def _group() -> None:
    """The key behind pseudonyms."""


def purge(
    source: Annotated[str, typer.Argument(help="The source whose raw bytes are removed.")],
    before: Annotated[
        str | None,
        typer.Option(help="Files first retrieved before this day; else the contract's rule."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Kept in the ledger.")] = "retention rule",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Remove raw bytes past their time, and the originals of their quarantined rows.

    The ledger keeps the entries with the day and the reason; landed rows stay.
    """
    from pipelines.contracts import ContractError
    from pipelines.contracts import source as contract_of
    from pipelines.contracts.retention import expires_before
    from pipelines.ingest.retention import expired
    from pipelines.ingest.retention import purge as remove
    from pipelines.ledger import Ledger
    from pipelines.lock import hold
    from pipelines.settings import home

    state = home()
    ledger = Ledger(state.ledger)
    try:
        contract = contract_of(source)
        limit = datetime.fromisoformat(before).replace(tzinfo=UTC) if before else None
    except ContractError as error:
        fail(str(error))
    except ValueError:
        fail(f"--before {before!r} is no day; write it like 2026-10-31")
    if limit is None and expires_before(contract, datetime.now(UTC)) is None:
        fail(f"source {source} has no retention rule; name a day with --before")
    with hold(state, f"khomo purge {source}", out.print):
        files = expired(contract, state, ledger, limit)
        for file in files:
            out.print(
                f"{file.resource}  {number(file.bytes)} bytes  since {file.first_retrieved_at[:10]}"
            )
        if dry_run:
            out.print(f"{len(files)} file(s) would go; nothing was changed")
            return
        remove(contract, state, ledger, files, reason)
    out.print(f"{len(files)} file(s) purged")


@secrets.command()
def rotate() -> None:
    """Replace the key behind pseudonyms, and land every keyed source anew under it.

    A cut-off rotation is finished by the next run: what was landed under another key is landed
    again. The old key is not kept.
    """
    import os

    from pipelines.contracts import sources_in_use
    from pipelines.ingest import raw
    from pipelines.ingest.landed import current
    from pipelines.ingest.pseudonym import new_key
    from pipelines.ingest.receive import receive
    from pipelines.ledger import Ledger
    from pipelines.lock import hold
    from pipelines.settings import home

    if os.environ.get("KHOMO_PSEUDONYM_KEY"):
        fail(
            "the key comes from KHOMO_PSEUDONYM_KEY: change it where it is set, then `khomo run`"
            " lands every keyed source anew"
        )
    state = home()
    keyed = {
        name: contract
        for name, contract in sources_in_use().items()
        if any(column.pseudonymise for table in contract.tables for column in table.columns)
        and current(state, name) is not None
    }
    with hold(state, "khomo secrets rotate", out.print):
        pulls = {name: raw.current(state, name) for name in keyed}
        gone = [
            f"{name}: {file.resource}"
            for name, pulled in pulls.items()
            if pulled is not None
            for file in pulled.files
            if not raw.blob(state, name, file.sha256).exists()
        ]
        if gone:
            fail(
                f"{len(gone)} raw file(s) were purged and cannot be landed under a new key; nothing"
                f" was changed: {', '.join(gone[:5])}{' …' if len(gone) > 5 else ''}"  # noqa: PLR2004
            )
        new_key(state)
        for contract in keyed.values():
            receive(contract, state, Ledger(state.ledger), report=out.print)
    out.print(
        f"{len(keyed)} source(s) landed under the new key; `khomo run` rebuilds the warehouse"
    )
