"""Land a source and, where it is an inbox, put its files where they belong afterwards.

Landing itself is `landing`, moving files is `inbox`; here is what follows from the one for the
other: a file that was refused leaves the raw manifest too, or it would be refused for ever.
"""

from collections.abc import Callable, Mapping

from pipelines.contracts import SourceContract, Text
from pipelines.contracts.arrival import KINDS
from pipelines.contracts.inbox import is_inbox
from pipelines.ingest import raw
from pipelines.ingest.admission import RefusedError
from pipelines.ingest.arrival import ArrivalError
from pipelines.ingest.connectors import RawFile
from pipelines.ingest.inbox import Inbox
from pipelines.ingest.landing import Landing, current, land
from pipelines.ledger import Ledger
from pipelines.settings import Home

_UNREADABLE = "Tệp không đọc được theo hợp đồng dữ liệu."
_BLOCKED = "Tệp khác thường so với các lần trước, nên chưa được nhận."


def receive(
    contract: SourceContract,
    home: Home,
    ledger: Ledger,
    *,
    run_id: str | None = None,
    report: Callable[[str], None] = lambda _message: None,
) -> Landing:
    """Land what was last pulled of a source; raises what `land` raises."""
    if not is_inbox(contract):
        return land(contract, home, ledger, run_id=run_id, report=report)
    inbox = Inbox(contract, home)
    pulled = raw.current(home, contract.name)
    arrived = {file.resource: file for file in pulled.files} if pulled else {}
    try:
        done = land(contract, home, ledger, run_id=run_id, report=report)
    except RefusedError as error:
        refused = {
            file.resource: (file, Text(_UNREADABLE, str(reason))) for file, reason in error.refused
        }
        _reject(contract, home, inbox, refused, run_id)
        raise
    except ArrivalError as error:
        _reject(contract, home, inbox, _blocked(contract, home, arrived, error), run_id)
        raise
    for drop in inbox.lying():
        file = arrived.get(drop.name)
        if file is not None and file.etag == drop.state:
            outcome = inbox.accept(drop, file.sha256, run_id)
            report(
                f"{contract.name}: {drop.name} is processed"
                + (": the same bytes as before" if outcome == "duplicate" else "")
            )
    return done


def _blocked(
    contract: SourceContract, home: Home, arrived: Mapping[str, RawFile], error: ArrivalError
) -> dict[str, tuple[RawFile, Text]]:
    """The new files that findings are about, each with them; all new ones where none is named."""
    last = current(home, contract.name)
    known = {(file.resource, file.raw_sha256) for file in last.files} if last else set()
    new = {
        name: file for name, file in arrived.items() if (file.resource, file.sha256) not in known
    }
    said: dict[str, list[Text]] = {}
    for item in error.findings:
        text = Text(
            f"{KINDS[item.finding].text.vi}: {item.observed} (chờ đợi: {item.expected})", str(item)
        )
        for name in (item.resource,) if item.resource in new else new:
            said.setdefault(name, []).append(text)
    return {
        name: (
            new[name],
            Text(
                "\n".join([_BLOCKED, *(text.vi for text in texts)]),
                "\n".join(text.en for text in texts),
            ),
        )
        for name, texts in said.items()
    }


def _reject(
    contract: SourceContract,
    home: Home,
    inbox: Inbox,
    refused: Mapping[str, tuple[RawFile, Text]],
    run_id: str | None,
) -> None:
    """Take refused files out of the manifest, then out of the folder.

    In this order: after a kill between the two the next run finds them again and refuses again.
    """
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
    for drop in inbox.lying():
        if drop.name not in refused:
            continue
        file, reason = refused[drop.name]
        if file.etag == drop.state:
            inbox.reject(drop, reason, file.sha256, run_id)
