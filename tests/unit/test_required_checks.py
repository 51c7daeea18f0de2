"""What must have been checked follows from contract and manifest, never from what was recorded."""

from dataclasses import replace
from typing import Any

import pytest

from pipelines.contracts import (
    Column,
    ContractError,
    EnumEntry,
    PublishedContract,
    Rule,
    load_published,
)
from pipelines.contracts.vocabulary import Severity
from pipelines.quality.expectations import CSV, PARQUET, expectations, typed
from pipelines.quality.model import DbtTest
from pipelines.quality.required import candidate_checks, required_checks
from pipelines.quality.rules import BUILT_IN


@pytest.fixture
def contract() -> PublishedContract:
    return load_published()["it-spending"]


def with_column(contract: PublishedContract, **changes: Any) -> PublishedContract:
    first, *rest = contract.table.columns
    table = replace(contract.table, columns=(replace(first, **changes), *rest))
    return replace(contract, tables=(table,))


def names(contract: PublishedContract) -> set[str]:
    return {check.name for check in candidate_checks(contract)}


def test_every_dataset_must_pass_the_built_in_rules() -> None:
    for contract in load_published().values():
        assert set(BUILT_IN) | {"columns_listed", "unique_key"} <= names(contract), contract.name


def test_a_rule_added_to_the_contract_is_required(contract: PublishedContract) -> None:
    code = contract.table.columns[0].name
    before = names(contract)

    def added(**changes: Any) -> set[str]:
        return names(with_column(contract, **changes)) - before

    assert added(options={"pattern": "x"}) == {f"pattern.{code}"}
    assert added(options={"maxLength": 3}) == {f"length.{code}"}
    assert added(options={"minimum": "a"}) == {f"range.{code}"}
    assert added(enum=(EnumEntry("a"),)) == {f"values.{code}"}
    rule = Rule("own", "sql", "", "validity", "blocker", query="select 0", threshold=("mustBe", 0))
    assert added(rules=(rule,)) == {"rule.own"}


def test_a_dataset_without_a_row_count_rule_may_not_be_empty(contract: PublishedContract) -> None:
    assert "rule.has_rows" in names(contract)
    bare = replace(contract, tables=(replace(contract.table, rules=()),))

    assert "row_count" in names(bare)


def test_two_rules_of_one_name_are_refused(contract: PublishedContract) -> None:
    rule = Rule("own", "sql", "", "validity", "blocker")
    twice = replace(contract, tables=(replace(contract.table, rules=(rule, rule)),))

    with pytest.raises(ContractError, match=r"rule\.own"):
        candidate_checks(twice)


def test_dbt_tests_are_required_with_their_severity(contract: PublishedContract) -> None:
    found = {
        check.name: check
        for check in required_checks(contract, [DbtTest("b", Severity.WARNING), DbtTest("a")])
    }

    assert found["dbt.a"].severity is Severity.BLOCKER
    assert found["dbt.b"].severity is Severity.WARNING
    assert found["dbt.a"].engine == "dbt"


def test_csv_is_compared_as_text_and_parquet_by_type(contract: PublishedContract) -> None:
    year = next(column for column in contract.table.columns if column.name == "period_from")
    listed = replace(year, enum=(EnumEntry("2016"),))
    changed = replace(contract, tables=(replace(contract.table, columns=(listed,)),))
    suite = {item.name: item for item in expectations(changed)}

    assert suite["values.period_from"].arguments[PARQUET]["value_set"] == [2016]
    assert suite["values.period_from"].arguments[CSV]["value_set"] == ["2016"]
    assert CSV not in suite["range.period_from"].arguments


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("DATE", "2026-01-02", "2026-01-02"),
        ("DECIMAL(9,4)", 0.5, "0.5"),
        ("BIGINT", "7", "7"),
        ("BOOLEAN", "true", "True"),
        ("VARCHAR", 7, "7"),
        ("DOUBLE", 1, "1.0"),
    ],
)
def test_limits_have_the_columns_type(
    contract: PublishedContract, kind: str, value: Any, expected: str
) -> None:
    column: Column = replace(contract.table.columns[0], type=kind)

    assert str(typed(value, column)) == expected
