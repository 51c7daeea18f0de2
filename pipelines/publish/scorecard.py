"""`scorecard.json`: how much of what was required a release passed, dimension by dimension.

It follows from `decision.json` alone, so that anybody can compute it again; `verify` does. It is
written in the terms of the Data Quality Vocabulary (https://www.w3.org/TR/vocab-dqv/). How checks
come out is `quality`, what follows from them for publication is `gate`; nothing is judged here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.canonical import canonical_json
from pipelines.contracts import Text
from pipelines.contracts.vocabulary import TERMS, Dimension, Severity

SCORECARD = "scorecard.json"
DQV = "http://www.w3.org/ns/dqv#"
DIGITS = 4  # of a score after the decimal mark

_FIRST_FORMULA = Text(
    "Điểm = số kiểm tra đạt ÷ số kiểm tra bắt buộc của chiều đó. Cảnh báo và kiểm tra được miễn"
    " trừ tính là không đạt.",
    "Score = checks that passed ÷ checks required in that dimension. A warning and a waived check"
    " count as not passed.",
)
FORMULA = Text(
    f"{_FIRST_FORMULA.vi} Kiểm tra chỉ cho thông tin mà không đạt thì không tính.",
    f"{_FIRST_FORMULA.en} One that did not pass and is an information only does not count.",
)


@dataclass(frozen=True)
class Score:
    """How many of a dimension's required checks passed."""

    dimension: str
    required: int
    passed: int

    @property
    def value(self) -> float:
        """Between 0 and 1."""
        return round(self.passed / self.required, DIGITS)


def scores(checks: Iterable[tuple[str, bool]]) -> tuple[Score, ...]:
    """One score for each dimension that has checks, in the vocabulary's order.

    `checks` holds a dimension, and whether the check passed, for every required check.
    """
    found: dict[str, list[bool]] = {}
    for dimension, passed in checks:
        found.setdefault(dimension, []).append(passed)
    order = [*Dimension, *sorted(set(found) - set(Dimension))]
    return tuple(Score(name, len(found[name]), sum(found[name])) for name in order if name in found)


def scores_of(entries: Sequence[Mapping[str, Any]]) -> tuple[Score, ...]:
    """The scores of the `checks` of a decision."""
    return scores(
        (str(item["dimension"]), item["status"] == "passed")
        for item in entries
        if (item["status"], item["severity"]) != ("failed", Severity.INFORMATION)
    )


def scorecard(decision: Mapping[str, Any]) -> bytes:
    """`scorecard.json` of a decision, as canonical JSON.

    Raises:
        KeyError: it is no whole decision.
    """
    dataset = str(decision["dataset"])
    formula = _FIRST_FORMULA if int(decision.get("format", 1)) == 1 else FORMULA
    document = {
        "@context": {"@vocab": DQV, "khomo": "https://w3id.org/khomo#"},
        "@type": "QualityMetadata",
        "khomo:dataset": dataset,
        "khomo:version": decision["version"],
        "khomo:digest": decision["digest"],
        "khomo:formula": {"vi": formula.vi, "en": formula.en},
        "hasQualityMeasurement": [
            {
                "@type": "QualityMeasurement",
                "computedOn": dataset,
                "isMeasurementOf": {
                    "@type": "Metric",
                    "@id": f"khomo:passed-{score.dimension}",
                    "inDimension": {"@id": TERMS[Dimension(score.dimension)].dqv},
                    "expectedDataType": {"@id": "http://www.w3.org/2001/XMLSchema#decimal"},
                },
                "value": score.value,
                "khomo:dimension": score.dimension,
                "khomo:iso25012": TERMS[Dimension(score.dimension)].iso25012,
                "khomo:required": score.required,
                "khomo:passed": score.passed,
            }
            for score in scores_of(decision["checks"])
        ],
    }
    return canonical_json(document, indent=2)
