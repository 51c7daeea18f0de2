"""What the gate says about a candidate, and how `decision.json` puts it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipelines.canonical import canonical_json
from pipelines.contracts import Text

PUBLISH = "publish"
WITHHOLD = "withhold"


@dataclass(frozen=True)
class Reason:
    """Why a candidate is withheld: the check, what is wrong with it, and what to do."""

    check: str
    problem: Text
    remedy: Text

    def as_json(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "problem": {"vi": self.problem.vi, "en": self.problem.en},
            "remedy": {"vi": self.remedy.vi, "en": self.remedy.en},
        }


@dataclass(frozen=True)
class Decision:
    """The verdict on one candidate. `waived` are checks that failed and did not count, because a
    waiver in force says so. `document` is `decision.json` as plain data, free of time."""

    dataset: str
    version: str
    digest: str
    verdict: str
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    waived: tuple[Reason, ...]
    rows: int
    document: Mapping[str, Any]

    @property
    def publish(self) -> bool:
        return self.verdict == PUBLISH

    def signed_by(self, key: Mapping[str, Any]) -> "Decision":
        """The same decision, saying with which key it is signed."""
        return replace(self, document={**self.document, "signedBy": dict(key)})

    def to_bytes(self) -> bytes:
        """`decision.json`: canonical JSON, the same bytes for the same evidence."""
        return canonical_json(self.document, indent=2)
