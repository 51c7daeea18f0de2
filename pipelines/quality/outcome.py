"""What a check sees and what it answers.

Only these two shapes belong here; the checks themselves are in `rules`, `disclosure` and
`expectations`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts import PublishedContract, SourceContract, Text
from pipelines.ledger import Ledger
from pipelines.province import Province
from pipelines.publish.candidate import Candidate
from pipelines.quality.readback import ReadBack

SAMPLE = 20
"""Failing rows that are kept per check."""


@dataclass(frozen=True)
class Evidence:
    """All that a check may look at.

    `data` and `descriptor` are the candidate's own bytes; `built` is the content digest the build
    recorded for the model when its dbt tests ran, or None; `warehouse` is the file the candidate
    was exported from, for rules that need a private total. `lineage` names the sources whose landed
    tables the dataset's model is made from, by dbt's manifest. `previous` is the folder of the
    release that readers see now, None before the first; `releases` holds all releases there are, of
    every dataset.
    """

    contract: PublishedContract
    candidate: Candidate
    sources: Mapping[str, SourceContract]
    province: Province
    ledger: Ledger
    data: ReadBack
    descriptor: Mapping[str, Any]
    built: str | None
    warehouse: Path | None = None
    releases: Path | None = None
    lineage: frozenset[str] = frozenset()
    previous: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """The answer of a check that ran. `observed` is the figure or fact it saw. One that had too
    little to go by has not passed, and is not `judged`: that is no more than an information.
    """

    passed: bool
    message: Text
    observed: str | None = None
    failing_rows: int | None = None
    sample: tuple[Mapping[str, Any], ...] = ()
    judged: bool = True


def passed(vi: str, en: str, observed: str | None = None) -> Outcome:
    """A passed check."""
    return Outcome(True, Text(vi, en), observed, 0)


def unjudged(vi: str, en: str, observed: str | None = None) -> Outcome:
    """A check that could not form an opinion."""
    return Outcome(False, Text(vi, en), observed, judged=False)


def failed(
    vi: str,
    en: str,
    *,
    observed: str | None = None,
    failing_rows: int | None = None,
    sample: tuple[Mapping[str, Any], ...] = (),
) -> Outcome:
    """A failed check."""
    return Outcome(False, Text(vi, en), observed, failing_rows, sample[:SAMPLE])
