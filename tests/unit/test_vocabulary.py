"""One word per dimension, whatever engine a check runs in, and the standards' words beside it."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import load_published
from pipelines.contracts.vocabulary import TERMS, Dimension, Severity, dimension, severity
from pipelines.quality.required import candidate_checks
from pipelines.report.wording import DIMENSIONS
from pipelines.warehouse.project import dimension_of, severity_of


def test_every_dimension_has_terms_and_words() -> None:
    assert set(TERMS) == set(DIMENSIONS) == set(Dimension)
    assert all(terms.dqv.startswith("http://www.w3.org/2016/05/ldqd#") for terms in TERMS.values())


def test_odcs_names_are_taken_and_others_refused() -> None:
    assert dimension("conformity") is Dimension.VALIDITY
    assert dimension("coverage") is Dimension.COMPLETENESS
    with pytest.raises(ValueError, match=r"beauty.*completeness"):
        dimension("beauty")


def test_every_check_of_every_contract_has_a_dimension() -> None:
    for contract in load_published().values():
        assert {check.dimension for check in candidate_checks(contract)} <= set(Dimension)


def node(kind: str | None, **meta: Any) -> dict[str, Any]:
    return {
        "test_metadata": {"name": kind} if kind else None,
        "config": {"meta": meta},
    }


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("not_null", Dimension.COMPLETENESS),
        ("unique", Dimension.UNIQUENESS),
        ("unique_combination", Dimension.UNIQUENESS),
        ("accepted_values", Dimension.VALIDITY),
        ("relationships", Dimension.CONSISTENCY),
        ("sums_to", Dimension.CONSISTENCY),
        (None, Dimension.CONSISTENCY),
    ],
)
def test_a_dbt_test_is_about_what_its_kind_says(kind: str | None, expected: Dimension) -> None:
    assert dimension_of(node(kind)) is expected


def test_a_dbt_tests_own_word_wins() -> None:
    assert dimension_of(node("not_null", dimension="timeliness")) is Dimension.TIMELINESS
    with pytest.raises(ValueError, match="beauty"):
        dimension_of(node("not_null", dimension="beauty"))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, Severity.BLOCKER),
        ({"severity": "ERROR"}, Severity.BLOCKER),
        ({"severity": "warn"}, Severity.WARNING),
        ({"severity": "warn", "meta": {"severity": "information"}}, Severity.INFORMATION),
        ({"meta": {"severity": "information"}}, Severity.INFORMATION),
    ],
)
def test_what_dbt_says_of_a_test_becomes_a_severity(
    config: dict[str, Any], expected: Severity
) -> None:
    assert severity_of({"name": "odd", "config": config}) is expected


def test_a_dbt_test_has_one_place_that_makes_it_a_blocker() -> None:
    with pytest.raises(ValueError, match=r"odd: .*information only"):
        severity_of({"name": "odd", "config": {"meta": {"severity": "blocker"}}})


def test_dbts_words_are_no_severities() -> None:
    assert severity("blocker") is Severity.BLOCKER
    with pytest.raises(ValueError, match=r"error.*blocker, warning, information"):
        severity("error")


def test_the_lint_names_a_rule_with_a_word_nobody_knows(tmp_path: Path) -> None:
    from pipelines.contracts.lint import lint_all
    from pipelines.settings import OPEN_DATA

    text = (OPEN_DATA / "procedures" / "contract.yaml").read_text(encoding="utf-8")
    assert "dimension: completeness" in text
    (tmp_path / "procedures").mkdir()
    (tmp_path / "procedures" / "contract.yaml").write_text(
        text.replace("severity: blocker", "severity: maybe", 1), encoding="utf-8"
    )

    _, problems = lint_all(open_data=tmp_path)
    assert ["'maybe' is no severity" in problem for problem in problems] == [True]
