"""The bench of models: one real build, one relation of it spoiled, and the dbt tests on it.

`dbt build` runs once over the bundled inputs. A defect then stands for a faulty model: inside a
transaction one relation gets other rows, the compiled SQL of every dbt test that reads it (or a
view on it) runs, and everything is rolled back.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from pipelines.contracts import Text, load_published, sources_in_use
from pipelines.contracts.vocabulary import Severity
from pipelines.duck import connect
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.settings import Home
from pipelines.synthetic.bundled import ensure_sample
from pipelines.warehouse.build import landings
from pipelines.warehouse.dbt import run_dbt
from pipelines.warehouse.landed import create_views
from pipelines.warehouse.project import model_node, severity_of, tests_for
from tests.defects.kinds import dbt_kind
from tests.defects.model import REPORTED, WARNED, WITHHELD, Defect, Objections, Workshop, add

DOSSIERS = 2000  # enough for cells above and below the threshold


class Warehouse:
    """A build that is finished, with its manifest and what each test said of it."""

    def __init__(self, home: Home) -> None:
        province, ledger = load_province(), Ledger(home.ledger)
        for contract in sources_in_use().values():
            if contract.generator:
                ensure_sample(contract.generator, home, province)
            raw.pull(contract, home, ledger)
            landing.land(contract, home, ledger)
        database = home.warehouse / "defects.duckdb"
        with connect(database) as connection:
            create_views(connection, home, landings(home))
        run_dbt(
            ["build", "--exclude-resource-type", "unit_test"],
            home,
            province,
            database=database,
            check=False,
        )
        target = home.dbt / "target"
        self.manifest: dict[str, Any] = json.loads((target / "manifest.json").read_bytes())
        results = json.loads((target / "run_results.json").read_bytes())["results"]
        self.failures = {item["unique_id"]: item.get("failures") or 0 for item in results}
        self.compiled = {
            item["unique_id"]: item["compiled_code"]
            for item in results
            if item["unique_id"].startswith("test.")
        }
        # What nobody spoils, for rules that also read the other tables.
        self.copy = shutil.copy(database, database.with_name("whole.duckdb"))
        self.open = ExitStack()
        self.connection = self.open.enter_context(connect(database))

    def tests_of(self, model: str) -> Iterator[dict[str, Any]]:
        """The tests that read a model, or a view on it."""
        touched = [model_node(self.manifest, model)["unique_id"]]
        for unique_id in touched:
            for child in self.manifest["child_map"].get(unique_id, ()):
                node = self.manifest["nodes"].get(child)
                if node and node["config"]["materialized"] == "view" and child not in touched:
                    touched.append(child)
        for node in self.manifest["nodes"].values():
            if node["unique_id"] in self.compiled and (
                set(touched) & set(node["depends_on"]["nodes"])
            ):
                yield node

    def spoil(self, model: str, rows: str) -> None:
        """Give a relation other rows: `rows` is SQL over `rows`, what the model gave."""
        node = model_node(self.manifest, model)
        name = f'"{node["schema"]}"."{node["name"]}"'
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        before = self._one(f"select count(*), sum(hash(t)::hugeint) from {name} as t")
        self.connection.execute(f"create temp table spoiled as with rows as (from {name}) {rows}")
        self.connection.execute(f"drop {kind} {name}")
        self.connection.execute(f"create table {name} as from spoiled")
        after = self._one(f"select count(*), sum(hash(t)::hugeint) from {name} as t")
        assert after != before, f"{model} is as it was: the defect changes nothing"

    def objections(self, model: str, off: str | None) -> Objections:
        """Run the tests on a spoiled relation: those that now find more than they did before."""
        found: dict[str, str] = {}
        nodes = {
            key: node
            for key, node in self.manifest["nodes"].items()
            if node["resource_type"] != "test" or dbt_kind(node) != off
        }
        blocking = {
            test.name
            for contract in load_published().values()
            for test in tests_for({**self.manifest, "nodes": nodes}, contract.model)
            if test.severity is Severity.BLOCKER
        }
        for node in self.tests_of(model):
            if dbt_kind(node) == off:
                continue
            code = self.compiled[node["unique_id"]]
            (count,) = self._one(f"select count(*) from (\n{code}\n) as objections")
            if count > self.failures[node["unique_id"]]:
                outcome = WITHHELD if node["name"] in blocking else REPORTED
                if severity_of(node) is Severity.WARNING:
                    outcome = WARNED
                if found.get(dbt_kind(node)) != WITHHELD:
                    found[dbt_kind(node)] = outcome
        return found

    def _one(self, query: str) -> tuple[Any, ...]:
        row = self.connection.execute(query).fetchone()
        assert row is not None
        return row


def warehouse(shop: Workshop) -> Warehouse:
    """The build, made for the first defect that needs it."""
    if "warehouse" not in shop.shared:
        home = Home(shop.scratch / "warehouse").create()
        shop.patch.setenv("KHOMO_HOME", str(home.root))
        shop.patch.setenv("KHOMO_SAMPLE_DOSSIERS", str(DOSSIERS))
        shop.shared["warehouse"] = Warehouse(home)
    found: Warehouse = shop.shared["warehouse"]
    return found


def _observe(
    spoil: Callable[[Warehouse], Any], model: str
) -> Callable[[Workshop], Mapping[str, str]]:
    def observe(shop: Workshop) -> Objections:
        built = warehouse(shop)
        built.connection.execute("begin")
        try:
            spoil(built)
            return built.objections(model, shop.off)
        finally:
            built.connection.execute("rollback")

    return observe


def on_model(
    name: str,
    stage: str,
    model: str,
    check: str,
    vi: str,
    en: str,
    rows: str,
    outcome: str = WITHHELD,
) -> None:
    """List a defect of a model: `rows` is SQL over `rows`, what the right model gave."""
    add(
        Defect(
            name,
            stage,
            f"dbt.{check}",
            outcome,
            Text(vi, en),
            _observe(lambda built: built.spoil(model, rows), model),
        )
    )


def on_macro(name: str, stage: str, test: str, vi: str, en: str, old: str, new: str) -> None:
    """List a defect of a macro: its compiled text, inside the test of it, says something else."""

    def observe(shop: Workshop) -> Objections:
        built = warehouse(shop)
        (node,) = (node for node in built.manifest["nodes"].values() if node["name"] == test)
        code = built.compiled[node["unique_id"]]
        assert old in code, f"{test} does not hold {old!r}"
        query = f"select count(*) from (\n{code.replace(old, new)}\n) as objections"
        row = built.connection.execute(query).fetchone()
        kind = dbt_kind(node)
        return {kind: WITHHELD} if row and row[0] and kind != shop.off else {}

    add(Defect(name, stage, f"dbt.{test}", WITHHELD, Text(vi, en), observe))
