"""The dbt project as others need it: its manifest, its digest, and which tests guard which model.

The manifest is parsed again only when a file of the project changed; running dbt is `dbt`.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from pipelines.canonical import digest_of, sha256_file, write_durably
from pipelines.contracts import SourceContract
from pipelines.contracts.vocabulary import Dimension, Severity, dimension
from pipelines.province import load_province
from pipelines.quality.model import DbtTest
from pipelines.settings import DBT_PROJECT, PROJECT_ROOT, Home
from pipelines.warehouse.dbt import building, run_dbt

_DIMENSIONS = {
    "not_null": Dimension.COMPLETENESS,
    "row_count_equals": Dimension.COMPLETENESS,
    "accepted_values": Dimension.VALIDITY,
    "unique": Dimension.UNIQUENESS,
    "unique_combination": Dimension.UNIQUENESS,
    "no_overlapping_validity": Dimension.UNIQUENESS,
    "no_repeated_value": Dimension.ACCURACY,
}
"""What a generic test is about; every other one compares parts of the warehouse: consistency."""

_FOLDERS = ("models", "macros", "tests")


def _files() -> Iterator[Path]:
    yield from sorted(DBT_PROJECT.glob("*.yml"))
    for folder in _FOLDERS:
        yield from sorted(path for path in (DBT_PROJECT / folder).rglob("*") if path.is_file())


def project_digest() -> str:
    """Stands for the content of the whole dbt project."""
    return digest_of(
        {path.relative_to(DBT_PROJECT).as_posix(): sha256_file(path) for path in _files()}
    )


def _signature() -> str:
    """Cheap stand-in for the content: names, sizes and times, and whose project this is."""
    facts = [
        [path.relative_to(DBT_PROJECT).as_posix(), stat.st_size, stat.st_mtime_ns]
        for path in _files()
        for stat in [path.stat()]
    ]
    return digest_of([PROJECT_ROOT.as_posix(), facts])


def ensure_manifest(home: Home) -> Path:
    """The path of an up-to-date `manifest.json`, parsing the project only where it changed.

    Raises:
        DbtError: the project does not parse.
    """
    target = home.dbt / "manifest"
    manifest, stamp = target / "manifest.json", target / "signature"
    signature = _signature()
    home.create()
    with FileLock(str(home.dbt / "manifest.lock")):
        if manifest.exists() and stamp.exists() and stamp.read_text() == signature:
            return manifest
        # Nothing opens the database; dbt takes up a parse only where the connection is the same.
        run_dbt(["parse"], home, load_province(), database=building(home), target=target)
        write_durably(stamp, signature.encode())
    return manifest


def load_manifest(home: Home) -> dict[str, Any]:
    """The parsed manifest as plain data."""
    path = ensure_manifest(home)
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)  # every dataset asks for it, some several times; nobody changes it
def _read(path: Path, _written: int) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(path.read_bytes())
    return manifest


def model_node(manifest: Mapping[str, Any], model: str) -> dict[str, Any]:
    """The manifest node of a model by its name.

    Raises:
        KeyError: there is no such model; the message names it.
    """
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["name"] == model:
            found: dict[str, Any] = node
            return found
    raise KeyError(f"there is no dbt model {model!r}; see `physicalName` in the contract")


def ancestors(manifest: Mapping[str, Any], unique_id: str) -> set[str]:
    """The node itself and everything it is built from."""
    found: set[str] = set()
    waiting = [unique_id]
    while waiting:
        node = waiting.pop()
        if node in found:
            continue
        found.add(node)
        waiting += manifest["parent_map"].get(node, [])
    return found


def sources_of(
    manifest: Mapping[str, Any], model: str, contracts: Mapping[str, SourceContract]
) -> frozenset[str]:
    """Names of the sources whose landed tables a model is made from."""
    lineage = ancestors(manifest, model_node(manifest, model)["unique_id"])
    tables = {
        manifest["sources"][unique_id]["name"]
        for unique_id in lineage
        if unique_id in manifest["sources"]
    }
    return frozenset(
        name
        for name, contract in contracts.items()
        if any(table.name in tables for table in contract.tables)
    )


def dimension_of(node: Mapping[str, Any]) -> Dimension:
    """What a dbt test is about: its own `meta: {dimension: …}`, else what its kind says.

    Raises:
        ValueError: its `meta` names no quality dimension.
    """
    own = (node.get("config") or {}).get("meta") or {}
    if said := own.get("dimension"):
        return dimension(str(said))
    kind = (node.get("test_metadata") or {}).get("name")
    return _DIMENSIONS.get(str(kind), Dimension.CONSISTENCY)


def severity_of(node: Mapping[str, Any]) -> Severity:
    """What comes of a dbt test that finds something: dbt's own `severity` is a blocker or a
    warning, and `meta: {severity: information}` makes it less than both.

    Raises:
        ValueError: its `meta` says something else: two places would say how much it weighs.
    """
    config = node.get("config") or {}
    if said := (config.get("meta") or {}).get("severity"):
        if said != Severity.INFORMATION:
            raise ValueError(
                f"{node['name']}: `meta` may lower the severity to {Severity.INFORMATION} only;"
                " say `severity: warn` or `severity: error` in its config instead"
            )
        return Severity.INFORMATION
    warns = str(config.get("severity", "error")).lower().startswith("warn")
    return Severity.WARNING if warns else Severity.BLOCKER


def tests_for(manifest: Mapping[str, Any], model: str) -> tuple[DbtTest, ...]:
    """The data tests that guard a model: those on itself and on everything it is built from.

    A test that also reads relations outside that lineage guards the node it is attached to. One
    that is attached to none guards the model it names as `guards` in its `meta`, otherwise only
    lineages that hold all it reads.

    Raises:
        KeyError: a test names a model that does not exist.
    """
    lineage = ancestors(manifest, model_node(manifest, model)["unique_id"])
    found: list[DbtTest] = []
    for node in manifest["nodes"].values():
        if node["resource_type"] != "test":
            continue
        attached = node.get("attached_node")
        if named := (node["config"].get("meta") or {}).get("guards"):
            attached = model_node(manifest, str(named))["unique_id"]
        guarded = (
            attached in lineage if attached else lineage.issuperset(node["depends_on"]["nodes"])
        )
        if guarded:
            found.append(
                DbtTest(
                    name=node["name"],
                    severity=severity_of(node),
                    description=node.get("description") or node["name"],
                    dimension=dimension_of(node),
                )
            )
    return tuple(sorted(found, key=lambda test: test.name))
