"""Everything the report shows, as immutable values; `khomo status` reads the same.

Only shapes and what follows from them by counting belong here. Reading is `sources`, `datasets`
and `collect`; how things look is `render`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pipelines.contracts import Text
from pipelines.contracts.vocabulary import Severity
from pipelines.publish.scorecard import Score
from pipelines.quality.personal.measured import Measured
from pipelines.report.freshness import Freshness

Outcome = Literal["published", "unchanged", "withheld", "withdrawn", "undecided"]
Verdict = Outcome | Literal["waived"]
CheckStatus = Literal["passed", "information", "warning", "failed", "error", "missing"]
Urgency = Literal["act", "look"]

PUBLIC_READABLE = 0o644
"""The mode of the report's files."""

STATUSES: tuple[CheckStatus, ...] = (
    "passed",
    "information",
    "warning",
    "failed",
    "error",
    "missing",
)


@dataclass(frozen=True)
class Licence:
    """A licence by its short name, its title and where its text is."""

    name: str
    title: str
    path: str | None


@dataclass(frozen=True)
class Reference:
    """Where a row is: file and row number as a spreadsheet shows it. Never what the row says."""

    file: str
    row: int
    raw_sha256: str


@dataclass(frozen=True)
class QuarantineReason:
    """How many rows of a table break one rule of one column, and where the first of them are."""

    source: str
    table: str
    table_title: Text
    column: str
    column_title: Text
    rule: str
    meaning: Text
    personal: bool
    rows: int
    examples: tuple[Reference, ...]


@dataclass(frozen=True)
class AppliedCorrection:
    """What one correction did to rows of a source: no key and no value of a row."""

    id: str
    table: str
    action: str
    rows: int
    reason: Text


@dataclass(frozen=True)
class LastPull:
    """The last time a source was asked. `known_by` says how we know whether it had changed."""

    at: datetime
    outcome: Literal["new", "unchanged"]
    known_by: str
    known_by_text: Text
    files: int
    bytes: int
    changed_at: datetime | None


@dataclass(frozen=True)
class ArrivalFinding:
    """How an arrival differed from what came before, and what was done: block, warn, accept."""

    finding: str
    meaning: Text
    table: str
    file: str
    observed: str
    expected: str
    action: str
    acknowledged_by: str


@dataclass(frozen=True)
class Arrivals:
    """What stands about the files that were pulled last.

    `waiting` is true where they are not (all) landed. `rejected` names files that an inbox put
    aside. `stale` names acknowledgements that match nothing any more.
    """

    findings: tuple[ArrivalFinding, ...] = ()
    waiting: bool = False
    rejected: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


@dataclass(frozen=True)
class RetiredSource:
    """A source that ended."""

    name: str
    title: Text
    last_day: str
    reason: Text
    successor: str
    evidence: str


@dataclass(frozen=True)
class SourceReport:
    """One source. Rows are those of the files that count now; `pulled` None: never landed.

    `superseded` of the accepted rows have a newer version of their record beside them. `to_purge`
    raw files are past the time their contract lets them be kept.
    """

    name: str
    title: Text
    synthetic: bool
    licence: Licence | None
    as_of: str | None
    last_pull: LastPull | None
    freshness: Freshness
    pulled: int | None
    accepted: int | None
    quarantined: int | None
    reasons: tuple[QuarantineReason, ...]
    arrivals: Arrivals = Arrivals()
    corrections: tuple[AppliedCorrection, ...] = ()
    superseded: int = 0
    to_purge: int = 0

    @property
    def balanced(self) -> bool:
        """True where accepted and quarantined rows add up to those pulled."""
        return self.pulled == (self.accepted or 0) + (self.quarantined or 0)


@dataclass(frozen=True)
class Check:
    """One check on the bytes of the last decision.

    A failed check that is no blocker has its severity as status; `missing` is a required check
    without a result for these very bytes. `sample` holds row references and published keys only.
    """

    name: str
    title: Text
    engine: str
    dimension: str
    severity: Severity
    status: CheckStatus
    message: Text
    observed: str | None
    failing_rows: int | None
    sample: tuple[Mapping[str, Any], ...]
    seconds: float | None


@dataclass(frozen=True)
class Why:
    """One reason why a dataset was withheld, and what to do about it.

    `title` is the check's; the gate's own reasons have none.
    """

    check: str
    title: Text | None
    reason: Text
    remedy: Text


@dataclass(frozen=True)
class AppliedWaiver:
    """A failed check that did not hold a dataset back: why, by whose decision, until when."""

    check: str
    reason: Text
    role: str
    expires: date
    problem: Text


@dataclass(frozen=True)
class ReleasePoint:
    """One release in the history of a dataset."""

    version: str
    rows: int | None
    at: datetime


@dataclass(frozen=True)
class ReleaseFile:
    """One file of the current release. `href` is relative to the report's folder."""

    name: str
    href: str
    bytes: int


@dataclass(frozen=True)
class DatasetReport:
    """One published dataset.

    `version` and `rows` belong to what was last decided on; `released_version` and
    `released_rows` to what the public sees now; `previous_*` to the release before that.
    `outcome` is `withdrawn` where that version was published and then taken back.
    """

    name: str
    title: Text
    description: Text
    synthetic: bool
    licence: Licence | None
    sources: tuple[str, ...]
    notes: tuple[Text, ...]
    outcome: Outcome
    decided_at: datetime | None
    version: str | None
    rows: int | None
    why: tuple[Why, ...]
    released_version: str | None
    released_rows: int | None
    previous_version: str | None
    previous_rows: int | None
    difference: int | None
    checks: tuple[Check, ...]
    scores: tuple[Score, ...]
    history: tuple[ReleasePoint, ...]
    files: tuple[ReleaseFile, ...]
    waivers: tuple[AppliedWaiver, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The outcome, told apart where a waiver let it out."""
        out = self.outcome in ("published", "unchanged")
        return "waived" if out and self.waivers else self.outcome

    def count(self, status: CheckStatus) -> int:
        """How many checks have a status."""
        return sum(check.status == status for check in self.checks)

    @property
    def judged(self) -> int:
        """How many checks count: all but those that only inform."""
        return len(self.checks) - self.count("information")

    @property
    def troubled(self) -> tuple[Check, ...]:
        """Checks that did not pass, the gravest first."""
        order = {status: rank for rank, status in enumerate(reversed(STATUSES))}
        found = [check for check in self.checks if check.status != "passed"]
        return tuple(sorted(found, key=lambda check: (order[check.status], check.name)))

    def table(self, by: Literal["dimension", "engine"]) -> dict[str, dict[CheckStatus, int]]:
        """Counts of checks per dimension or engine and status, in order of appearance."""
        found: dict[str, dict[CheckStatus, int]] = {}
        for check in self.checks:
            row = found.setdefault(str(getattr(check, by)), dict.fromkeys(STATUSES, 0))
            row[check.status] += 1
        return found


@dataclass(frozen=True)
class BuildReport:
    """The last finished build of the warehouse."""

    build_id: str
    finished_at: datetime
    promoted_at: datetime | None
    models: int
    tests: Mapping[str, int]
    troubled: tuple[str, ...]


@dataclass(frozen=True)
class Attention:
    """One thing that needs a person: what, why it matters, what to do, where to read on."""

    urgency: Urgency
    kind: str
    subject: str
    what: Text
    remedy: Text
    anchor: str


@dataclass(frozen=True)
class Report:
    """All of it, as of `generated_at`. `detectors`: how well personal values are found."""

    generated_at: datetime
    time_zone: str
    province: Text
    publisher: Text
    attention: tuple[Attention, ...]
    datasets: tuple[DatasetReport, ...]
    sources: tuple[SourceReport, ...]
    build: BuildReport | None
    detectors: Measured
    retired: tuple[RetiredSource, ...] = ()
