"""A file's numbers against its own history: size, rows, quarantine, types, duplicates.

History is what the ledger counted of earlier arrivals; no data is read.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from pipelines.bands import WINDOW, band
from pipelines.contracts import SourceContract, Table
from pipelines.contracts.arrival import policy
from pipelines.ingest.arrival.model import Arrived, Finding
from pipelines.ledger import Ledger

_FEW = 10  # rows; fewer of them are no jump, unless they are all there are


@dataclass(frozen=True)
class Past:
    """What the ledger counted of one earlier arrival."""

    resource: str
    sha256: str
    bytes: int | None
    pulled: int
    quarantined: int
    reasons: Mapping[str, int]


def history(ledger: Ledger, source: str, table: str) -> list[Past]:
    """Earlier arrivals of a table, the newest first: one entry per file and bytes."""
    rows = ledger.rows(
        """
        select l.resource, l.raw_sha256, l.pulled_rows, l.quarantined_rows, l.reasons,
            (select bytes from pulls as p where p.source = l.source and p.resource = l.resource
                and p.sha256 = l.raw_sha256 limit 1) as bytes
        from landings as l
        where l.id in (
            select max(id) from landings where source = ? and table_name = ?
            group by resource, raw_sha256 order by max(id) desc limit 200
        )
        order by l.id desc
        """,
        source,
        table,
    )
    return [
        Past(
            row["resource"],
            row["raw_sha256"],
            row["bytes"],
            row["pulled_rows"],
            row["quarantined_rows"],
            json.loads(row["reasons"]),
        )
        for row in rows
    ]


def peers(past: Sequence[Past], file: Arrived, minimum: int) -> list[Past]:
    """The earlier arrivals that say what is usual for `file`.

    Those of the same name where there are enough; otherwise the newest of each other name in the
    table, as with one file a month.
    """
    own = [item for item in past if item.resource == file.resource and item.sha256 != file.sha256]
    if len(own) >= minimum:
        return own[:WINDOW]
    others: dict[str, Past] = {}
    for item in past:
        if item.resource != file.resource:
            others.setdefault(item.resource, item)
    return list(others.values())[:WINDOW] if len(others) >= minimum else []


def outside_band(
    table: Table, file: Arrived, past: Sequence[Past]
) -> tuple[list[Finding], list[str]]:
    """Findings `size` and `row_count`; and the names of those for which there is no band yet."""
    if any(item.resource == file.resource and item.sha256 == file.sha256 for item in past):
        return [], []  # not new: the same bytes under another contract
    found: list[Finding] = []
    unknown: list[str] = []
    measured: tuple[tuple[str, int, str, Callable[[Past], int | None]], ...] = (
        ("size", file.bytes, "bytes", lambda item: item.bytes),
        ("row_count", file.pulled, "rows", lambda item: item.pulled),
    )
    for finding, value, unit, of in measured:
        rule = policy(table, finding)
        minimum = max(1, int(rule.number("minimum")))
        values = [number for item in peers(past, file, minimum) if (number := of(item)) is not None]
        if len(values) < minimum:
            unknown.append(finding)
            continue
        low, middle, high = band(values, rule.number("band"))
        if not low <= value <= high:
            found.append(
                Finding(
                    finding,
                    table.name,
                    file.resource,
                    f"{value:,} {unit}",
                    f"{low:,.0f}–{high:,.0f} {unit}"
                    f" (median {middle:,.0f} of {len(values)} earlier arrivals)",
                    file.sha256,
                )
            )
    return found, unknown


def _usual(
    file: Arrived,
    last: Arrived | None,
    past: Sequence[Past],
    count: Callable[[Mapping[str, int], int], int],
) -> float | None:
    """The share of rows that `count` used to count; None where nothing came before.

    As of the last landing of the same file, otherwise the median over its peers.
    """
    if last is not None:
        return count(last.reasons, last.quarantined) / last.pulled if last.pulled else None
    shares = [
        count(item.reasons, item.quarantined) / item.pulled
        for item in peers(past, file, 1)
        if item.pulled
    ]
    return median(shares) if shares else None


def _of_reason(name: str, reasons: Mapping[str, int], _quarantined: int) -> int:
    return reasons.get(name, 0)


def shares(
    table: Table, file: Arrived, last: Arrived | None, past: Sequence[Past]
) -> Iterator[Finding]:
    """Findings on the share of rows that break a rule; `last` is what the file replaces."""
    if not file.pulled:
        return

    def rising(
        finding: str, subject: str, count: Callable[[Mapping[str, int], int], int]
    ) -> Iterator[Finding]:
        rows = count(file.reasons, file.quarantined)
        before = _usual(file, last, past, count)
        rise = policy(table, finding).number("rise")
        # The last term: what is no jump in two files of three rows is one when all rows are lost.
        enough = rows >= _FEW or (rows > 0 and not file.accepted)
        if before is not None and enough and rows / file.pulled - before >= rise:
            yield Finding(
                finding,
                table.name,
                file.resource,
                f"{rows:,} of {file.pulled:,} rows ({rows / file.pulled:.1%})"
                + (f" in column {subject}" if subject else ""),
                f"about {before:.1%}, and less than {before + rise:.1%}",
                file.sha256,
                subject=subject,
            )

    for column in table.columns:
        yield from rising(
            "retyped_column", column.name, partial(_of_reason, f"{column.name}: type")
        )
    yield from rising(
        "duplicate_keys",
        "",
        lambda reasons, _all: sum(
            number
            for name, number in reasons.items()
            if name.endswith((": duplicate", ": conflict"))
        ),
    )
    yield from rising("quarantined_rows", "", lambda _reasons, quarantined: quarantined)


def without_band(contract: SourceContract, missing: Mapping[str, int]) -> list[str]:
    """Remarks on tables where files could not be compared with a history yet."""
    return [
        f"{contract.name}: table {table}: {files} new file(s) without a band for size and rows:"
        " too few earlier arrivals"
        for table, files in sorted(missing.items())
    ]
