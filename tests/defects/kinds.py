"""Names for kinds of checks: `not_null.unit_code` is one `not_null` among many."""

from typing import Any

from pipelines.contracts import PublishedContract
from pipelines.quality.required import contract_rules


def kind_of(name: str, contract: PublishedContract) -> str:
    """The kind of a check on a candidate: for one of the contract's own rules the domain rule it
    names, or its own name; for an expectation what stands before the column.
    """
    if not name.startswith("rule."):
        return name.partition(".")[0]
    for rule in contract_rules(contract):
        if name == f"rule.{rule.name}":
            return f"rule.{rule.implementation.get('rule') or rule.name}"
    return "rule.row_count"


def dbt_kind(node: dict[str, Any]) -> str:
    """The kind of a dbt test in the manifest: its generic test, or its own name."""
    generic = node.get("test_metadata")
    return f"dbt.{generic['name'] if generic else node['name']}"
