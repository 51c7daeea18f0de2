"""Land a source and, where it is an inbox, put its files where they belong afterwards.

Landing itself is `landing`, moving files is `inbox`; here is what follows from the one for the
other: a file that was refused leaves the raw manifest too, or it would be refused for ever.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from pipelines.contracts import SourceContract
from pipelines.ingest import raw
from pipelines.ingest.admission import RefusedError
from pipelines.ingest.arrival import ArrivalError
from pipelines.ingest.connectors import RawFile, kind_of
from pipelines.ingest.inbox import Inbox
from pipelines.ingest.landing import Landing, current, land
from pipelines.ledger import Ledger
from pipelines.settings import Home


def receive(
    contract: SourceContract,
    home: Home,
    ledger: Ledger,
    *,
    run_id: str | None = None,
    report: Callable[[str], None] = lambda _message: None,
) -> Landing:
    """Land what was last pulled of a source; raises what `land` raises."""
    if kind_of(contract) != "inbox":
        return land(contract, home, ledger, run_id=run_id, report=report)
    inbox = Inbox(contract, home)
    pulled = raw.current(home, contract.name)
    arrived = {file.resource: file for file in pulled.files} if pulled else {}
    try:
        done = land(contract, home, ledger, run_id=run_id, report=report)
    except RefusedError as error:
        _reject(
            contract,
            home,
            inbox,
            {file.resource: (file, str(reason)) for file, reason in error.refused},
            "Tệp không đọc được theo hợp đồng dữ liệu.",
        )
        raise
    except ArrivalError as error:
        last = current(home, contract.name)
        known = {file.raw_sha256 for file in last.files} if last else set()
        _reject(
            contract,
            home,
            inbox,
            {
                name: (file, str(error))
                for name, file in arrived.items()
                if file.sha256 not in known
            },
            "Tệp khác thường so với các lần trước, nên chưa được nhận.",
        )
        raise
    for file in arrived.values():
        if inbox.holds(file):
            inbox.accept(file.resource)
            report(f"{contract.name}: {file.resource} is processed")
    return done


def _reject(
    contract: SourceContract,
    home: Home,
    inbox: Inbox,
    refused: Mapping[str, tuple[RawFile, str]],
    vi: str,
) -> None:
    """Take refused files out of the manifest, then out of the folder."""
    last = current(home, contract.name)
    before = {(file.table, file.resource): file for file in last.files} if last else {}
    raw.replace_in_manifest(
        home,
        contract.name,
        {
            name: before[file.table, name].raw_sha256 if (file.table, name) in before else None
            for name, (file, _reason) in refused.items()
        },
    )
    for name, (file, reason) in refused.items():
        if inbox.holds(file):
            inbox.reject(Path(inbox.folder / name), vi, reason)
