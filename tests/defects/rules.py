"""The bench of published contracts' own rules: a published relation is spoiled and exported.

It stands on the build of `warehouse`. The exporter writes the spoiled relation to files, and the
rules of the real contract read them, beside the other tables as they were; expectations and the
rest are the bench of `candidates`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from pipelines.contracts import PublishedContract, Text, load_published
from pipelines.contracts.vocabulary import Severity
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
    rows: str = "",
    outcome: str = WITHHELD,
    earlier: str = "",
) -> None:
    """List a defect of a published relation: `rows` is SQL over `rows`, what the model gave; with
    `earlier` a release is there already, of those rows.
    """

    def observe(shop: Workshop) -> Objections:
        built, contract = warehouse(shop), load_published()[dataset]
        before = shop.shared.setdefault(f"rules.{dataset}", {})
        if not before:
            before |= _found(built, contract, shop.folder / "before")
        folder = shop.folder / "after"
        if earlier:
            version = folder / dataset / "2024-01-01-000000000000"
            with _spoiled(built, contract.model, earlier):
                _export(built, contract, version)
        with _spoiled(built, contract.model, rows) if rows else nullcontext():
            after = _found(built, contract, folder)
        return {
            kind: WARNED if severity == Severity.WARNING else WITHHELD
            for kind, (severity, seen) in after.items()
            if kind != shop.off and before.get(kind) != (severity, seen)
        }

    add(Defect(name, stage, f"rule.{rule}", outcome, Text(vi, en), observe))


@contextmanager
def _spoiled(built: Warehouse, model: str, rows: str) -> Iterator[None]:
    built.connection.execute("begin")
    try:
        built.spoil(model, rows)
        yield
    finally:
        built.connection.execute("rollback")


def _export(built: Warehouse, contract: PublishedContract, folder: Path) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    csv, parquet = folder / f"{contract.name}.csv", folder / f"{contract.name}.parquet"
    relation = export.find_relation(built.connection, contract.model, contract.name)
    export.write_csv(built.connection, relation, contract, csv)
    export.write_parquet(built.connection, relation, contract, parquet, {"dataset": contract.name})
    return csv, parquet


def _found(
    built: Warehouse, contract: PublishedContract, folder: Path
) -> Mapping[str, tuple[str, str | None]]:
    """Export the relation as it is now: the kinds of rules that fail, each with what it saw."""
    csv, parquet = _export(built, contract, folder)
    failed: dict[str, tuple[str, str | None]] = {}
    with read_back(csv, parquet) as data:
        evidence = Evidence(
            contract=contract,
            candidate=Candidate(contract.name, folder, "", "", "", "", "", "", {}, 0, {}),
            sources={},
            province=load_province(),
            ledger=Ledger(folder / "ledger.sqlite"),
            data=data,
            descriptor={},
            built=None,
            warehouse=built.copy,
            releases=folder,
        )
        for rule in contract_rules(contract):
            kind = kind_of(f"rule.{rule.name}", contract)
            if kind == "rule.visible_share":
                continue  # too few dossiers to judge it; the bench of candidates does
            try:
                seen = run._contract_rule(evidence, rule)
            except Exception as error:  # the gate counts it like a failure
                failed[kind] = (Severity.BLOCKER, type(error).__name__)
                continue
            if not seen.passed:
                failed[kind] = (rule.severity, seen.observed)
    return failed
