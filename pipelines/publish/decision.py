"""What the gate says about a candidate, and how `decision.json` puts it, now and formerly."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipelines.canonical import canonical_json
from pipelines.contracts import Text
from pipelines.contracts.vocabulary import Severity, severity

PUBLISH = "publish"
WITHHOLD = "withhold"

FORMAT = 2
"""Of `decision.json`, which is signed and never rewritten. One that names no format has the first,
which knows no information and calls a blocker `error`."""

_FIRST_FORMAT = {"error": Severity.BLOCKER, "warning": Severity.WARNING}


def severities(document: Mapping[str, Any]) -> dict[str, Severity]:
    """The severity of each check of a decision of any format, by check name.

    Raises:
        LookupError, ValueError: a severity is none of its format's, or the format is a newer one.
    """
    written = int(document.get("format", 1))
    if written > FORMAT:
        raise ValueError(f"the decision has format {written}, this version knows {FORMAT}")
    read = _FIRST_FORMAT.__getitem__ if written == 1 else severity
    return {
        str(entry["check"]): read(str(entry["severity"])) for entry in document.get("checks", ())
    }


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
    """The verdict on one candidate. `warnings` and `information` are checks of these severities
    that did not pass; `waived` are checks that failed and did not count, because a waiver in force
    says so. `document` is `decision.json` as plain data, free of time."""

    dataset: str
    version: str
    digest: str
    verdict: str
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    information: tuple[Reason, ...]
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
