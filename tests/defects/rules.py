"""The bench of published contracts' own rules: a published relation is spoiled and exported.

It stands on the build of `warehouse`. The exporter writes the spoiled relation to files, and the
rules of the real contract read them; expectations and the rest are the bench of `candidates`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pipelines.contracts import PublishedContract, Text, load_published
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.publish import export
from pipelines.publish.candidate import Candidate
from pipelines.quality import run
from pipelines.quality.outcome import Evidence
from pipelines.quality.readback import read_back
from pipelines.quality.required import contract_rules
from tests.defects.kinds import kind_of
from tests.defects.model import WARNED, WITHHELD, Defect, Objections, Workshop, add
from tests.defects.warehouse import Warehouse, warehouse


def on_rule(
    name: str,
    stage: str,
    dataset: str,
    rule: str,
    vi: str,
    en: str,
    rows: str,
    outcome: str = WITHHELD,
) -> None:
    """List a defect of a published relation: `rows` is SQL over `rows`, what the model gave."""

    def observe(shop: Workshop) -> Objections:
        built, contract = warehouse(shop), load_published()[dataset]
        before = shop.shared.setdefault(f"rules.{dataset}", {})
        if not before:
            before |= _found(built, contract, shop.folder / "before")
        built.connection.execute("begin")
        try:
            built.spoil(contract.model, rows)
            after = _found(built, contract, shop.folder / "after")
        finally:
            built.connection.execute("rollback")
        return {
            kind: WARNED if severity == "warning" else WITHHELD
            for kind, (severity, seen) in after.items()
            if kind != shop.off and before.get(kind) != (severity, seen)
        }

    add(Defect(name, stage, f"rule.{rule}", outcome, Text(vi, en), observe))


def _found(
    built: Warehouse, contract: PublishedContract, folder: Path
) -> Mapping[str, tuple[str, str | None]]:
    """Export the relation as it is now: the kinds of rules that fail, each with what it saw."""
    folder.mkdir()
    csv, parquet = folder / f"{contract.name}.csv", folder / f"{contract.name}.parquet"
    relation = export.find_relation(built.connection, contract.model, contract.name)
    export.write_csv(built.connection, relation, contract, csv)
    export.write_parquet(built.connection, relation, contract, parquet, {"dataset": contract.name})
    failed: dict[str, tuple[str, str | None]] = {}
    with read_back(csv, parquet) as data:
        evidence = Evidence(
            contract=contract,
            candidate=cast(Candidate, None),  # these rules read the files and nothing else
            sources={},
            province=load_province(),
            ledger=cast(Ledger, None),
            data=data,
            descriptor={},
            built=None,
        )
        for rule in contract_rules(contract):
            if rule.kind == "sql" or rule.implementation.get("rule") == "small_cells":
                seen: Any = run._contract_rule(evidence, rule)
                if not seen.passed:
                    failed[kind_of(f"rule.{rule.name}", contract)] = (rule.severity, seen.observed)
    return failed
