"""The bench of what goes out: build, export, check, decide and release one small dataset.

The world is the one of the integration tests: one published table, one source, one finished build.
"""

from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from typing import Any

import pytest
import yaml

from pipelines.contracts import Text
from pipelines.contracts.vocabulary import Severity
from pipelines.ledger import CheckResult, Ledger
from pipelines.province import load_province
from pipelines.publish import export
from pipelines.publish.candidate import Candidate
from pipelines.publish.release import latest
from pipelines.publish.withdraw import withdraw
from pipelines.settings import Home
from tests.defects import switches
from tests.defects.kinds import kind_of
from tests.defects.model import WARNED, WITHHELD, Defect, Objections, Workshop, add
from tests.integration.conftest import (
    BUILD,
    DATASET,
    ROWS,
    World,
    published_contract,
    source_contract,
)


def make_world(shop: Workshop) -> World:
    """The world before anything went wrong."""
    home = Home(shop.folder / "home").create()
    made = World(shop.folder, home, Ledger(home.ledger), load_province())
    made.write_contract(published_contract())
    made.write_source(source_contract())
    made.land()
    made.build()
    return made


def take_back(world: World, version: str) -> None:
    """Withdraw a release, as `khomo withdraw` does."""
    withdraw(
        world.home,
        world.ledger,
        DATASET,
        version,
        reason=Text("Sai đơn vị tính", "Wrong unit"),
        role="Phòng Dữ liệu mở",
    )


class Street:
    """The way from a build to a release. A defect changes the world now, or asks to be called
    after the export or after the checks.
    """

    def __init__(self, world: World, patch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.patch = patch
        self.build_id = BUILD
        self.lineage: Collection[str] = ()
        self.exported: Callable[[Candidate], Any] = lambda _candidate: None
        self.checked: Callable[[Candidate], Any] = lambda _candidate: None
        self.check: Callable[[Candidate], Any] = lambda candidate: world.check(
            candidate, lineage=self.lineage
        )

    # What defects do.

    def rows(self, change: str) -> None:
        """Build from other rows: `change` is SQL over `rows`; the build's own tests pass."""
        self.build_id = "build-2"
        self.world.build(f"with rows as ({ROWS}) {change}", build_id=self.build_id)

    def replaced(self, values: str) -> None:
        """Build with other values (SQL, `value as column, …`) in the row of unit 00007."""
        parts = [part.rsplit(" as ", 1) for part in values.split("; ")]
        cases = ", ".join(
            f"case when unit_code = '00007' then {value} else {name} end as {name}"
            for value, name in parts
        )
        casts = ", ".join(
            f"{name}::{kind} as {name}"
            for name, kind in (
                ("received", "bigint"),
                ("late", "bigint"),
                ("score", "decimal(9, 4)"),
            )
        )
        self.rows(f"select * replace ({casts}) from (select * replace ({cases}) from rows)")

    def contract(self, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change the contract of the dataset."""
        data = deepcopy(published_contract())
        change(data)
        self.world.write_contract(data)

    def source(self, change: Callable[[dict[str, Any]], Any], name: str = "desk") -> None:
        """Change the contract of its source, or write that of another one beside it."""
        data = deepcopy(source_contract())
        data |= {"name": name, "id": f"khomo-source-{name}"}
        change(data)
        path = self.world.folder / "sources" / name / "contract.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")

    def beside(self, file: str, said: Any) -> None:
        """Write a file beside the published contract: waivers, revisions."""
        path = self.world.folder / "open_data" / DATASET / file
        path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")

    def exporter(self, writer: str, change: str) -> None:
        """An exporter that writes something else than it read (SQL for `replace`)."""
        right = getattr(export, writer)

        def faulty(connection: Any, relation: str, *rest: Any) -> None:
            right(connection, f"(select * replace ({change}) from {relation})", *rest)

        self.patch.setattr(export, writer, faulty)

    def record(self, candidate: Candidate, check: str, **changes: Any) -> None:
        """Put another result for a check into the ledger, the newest."""
        from dataclasses import replace

        ledger = self.world.ledger
        known = ledger.checks(DATASET, candidate.digest)
        known |= ledger.checks(DATASET, candidate.relation_digest)
        ledger.record_checks([replace(known[check], **changes)])

    def ledger(self, statement: str) -> None:
        """Change the ledger by hand."""
        with self.world.ledger.connect() as connection:
            connection.execute(statement)
            connection.commit()

    def forge(self, candidate: Candidate) -> None:
        """Write a pass for every check there is, for whatever bytes lie there now."""
        self.world.assume_passed(candidate)
        self.world.ledger.record_checks(
            [
                CheckResult(
                    dataset=DATASET,
                    check_name=name,
                    engine="dbt",
                    dimension="consistency",
                    severity="blocker",
                    subject=candidate.relation_digest,
                    build_id=candidate.build_id,
                    status="passed",
                    message="",
                )
                for name in ("dbt.totals_add_up", "dbt.looks_usual")
            ]
        )

    # What must come of it.

    def objections(self) -> Objections:
        """Export, check, decide, release; who objected, as the decision says."""
        world = self.world
        before = latest(world.home, DATASET)
        candidate = world.export(build_id=self.build_id)
        self.exported(candidate)
        self.check(candidate)
        self.checked(candidate)
        decision = world.decide(candidate)
        done = world.release(candidate)
        found: dict[str, str] = {}
        for entry in decision.document["checks"]:
            bad = WITHHELD if entry["severity"] == Severity.BLOCKER else WARNED
            if entry["status"] == "failed" and entry["severity"] != Severity.INFORMATION:
                found[_kind(entry, world)] = bad
            elif entry["status"] == "missing":
                found["gate.evidence"] = WITHHELD
            elif entry["status"] not in ("passed", "failed"):
                found["gate.error"] = WITHHELD
        for reason in done.reasons:
            if reason.check.startswith(("gate.", "release.")):
                found[reason.check] = WITHHELD
        withheld = WITHHELD in found.values()
        assert (done.outcome == "withheld") == withheld, (done.outcome, found)
        if withheld:
            assert latest(world.home, DATASET) == before, "a withheld candidate became latest"
        return found


def _kind(entry: Mapping[str, Any], world: World) -> str:
    return "gate.dbt" if entry["engine"] == "dbt" else kind_of(entry["check"], world.contract)


def on_candidate(
    name: str,
    stage: str,
    check: str,
    outcome: str,
    vi: str,
    en: str,
    spoil: Callable[[Street], Any],
) -> None:
    """List a defect on the way from a build to a release."""

    def observe(shop: Workshop) -> Objections:
        street = Street(make_world(shop), shop.patch)
        spoil(street)
        with switches.off(shop.off):
            return street.objections()

    add(Defect(name, stage, check, outcome, Text(vi, en), observe))


def withheld(name: str, stage: str, check: str, vi: str, en: str, spoil: Any) -> None:
    """List a defect that a dataset is withheld for."""
    on_candidate(name, stage, check, WITHHELD, vi, en, spoil)


def rules_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules of a contract's table, to be changed."""
    rules: list[dict[str, Any]] = data["schema"][0]["quality"]
    return rules


def without(name: str) -> Any:
    """A contract without one of its further properties."""

    def change(data: dict[str, Any]) -> None:
        data["customProperties"] = [
            item for item in data["customProperties"] if item["property"] != name
        ]

    return change


def licensed(name: str) -> Any:
    """A contract under another licence."""

    def change(data: dict[str, Any]) -> None:
        without("license")(data)
        data["customProperties"].append({"property": "license", "value": {"name": name}})

    return change
