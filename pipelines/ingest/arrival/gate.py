"""Decide whether a new set of landed files may replace the current one."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pipelines.clock import now as present
from pipelines.contracts import SourceContract, Table
from pipelines.contracts.arrival import KINDS, acknowledgements, applies, policy
from pipelines.ingest.arrival import content, counts, sets
from pipelines.ingest.arrival.model import ArrivalError, Arrived, Finding
from pipelines.ingest.arrival.record import record
from pipelines.ledger import Ledger


def judge(
    contract: SourceContract,
    ledger: Ledger,
    before: Sequence[Arrived],
    now: Sequence[Arrived],
    fresh: Collection[tuple[str, str]],
    *,
    set_digest: str,
    run_id: str | None = None,
) -> tuple[str, ...]:
    """Compare `now` with `before`, record every finding, return remarks for the log.

    `fresh` names (table, resource) of what was landed just now; `set_digest` stands for the raw
    files of the set.

    Raises:
        ArrivalError: a finding blocks. The caller leaves everything as it was.
    """
    changed = bool(fresh) or {(file.table, file.resource) for file in before} != {
        (file.table, file.resource) for file in now
    }
    found: list[Finding] = []
    unknown: dict[str, int] = {}
    if changed:
        found += sets.missing_files(contract, before, now)
        for table in contract.tables:
            files = [file for file in now if file.table == table.name]
            arrived = [file for file in files if (file.table, file.resource) in fresh]
            past = counts.history(ledger, contract.name, table.name) if arrived else []
            for file in arrived:
                last = _replaced(file, files, before)
                outside, without = counts.outside_band(table, file, past)
                found += outside
                if without:
                    unknown[table.name] = unknown.get(table.name, 0) + 1
                found += counts.shares(table, file, last, past)
                found += _contents(table, file, last, now)
                found += _notices(table, file)
    found += sets.missing_months(contract, now, _today(contract))
    judged = [_settled(contract, item, blocking=changed) for item in found]
    record(contract, ledger, set_digest, judged, run_id)
    if blocked := [item for item in judged if item.action == "block"]:
        raise ArrivalError(contract.name, blocked, contract.path)
    said = [f"{contract.name}: {item}" for item in judged if item.action == "warn" and changed]
    return (*said, *counts.without_band(contract, unknown))


def _today(contract: SourceContract) -> datetime:
    """When months are judged to be overdue: synthetic data never go on after their as-of day."""
    if contract.synthetic and contract.as_of:
        return datetime.fromisoformat(contract.as_of).replace(tzinfo=UTC)
    return present()


def _replaced(file: Arrived, files: Sequence[Arrived], before: Sequence[Arrived]) -> Arrived | None:
    """What a file takes the place of: the one of its name, or the only one of its table."""
    had = [item for item in before if item.table == file.table]
    for item in had:
        if item.resource == file.resource:
            return item
    return had[0] if len(had) == len(files) == 1 else None


def _contents(
    table: Table, file: Arrived, last: Arrived | None, now: Sequence[Arrived]
) -> Iterator[Finding]:
    if last is not None and applies(table, "missing_period"):
        yield from content.missing_periods(table, file, last)
    if applies(table, "repeated_values"):
        yield from content.repeated_values(table, file, last, now)


def _notices(table: Table, file: Arrived) -> Iterator[Finding]:
    """What the reader let pass in the header."""
    for notice in file.notices:
        finding, _, names = notice.partition(": ")
        if finding in KINDS:
            yield Finding(
                finding,
                table.name,
                file.resource,
                names,
                "the columns of the contract",
                file.sha256,
                subject=names,
            )


def _settled(contract: SourceContract, item: Finding, *, blocking: bool) -> Finding:
    """The finding with what is done about it: as acknowledged, otherwise as the policy says."""
    for known in acknowledgements(contract):
        if (known.finding, known.sha256) == (item.finding, item.sha256):
            return replace(item, action="accept", reason=known.reason, role=known.role)
    table = next(table for table in contract.tables if table.name == item.table)
    action = policy(table, item.finding).action
    if action == "block" and not (blocking and KINDS[item.finding].jump):
        action = "warn"  # there is nothing to keep out: the set is the same, or is read already
    return replace(item, action=action)
