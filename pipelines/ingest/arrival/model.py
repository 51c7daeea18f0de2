"""What the gate looks at and what it says. No rule belongs here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts.arrival import KINDS


@dataclass(frozen=True)
class Arrived:
    """One landed file of a source, as far as the gate is concerned.

    `accepted_rows` is the Parquet file of its accepted rows. `partition` is its month (`2026-10`)
    where the contract parts the source. `reasons` counts broken rules as `column: rule`.
    """

    table: str
    resource: str
    sha256: str
    pulled: int
    accepted: int
    quarantined: int
    reasons: Mapping[str, int]
    accepted_rows: Path
    bytes: int = 0
    partition: str | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One difference. `sha256` are the bytes it is about: of the new file, or of the missing one.

    `subject` tells two findings of one kind on one file apart: a column, a month. `reason` and
    `role` are those of the acknowledgement that let it pass, if one did.
    """

    finding: str
    table: str
    resource: str
    observed: str
    expected: str
    sha256: str
    action: str = ""
    subject: str = ""
    reason: str = ""
    role: str = ""

    @property
    def place(self) -> str:
        """The file, or the table where it is about no single file."""
        return f"file {self.resource}" if self.resource else f"table {self.table}"

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.finding}: {KINDS[self.finding].text.en}:"
            f" {self.observed}; expected {self.expected}"
        )


REMEDIES: dict[str, str] = {
    "missing_file": "have the sender deliver it again",
    "missing_table": "have the sender deliver its files again",
    "missing_partition": "have the sender deliver the month",
    "missing_period": "have the sender deliver the file with all its periods",
    "retyped_column": "have the sender correct the column, or change its type or number and date"
    " style in the contract",
    "quarantined_rows": "look at the reasons, then have the sender correct the file or correct the"
    " contract",
    "duplicate_keys": "have the sender remove the repeated rows, or correct the primary key",
    "repeated_values": "ask the sender whether the figures were measured anew",
}
_LOOK = "compare the file with the one before; have the sender deliver it whole"


class ArrivalError(Exception):
    """What arrived may not replace what is landed; nothing was replaced."""

    def __init__(self, source: str, findings: Sequence[Finding], contract: Path) -> None:
        self.findings = tuple(findings)
        lines = [
            f"  {item}. What to do: {REMEDIES.get(item.finding, _LOOK)}" for item in self.findings
        ]
        known = [
            f"  - {{finding: {item.finding}, sha256: {item.sha256}, reason: …, role: …}}"
            for item in dict.fromkeys(self.findings)
        ]
        super().__init__(
            "\n".join(
                [
                    f"source {source}: {len(lines)} finding(s) block what arrived; nothing was"
                    " replaced, the last good landing stays:",
                    *lines,
                    f"Where it is right as it is, say so for exactly these bytes in {contract},"
                    " property `arrival`:",
                    "  acknowledged:",
                    *dict.fromkeys(known),
                ]
            )
        )
