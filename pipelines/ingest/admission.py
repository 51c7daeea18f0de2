"""Between landing and the arrival gate: landed files in the gate's own terms, refusals on record.

What is judged and how is `arrival`.
"""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from pipelines.contracts import SourceContract
from pipelines.ingest import arrival
from pipelines.ingest.arrival.record import record
from pipelines.ingest.connectors import RawFile
from pipelines.ingest.landed import LandedFile
from pipelines.ingest.readers import HeaderError, ReadError
from pipelines.ledger import Ledger


class RefusedError(ReadError):
    """Files that cannot be read as their contract says, each with what is wrong with it.

    `findings` are those differences in headers that the arrival gate has a name for.
    """

    def __init__(self, refused: Sequence[tuple[RawFile, ReadError]]) -> None:
        super().__init__("\n".join(str(error) for _file, error in refused))
        self.refused = tuple(refused)
        self.findings = tuple(
            arrival.Finding(
                finding,
                file.table,
                file.resource,
                names,
                "the columns of the contract",
                file.sha256,
                action="block",
                subject=names,
            )
            for file, error in refused
            if isinstance(error, HeaderError)
            for finding, names in error.findings
        )


def refuse(
    contract: SourceContract,
    ledger: Ledger,
    refused: Sequence[tuple[RawFile, ReadError]],
    *,
    set_digest: str,
    run_id: str | None,
) -> RefusedError:
    """Keep on record what the readers found in headers; returns the error to raise."""
    error = RefusedError(refused)
    record(contract, ledger, set_digest, error.findings, run_id)
    return error


def admit(
    contract: SourceContract,
    ledger: Ledger,
    folder: Path,
    before: Sequence[LandedFile],
    now: Sequence[LandedFile],
    fresh: Collection[tuple[str, str]],
    pulled: Sequence[RawFile],
    *,
    set_digest: str,
    run_id: str | None,
    report: Callable[[str], None],
) -> None:
    """Let the landed files `now` in `folder` replace those of `before`, or refuse.

    Raises:
        arrival.ArrivalError: a finding blocks.
    """
    remarks = arrival.judge(
        contract,
        ledger,
        _arrived(folder, before),
        _arrived(folder, now, pulled),
        fresh,
        set_digest=set_digest,
        run_id=run_id,
    )
    for remark in remarks:
        report(remark)


def _arrived(
    folder: Path, files: Sequence[LandedFile], pulled: Sequence[RawFile] = ()
) -> list[arrival.Arrived]:
    """Landed files as the arrival gate sees them; `pulled` adds what only the raw store knows."""
    raw_files = {(file.table, file.resource): file for file in pulled}
    found: list[arrival.Arrived] = []
    for file in files:
        raw_file = raw_files.get((file.table, file.resource))
        found.append(
            arrival.Arrived(
                table=file.table,
                resource=file.resource,
                sha256=file.raw_sha256,
                pulled=file.pulled,
                accepted=file.accepted,
                quarantined=file.quarantined,
                reasons=file.reasons,
                accepted_rows=folder / file.file,
                bytes=raw_file.bytes if raw_file else 0,
                partition=raw_file.partition if raw_file else None,
                notices=file.notices,
            )
        )
    return found
