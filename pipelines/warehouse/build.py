"""Make one warehouse file from what is landed, test it, and keep what the tests said as evidence.

A build is identified by its inputs: landed content, dbt project, province, engine versions. It is
made in a file of its own that nobody reads; `promotion` decides what readers see. It may begin with
a copy of the last build (`increment`), which changes what it costs, not what it says. Tests never
stop a build: a failed one is evidence, and the gate withholds what depends on it.
"""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from pipelines.canonical import digest_of, sync_file, sync_folder
from pipelines.clock import stamp
from pipelines.contracts import PublishedContract, SourceContract, load_published, sources_in_use
from pipelines.contracts.corrections import applied
from pipelines.duck import connect, identifier
from pipelines.ingest import landing
from pipelines.ledger import CheckResult, Ledger
from pipelines.province import Province
from pipelines.quality.content import relation_digest
from pipelines.quality.messages import without_values
from pipelines.quality.personal.mask import masked
from pipelines.settings import Home
from pipelines.warehouse.dbt import building, run_in_turn
from pipelines.warehouse.dbt_process import RESULTS
from pipelines.warehouse.failing_rows import failing_rows
from pipelines.warehouse.increment import landed_now, start
from pipelines.warehouse.landed import create_views, drop_views
from pipelines.warehouse.project import load_manifest, model_node, project_digest, tests_for

REPORT_EVERY = 50  # passing models or tests go by without a line each
_ENGINES = ("duckdb", "dbt-core", "dbt-duckdb")
_STATUS = {"pass": "passed", "warn": "failed", "fail": "failed"}


class BuildError(Exception):
    """The warehouse could not be built; the promoted one stays as it is."""


@dataclass(frozen=True)
class Node:
    """How one model or test of the build went.

    `rows` is a model's row count. `sample` holds at most 20 rows a test objects to, of relations
    that may be seen; of others only their keys.
    """

    unique_id: str
    status: str
    seconds: float
    failures: int | None = None
    message: str | None = None
    rows: int | None = None
    sample: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Build:
    """A finished warehouse file. `relations` maps a dataset to the digest of its relation."""

    build_id: str
    file: Path
    relations: Mapping[str, str]
    reused: bool
    nodes: Mapping[str, Node] = field(default_factory=dict)


def landings(home: Home) -> dict[str, tuple[SourceContract, landing.Landing]]:
    """Every source in use with what is landed of it.

    Raises:
        BuildError: a source has never been landed.
    """
    found: dict[str, tuple[SourceContract, landing.Landing]] = {}
    for name, contract in sources_in_use().items():
        current = landing.current(home, name)
        if current is None:
            raise BuildError(f"source {name} has not been landed yet; run the whole graph once")
        found[name] = (contract, current)
    return found


def inputs(
    found: Mapping[str, tuple[SourceContract, landing.Landing]], province: Province
) -> dict[str, Any]:
    """Everything a build depends on: equal inputs have equal builds, in whatever home."""
    return {
        "landed": {name: current.digest for name, (_, current) in found.items()},
        "raw": {
            name: sorted({file.raw_sha256 for file in current.files})
            for name, (_, current) in found.items()
        },
        "corrections": {
            name: applied_corrections(contract, current)
            for name, (contract, current) in found.items()
            if current.corrected
        },
        "dbt_project": project_digest(),
        "published": {name: item.digest for name, item in load_published().items()},
        "province": province.environment(),
        "engines": {name: version(name) for name in _ENGINES},
    }


def applied_corrections(contract: SourceContract, current: landing.Landing) -> list[dict[str, Any]]:
    """What the corrections of a source did, as it is published: no key and no value of a row."""
    return [
        {
            "source": contract.name,
            "id": item.id,
            "action": item.action,
            "rows": rows,
            "reason": item.reason.vi,
            "reasonEn": item.reason.en,
        }
        for item, rows in applied(contract, current.corrected)
    ]


def signature(path: Path) -> str:
    """Changes whenever somebody writes to the file."""
    facts = path.stat()
    return f"{facts.st_size}:{facts.st_mtime_ns}"


def latest(home: Home, ledger: Ledger) -> Build | None:
    """The last finished build whose file still exists, or None."""
    for row in ledger.rows("select * from builds order by finished_at desc, rowid desc limit 5"):
        path = home.warehouse / "builds" / row["file"]
        if path.exists():
            return Build(row["build_id"], path, json.loads(row["relations"]), reused=True)
    return None


def _reusable(home: Home, ledger: Ledger, build_id: str, files: str) -> Build | None:
    """The last build, where it has the same inputs and nobody touched its file since."""
    last = latest(home, ledger)
    if last is None or last.build_id != build_id:
        return None
    row = _untouched(ledger, last)
    if row is None or row["landed_files"] != files:
        return None
    nodes = {key: Node(**value) for key, value in json.loads(row["nodes"]).items()}
    return Build(last.build_id, last.file, last.relations, reused=True, nodes=nodes)


def _untouched(ledger: Ledger, last: Build) -> Mapping[str, Any] | None:
    """The ledger's row of a build, or None where somebody wrote to its file since."""
    row = ledger.rows("select * from builds where file = ?", last.file.name)[0]
    return dict(row) if row["signature"] == signature(last.file) else None


def build(
    home: Home,
    ledger: Ledger,
    province: Province,
    *,
    run_id: str | None = None,
    report: Callable[[str], None] = lambda _message: None,
) -> Build:
    """The warehouse for what is landed now: the last build where nothing changed, else a new one.

    Raises:
        BuildError: something is not landed, or a model failed.
        DbtError: dbt could not run.
    """
    found = landings(home)
    depends_on = inputs(found, province)
    build_id = digest_of(depends_on)[:16]
    landed = landed_now(found)
    files = json.dumps(landed, ensure_ascii=False, sort_keys=True)
    if (known := _reusable(home, ledger, build_id, files)) is not None:
        report(f"nothing changed: build {build_id} still holds")
        return known
    database = building(home)
    workshop = database.parent
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True)
    manifest = load_manifest(home)
    last = latest(home, ledger)
    begin = start(
        home,
        _untouched(ledger, last) if last else None,
        last.file if last else None,
        depends_on,
        landed,
        manifest,
    )
    report(begin.why)
    begin.make(database)
    with connect(database) as connection:
        create_views(connection, home, found, begin.changed)
    nodes, objections = _run(home, province, database, report)
    relations = _finish(database, manifest, nodes, objections)
    (home.warehouse / "builds").mkdir(exist_ok=True)
    target = home.warehouse / "builds" / f"{build_id}-{time.time_ns():x}.duckdb"
    sync_file(database)
    database.rename(target)
    sync_folder(target.parent)
    shutil.rmtree(workshop, ignore_errors=True)
    ledger.record_checks(_evidence(manifest, build_id, relations, nodes, run_id))
    ledger.insert(
        "builds",
        [
            {
                "build_id": build_id,
                "file": target.name,
                "signature": signature(target),
                "inputs": json.dumps(depends_on, ensure_ascii=False),
                "landed_files": files,
                "relations": json.dumps(relations),
                "nodes": json.dumps(
                    {key: asdict(node) for key, node in nodes.items()},
                    ensure_ascii=False,
                    default=str,
                ),
                "finished_at": stamp(),
                "promoted_at": None,
                "run_id": run_id,
            }
        ],
    )
    return Build(build_id, target, relations, reused=False, nodes=nodes)


def _run(
    home: Home, province: Province, database: Path, report: Callable[[str], None]
) -> tuple[dict[str, Node], dict[str, str]]:
    """Run all models, then all data tests; only a failed model ends the build.

    Returns the nodes, and the SQL that finds what each test objects to.
    """

    def on_event(event: dict[str, Any]) -> None:
        if event["info"]["name"] not in RESULTS:
            return
        data = event["data"]
        quiet = str(data["status"]).lower().startswith(("pass", "success", "ok"))
        if not quiet or data["index"] % REPORT_EVERY == 0:
            report(str(event["info"]["msg"]).strip())

    folder = home.dbt / "target"
    commands = {
        "model": (["run"], folder / "run"),
        "test": (["test", "--exclude-resource-type", "unit_test"], folder / "test"),
    }
    run_in_turn(
        list(commands.values()), home, province, database=database, on_event=on_event, check=False
    )
    nodes: dict[str, Node] = {}
    objections: dict[str, str] = {}
    for what, (_, written) in commands.items():
        results = written / "run_results.json"
        found: list[Node] = []
        for result in json.loads(results.read_bytes())["results"]:
            found.append(
                Node(
                    unique_id=result["unique_id"],
                    status=str(result["status"]),
                    seconds=round(float(result["execution_time"]), 3),
                    failures=result.get("failures"),
                    message=without_values(result.get("message")),
                )
            )
            if result["status"] in ("fail", "warn") and result.get("compiled_code"):
                objections[result["unique_id"]] = str(result["compiled_code"])
        nodes |= {node.unique_id: node for node in masked(found)}
        broken = [
            f"{node.unique_id}: {node.message}"
            for node in nodes.values()
            if what == "model" and node.status not in ("success", "no-op")
        ]
        if broken:
            raise BuildError(
                f"{len(broken)} model(s) failed; the promoted warehouse stays as it is.\n"
                + "\n".join(broken)
            )
    return nodes, objections


def _finish(
    database: Path,
    manifest: Mapping[str, Any],
    nodes: dict[str, Node],
    objections: Mapping[str, str],
) -> dict[str, str]:
    """Digest what will be published, count rows, keep samples, cut links to private files."""
    with connect(database) as connection:
        failing = [
            replace(
                nodes[unique_id],
                sample=failing_rows(connection, manifest["nodes"][unique_id], manifest, query),
            )
            for unique_id, query in objections.items()
        ]
        nodes |= {node.unique_id: node for node in masked(failing)}
        tables = connection.execute("select schema_name, table_name from duckdb_tables()")
        counted = {table: _rows(connection, *table) for table in tables.fetchall()}
        for unique_id, node in nodes.items():
            entry = manifest["nodes"].get(unique_id, {})
            rows = counted.get((entry.get("schema", ""), entry.get("name", "")))
            if rows is not None:
                nodes[unique_id] = replace(node, rows=rows)
        relations = {
            name: relation_digest(connection, _relation(manifest, contract), contract.table.columns)
            for name, contract in load_published().items()
        }
        drop_views(connection)
        connection.execute("checkpoint")
    return relations


def _rows(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> int:
    """Exactly: DuckDB's own estimate still counts rows that an increment took out."""
    row = connection.execute(
        f"select count(*) from {identifier(schema)}.{identifier(table)}"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _relation(manifest: Mapping[str, Any], contract: PublishedContract) -> str:
    node = model_node(manifest, contract.model)
    return f"{identifier(node['schema'])}.{identifier(node['name'])}"


def _evidence(
    manifest: Mapping[str, Any],
    build_id: str,
    relations: Mapping[str, str],
    nodes: Mapping[str, Node],
    run_id: str | None,
) -> list[CheckResult]:
    """What each dbt test said, once for every dataset that depends on it."""
    by_name = {
        entry["name"]: nodes[unique_id]
        for unique_id, entry in manifest["nodes"].items()
        if entry["resource_type"] == "test" and unique_id in nodes
    }
    found: list[CheckResult] = []
    for dataset, contract in load_published().items():
        for test in tests_for(manifest, contract.model):
            node = by_name.get(test.name)
            if node is None:
                continue  # not run: the gate finds it missing
            found.append(
                CheckResult(
                    dataset=dataset,
                    check_name=f"dbt.{test.name}",
                    engine="dbt",
                    dimension=test.dimension.value,
                    severity=test.severity.value,
                    subject=relations[dataset],
                    build_id=build_id,
                    status=_STATUS.get(node.status, "error"),
                    message=node.message or test.description,
                    failing_rows=node.failures,
                    sample=node.sample,
                    seconds=node.seconds,
                    run_id=run_id,
                )
            )
    return found
