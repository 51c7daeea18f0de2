"""Raw bytes past their time: find them, and remove them without losing what was made of them.

The ledger keeps what was received, from where and when, and when and why the bytes went. Landed
rows stay: they hold no personal value. The originals of quarantined rows go with the raw bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.canonical import sync_file, sync_folder
from pipelines.clock import now, stamp
from pipelines.contracts import SourceContract
from pipelines.contracts.retention import expires_before
from pipelines.duck import connect, literal
from pipelines.ingest import raw
from pipelines.ingest.landed import current
from pipelines.ledger import Ledger
from pipelines.settings import Home


@dataclass(frozen=True)
class Expired:
    """Stored bytes past their time. `resource` is the name they last arrived under."""

    resource: str
    sha256: str
    first_retrieved_at: str
    bytes: int


def expired(
    contract: SourceContract, home: Home, ledger: Ledger, before: datetime | None = None
) -> list[Expired]:
    """Stored bytes that were first retrieved before `before`; by the contract's rule without it."""
    limit = before or expires_before(contract, now())
    if limit is None:
        return []
    rows = ledger.rows(
        """
        select sha256, max(resource) as resource, max(bytes) as bytes,
            min(retrieved_at) as first_retrieved_at
        from pulls where source = ? group by sha256 having min(retrieved_at) < ?
        order by first_retrieved_at, resource
        """,
        contract.name,
        limit.isoformat(timespec="milliseconds"),
    )
    return [
        Expired(row["resource"], row["sha256"], row["first_retrieved_at"], row["bytes"])
        for row in rows
        if raw.blob(home, contract.name, row["sha256"]).exists()
    ]


def purge(
    contract: SourceContract,
    home: Home,
    ledger: Ledger,
    files: list[Expired],
    reason: str,
    report: Callable[[str], None] = lambda _message: None,
) -> None:
    """Remove `files` from the raw store and their rows' originals from quarantine.

    In this order, so that a kill leaves a file either whole or on record as gone: the originals,
    the ledger, the bytes. A purge that is run again finishes what was cut off.
    """
    landed = current(home, contract.name)
    for file in files:
        for item in landed.files if landed else ():
            if item.raw_sha256 == file.sha256:
                _forget_originals(home.quarantine / contract.name / item.file)
        with ledger.connect() as connection:
            connection.execute(
                "update pulls set purged_at = ?, purge_reason = ?"
                " where source = ? and sha256 = ? and purged_at is null",
                (stamp(), reason, contract.name, file.sha256),
            )
        raw.blob(home, contract.name, file.sha256).unlink(missing_ok=True)
        sync_folder(home.raw / contract.name)
        report(f"{contract.name}: {file.resource} purged ({file.bytes:,} bytes)")


def _forget_originals(path: Path) -> None:
    """Write a quarantine file anew without what its rows said."""
    if not path.exists():
        return
    draft = path.with_name(f".{path.name}.purged")
    with connect() as connection:
        connection.execute(
            f"copy (select * replace (null::json as _original) from"
            f" read_parquet({literal(str(path))})) to {literal(str(draft))}"
            " (format parquet, compression snappy)"
        )
    sync_file(draft)
    draft.replace(path)
    sync_folder(path.parent)
