"""Which files there are: missing files, tables and months."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from pipelines.canonical import digest_of
from pipelines.contracts import SourceContract
from pipelines.contracts.cadence import DAYS, TOLERANCE, promised_period
from pipelines.ingest.arrival.model import Arrived, Finding


def missing_files(
    contract: SourceContract, before: Sequence[Arrived], now: Sequence[Arrived]
) -> Iterator[Finding]:
    """Files that were there, or whole tables. A table the contract gave up is not missed."""
    there = {(file.table, file.resource) for file in now}
    for table in contract.tables:
        had = [file for file in before if file.table == table.name]
        lost = [file for file in had if (file.table, file.resource) not in there]
        if lost and not any(file.table == table.name for file in now):
            bytes_of = sorted(file.sha256 for file in lost)
            yield Finding(
                "missing_table",
                table.name,
                "",
                "no file",
                f"{len(lost)} file(s), {sum(file.accepted for file in lost):,} accepted rows",
                bytes_of[0] if len(bytes_of) == 1 else digest_of(bytes_of),
            )
            continue
        for file in lost:
            yield Finding(
                "missing_file",
                table.name,
                file.resource,
                "no file of this name",
                f"the {file.accepted:,} accepted rows it had",
                file.sha256,
            )


def missing_months(
    contract: SourceContract, now: Sequence[Arrived], at: datetime
) -> Iterator[Finding]:
    """Months without a file between others, and months that the cadence promised by `at`."""
    for table in contract.tables:
        months = {file.partition for file in now if file.table == table.name and file.partition}
        if not months:
            continue
        first, last = min(months), max(months)
        # What stands for the state in which the month is missed, for an acknowledgement.
        state = digest_of([table.name, sorted(months)])
        month = _next(first)
        while month < last or _due(contract, month, at):
            if month not in months:
                yield Finding(
                    "missing_partition",
                    table.name,
                    "",
                    f"no file for {month}",
                    f"every month from {first} on"
                    if month < last
                    else f"{month} by now, as the cadence promises",
                    state,
                    subject=month,
                )
            month = _next(month)


def _next(month: str) -> str:
    year, number = int(month[:4]), int(month[5:7])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def _due(contract: SourceContract, month: str, at: datetime) -> bool:
    """Whether the promised cadence makes `month` overdue: its end and half a period are past."""
    promise = promised_period(contract)
    if promise is None or promise[0] * DAYS[promise[1]] > DAYS["m"]:
        return False  # less than monthly: no month is promised by itself
    following = _next(month)
    end = datetime(int(following[:4]), int(following[5:7]), 1, tzinfo=UTC)
    return at >= end + timedelta(days=promise[0] * DAYS[promise[1]] * (TOLERANCE - 1))
