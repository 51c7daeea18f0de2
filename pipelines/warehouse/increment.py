"""Whether a new build may begin with a copy of the last one, and which landed files it then has to
look at again.

A model that is `incremental` in dbt says in `meta.follows` which landed tables it follows file by
file. Where nothing else that such a model is made from changed, the last build's rows of all other
files still hold. In any doubt the answer is a build from nothing. How a model follows its files is
the dbt project's business (`macros/increments.sql`).
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts import SourceContract
from pipelines.duck import connect, literals
from pipelines.ingest.landed import Landing
from pipelines.settings import Home
from pipelines.warehouse.project import ancestors

# What is landed may differ between a build and the one that begins with its copy; nothing else may.
_OF_THE_LANDED = frozenset({"landed", "raw", "corrections"})

Changed = tuple[tuple[str, str], ...]
"""Pairs of a landed table and a resource of it that came, went or changed."""


@dataclass(frozen=True)
class Start:
    """How a build begins: with a copy of the file `copied`, or with nothing (None).

    `changed` is what the copy does not hold, or holds otherwise; `why` says it to people.
    """

    copied: Path | None
    changed: Changed
    why: str

    def make(self, database: Path) -> None:
        """Put the copy where the build works; nothing where there is none."""
        if self.copied is not None:
            shutil.copyfile(self.copied, database)


class _DoubtError(Exception):
    """Why the last build cannot be continued."""


def landed_now(found: Mapping[str, tuple[SourceContract, Landing]]) -> dict[str, Any]:
    """The very files in this home that a build is made from, as the ledger keeps them."""
    return {
        name: {
            "contract": current.contract_digest,
            "files": sorted([item.table, item.resource, item.file] for item in current.files),
            "superseded": sorted([item.table, item.file] for item in current.superseded),
        }
        for name, (_, current) in found.items()
    }


def start(
    home: Home,
    last: Mapping[str, Any] | None,
    file: Path | None,
    inputs: Mapping[str, Any],
    landed: Mapping[str, Any],
    manifest: Mapping[str, Any],
) -> Start:
    """How to begin a build of `inputs` and `landed`.

    `last` is the ledger's row of the last build, None where there is none or its `file` is not as
    it was left; `landed` is `landed_now`.
    """
    try:
        if last is None or file is None:
            raise _DoubtError("there is no untouched last build")
        changed = _changed(home, last, inputs, landed)
        _check_followed(manifest, landed, changed)
    except _DoubtError as doubt:
        return Start(None, (), f"building from nothing: {doubt}")
    return Start(file, changed, f"building on the last build: {len(changed)} file(s) changed")


def _changed(
    home: Home, last: Mapping[str, Any], inputs: Mapping[str, Any], landed: Mapping[str, Any]
) -> Changed:
    was, inputs = json.loads(last["inputs"]), json.loads(json.dumps(inputs))
    other = sorted(
        name
        for name in was.keys() | inputs.keys()
        if name not in _OF_THE_LANDED and was.get(name) != inputs.get(name)
    )
    if other:
        raise _DoubtError(f"{', '.join(other)} changed")
    try:
        before = json.loads(last["landed_files"])
    except ValueError:
        raise _DoubtError("the ledger does not say what the last build was made from") from None
    if before.keys() != landed.keys():
        raise _DoubtError("other sources are in use")
    found: set[tuple[str, str]] = set()
    for name, now in landed.items():
        then = before[name]
        if then["contract"] != now["contract"]:
            raise _DoubtError(f"the contract of {name} changed")
        found |= {(table, resource) for table, resource, _ in _differing(then, now, "files")}
        found |= _newly_superseded(home, name, then, now)
    return tuple(sorted(found))


def _differing(
    then: Mapping[str, Any], now: Mapping[str, Any], what: str
) -> Iterable[tuple[str, ...]]:
    return {tuple(item) for item in then[what]} ^ {tuple(item) for item in now[what]}


def _newly_superseded(
    home: Home, source: str, then: Mapping[str, Any], now: Mapping[str, Any]
) -> set[tuple[str, str]]:
    """Files of which rows that counted in the last build do not count any more."""
    found: set[tuple[str, str]] = set()
    known = [list(item) for item in now["superseded"]]
    if any(item not in known for item in then["superseded"]):
        raise _DoubtError(f"rows of {source} count again")
    for table, file in now["superseded"]:
        if [table, file] in then["superseded"]:
            continue
        with connect() as connection:
            listed = connection.execute(
                "select distinct _resource from"
                f" read_parquet({literals([str(home.landed / source / file)])})"
            ).fetchall()
        found |= {(table, resource) for (resource,) in listed}
    return found


def _check_followed(
    manifest: Mapping[str, Any], landed: Mapping[str, Any], changed: Changed
) -> None:
    """Doubt where an incremental model is made from a changed table that it does not follow, or
    where most files of a table that it follows changed: there is little to keep."""
    tables = {table for table, _ in changed}
    of_table: dict[str, set[str]] = {}
    for now in landed.values():
        for table, resource, _ in now["files"]:
            of_table.setdefault(table, set()).add(resource)
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] != "model" or node["config"]["materialized"] != "incremental":
            continue
        follows = set(node["config"]["meta"].get("follows", ()))
        made_from = {
            manifest["sources"][parent]["name"]
            for parent in ancestors(manifest, unique_id)
            if parent in manifest["sources"]
        }
        for table in sorted(tables & made_from):
            if table not in follows:
                raise _DoubtError(f"{table} changed, which {node['name']} does not follow")
            moved = {resource for name, resource in changed if name == table}
            if 2 * len(moved) > len(moved | of_table.get(table, set())):
                raise _DoubtError(f"most files of {table} changed")
