"""A score is what share of the required checks passed; nobody can flatter it."""

import json

import pytest

from pipelines.contracts.vocabulary import TERMS
from pipelines.publish.scorecard import Score, scorecard, scores, scores_of

DECISION = {
    "dataset": "counts",
    "version": "2026-01-01-0123456789ab",
    "digest": "0" * 64,
    "checks": [
        {"check": "a", "dimension": "validity", "severity": "blocker", "status": "passed"},
        {"check": "b", "dimension": "validity", "severity": "warning", "status": "failed"},
        {"check": "c", "dimension": "validity", "severity": "blocker", "status": "passed"},
        {"check": "d", "dimension": "completeness", "severity": "blocker", "status": "passed"},
    ],
}


def test_a_warning_costs_what_a_failure_costs() -> None:
    assert scores_of(DECISION["checks"]) == (  # type: ignore[arg-type]
        Score("completeness", 1, 1),
        Score("validity", 3, 2),
    )


@pytest.mark.parametrize("status", ["failed", "error", "missing"])
def test_only_a_check_that_passed_counts(status: str) -> None:
    entries = [{"dimension": "accuracy", "severity": "blocker", "status": status}]
    assert [score.value for score in scores_of(entries)] == [0.0]


def test_an_information_costs_nothing_unless_it_could_not_run() -> None:
    entries = [
        {"dimension": "accuracy", "severity": "information", "status": status}
        for status in ("passed", "failed", "error")
    ]
    assert scores_of(entries) == (Score("accuracy", 2, 1),)


def test_a_decision_of_the_first_format_keeps_its_scorecard_to_the_byte() -> None:
    former, today = (
        json.loads(scorecard(decision))["khomo:formula"]["en"]
        for decision in (DECISION, {**DECISION, "format": 2})
    )
    assert former.endswith("A warning and a waived check count as not passed.")
    assert today.startswith(former)
    assert "information" in today


def test_a_dimension_without_checks_has_no_score() -> None:
    assert scores([]) == ()


def test_the_scorecard_speaks_dqv_and_shows_what_it_divides() -> None:
    card = json.loads(scorecard(DECISION))
    assert card["@context"]["@vocab"] == "http://www.w3.org/ns/dqv#"
    measured = {item["khomo:dimension"]: item for item in card["hasQualityMeasurement"]}
    assert measured["validity"]["value"] == 0.6667
    assert (measured["validity"]["khomo:passed"], measured["validity"]["khomo:required"]) == (2, 3)
    for name, item in measured.items():
        assert item["isMeasurementOf"]["inDimension"]["@id"] == TERMS[name].dqv  # type: ignore[index]
