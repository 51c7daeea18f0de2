"""Which checks a dataset must have passed, derived from its contract and the dbt manifest.

Never from what was recorded: a check that nobody ran is then missing, not absent.
"""

from collections.abc import Sequence

from pipelines.contracts import ContractError, PublishedContract, Rule, Text
from pipelines.contracts.references import references_of
from pipelines.contracts.vocabulary import Dimension, Severity, dimension, severity
from pipelines.quality import expectations as ge
from pipelines.quality.model import DbtTest, RequiredCheck
from pipelines.quality.references import check_name
from pipelines.quality.rules import BUILT_IN, KHOMO, SQL

DBT = "dbt"


def contract_rules(contract: PublishedContract) -> list[Rule]:
    """The contract's own rules that are not expectations: the table's, then the columns'."""
    rules = [rule for rule in contract.table.rules if not ge.is_row_count(rule)]
    rules += [rule for column in contract.table.columns for rule in column.rules]
    return rules


def candidate_checks(contract: PublishedContract) -> list[RequiredCheck]:
    """The checks on the candidate's own bytes.

    Raises:
        ContractError: two checks would have the same name, so that one could stand for both.
    """
    found = [
        RequiredCheck(item.name, ge.ENGINE, item.dimension, item.severity, item.description)
        for item in ge.expectations(contract)
    ]
    found += [
        RequiredCheck(
            name,
            rule.engine,
            rule.dimension,
            rule.severity(contract),
            rule.description,
            rule.may_abstain,
        )
        for name, rule in BUILT_IN.items()
    ]
    found += [
        RequiredCheck(
            check_name(reference),
            SQL,
            Dimension.CONSISTENCY,
            Severity.BLOCKER,
            Text(
                f"Khóa {reference.column} có trong bản phát hành của {reference.dataset}",
                f"The keys {reference.column} are in a release of {reference.dataset}",
            ),
        )
        for reference in references_of(contract)
    ]
    found += [
        RequiredCheck(
            f"rule.{rule.name}",
            SQL if rule.kind == "sql" else KHOMO,
            dimension(rule.dimension),
            severity(rule.severity),
            Text(rule.description or rule.name, rule.description or rule.name),
        )
        for rule in contract_rules(contract)
    ]
    names = [check.name for check in found]
    if twins := sorted({name for name in names if names.count(name) > 1}):
        raise ContractError(
            f"{contract.path}: more than one rule is called {', '.join(twins)};"
            " give each its own name"
        )
    return found


def required_checks(
    contract: PublishedContract, dbt_tests: Sequence[DbtTest]
) -> list[RequiredCheck]:
    """Every check the gate asks for: the candidate's, then `dbt.<test>` for each dbt test."""
    return candidate_checks(contract) + [
        RequiredCheck(
            f"dbt.{test.name}",
            DBT,
            test.dimension,
            test.severity,
            Text(test.description or test.name, test.description or test.name),
        )
        for test in sorted(dbt_tests, key=lambda test: test.name)
    ]
