"""What the report says about arrivals: findings that stand, files put aside, sources that ended.

Read from the ledger, the manifests and the names in inbox folders; no data is read.
"""

from collections.abc import Collection

from pipelines.contracts import SourceContract
from pipelines.contracts.arrival import KINDS
from pipelines.contracts.inbox import is_inbox
from pipelines.ingest import landing, raw
from pipelines.ingest.arrival import stale_acknowledgements, standing
from pipelines.ingest.inbox import Inbox
from pipelines.ledger import Ledger
from pipelines.report.model import ArrivalFinding, Arrivals
from pipelines.settings import Home


def arrivals(
    contract: SourceContract, home: Home, ledger: Ledger, landed: landing.Landing | None
) -> Arrivals:
    """What stands about the files that a source consists of now."""
    pulled = raw.current(home, contract.name)
    rejected = tuple(Inbox(contract, home).rejected()) if is_inbox(contract) else ()
    if pulled is None:
        return Arrivals((), False, rejected, ())
    found = standing(ledger, contract, pulled.digest)
    there = {(file.table, file.resource, file.sha256) for file in pulled.files}
    had = (
        {(file.table, file.resource, file.raw_sha256) for file in landed.files} if landed else set()
    )
    stale = stale_acknowledgements(contract, [file.sha256 for file in pulled.files], found)
    return Arrivals(
        findings=tuple(
            ArrivalFinding(
                finding=item.finding,
                meaning=KINDS[item.finding].text,
                table=item.table,
                file=item.resource,
                observed=item.observed,
                expected=item.expected,
                action=item.action,
                acknowledged_by=item.role,
            )
            for item in found
        ),
        waiting=there != had,
        rejected=rejected,
        stale=tuple(f"{item.finding} {item.sha256[:12]}" for item in stale),
    )


def unlisted(ledger: Ledger, known: Collection[str]) -> tuple[str, ...]:
    """Sources the ledger knows of that have neither a folder nor an entry in the retired list."""
    rows = ledger.rows("select distinct source from pulls order by source")
    return tuple(row["source"] for row in rows if row["source"] not in known)
