"""What the warehouse holds for each system that the plan documents name, as a Markdown page.

Derived from the finished warehouse: nothing here is written by hand but the words around it. A
relation counts as synthetic where any source it is made from is.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import duckdb

from pipelines.contracts import load_published, load_sources
from pipelines.duck import identifier
from pipelines.settings import Home

STATES = {
    "real": ("dữ liệu thật", "real rows"),
    "synthetic": ("dữ liệu mô phỏng", "synthetic rows"),
    "targets": ("chỉ có chỉ tiêu", "targets only, no value yet"),
    "waiting": ("chưa có nguồn", "no source yet"),
    "empty": ("bảng trống", "relation without rows"),
    "missing": ("không có bảng này", "no such relation"),
}
"""States in the order from the best to the worst."""

_ROWS = ("real", "synthetic")

_HEAD = """\
# What the warehouse holds for each system of the documents

Kho có gì cho từng hệ thống mà năm văn bản nêu. Made from the warehouse of the bundled inputs by
`khomo coverage --out docs/coverage.md`; a test makes it again and compares.

| state | meaning |
|---|---|
| real rows | rows that somebody reported |
| synthetic rows | rows made by a generator: the way is there, the figures are not |
| targets only, no value yet | documents set a target; nobody reported a value |
| no source yet | an indicator waits for values: [how to give them](how-to/indicators.md) |

"""


@dataclass(frozen=True)
class Service:
    """One thing that serves a system. `rows` is None where a count would say nothing."""

    system: str
    kind: str
    name: str
    state: str
    rows: int | None


@dataclass(frozen=True)
class System:
    """A system of the documents and everything that serves it."""

    code: str
    name_vi: str
    name_en: str
    named_in: str
    services: tuple[Service, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """The kinds of rows there are, else the best of what is; `waiting` where nothing serves."""
        found = [state for state in STATES if state in {item.state for item in self.services}]
        return tuple(state for state in found if state in _ROWS) or tuple(found[:1]) or ("waiting",)


class _Lineage:
    """Which relations rest on synthetic sources, by dbt's own account of the last build."""

    def __init__(self, home: Home) -> None:
        self.path = home.dbt / "manifest" / "manifest.json"

    @cached_property
    def manifest(self) -> Mapping[str, Mapping[str, list[str]]]:
        found: Mapping[str, Mapping[str, list[str]]] = json.loads(self.path.read_bytes())
        return found

    @cached_property
    def synthetic_tables(self) -> set[str]:
        return {
            table.name
            for contract in load_sources().values()
            if contract.synthetic
            for table in contract.tables
        }

    def is_synthetic(self, model: str) -> bool:
        waiting, seen = [f"model.khomo.{model}"], set[str]()
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            if node.startswith("source.") and node.split(".")[-1] in self.synthetic_tables:
                return True
            waiting += self.manifest["parent_map"].get(node, [])
        return False


def systems(connection: duckdb.DuckDBPyConnection, home: Home) -> list[System]:
    """Every system in the order of its code; `connection` is to the finished warehouse."""
    lineage = _Lineage(home)
    links: dict[str, list[Service]] = {}
    for code, kind, name in connection.execute(
        "select system_code, served_by, name from marts.bridge_system_link"
        " order by system_code, served_by desc, name"
    ).fetchall():
        links.setdefault(code, []).append(_service(connection, lineage, code, kind, name))
    return [
        System(code, vi, en, named_in, tuple(links.get(code, ())))
        for code, vi, en, named_in in connection.execute(
            "select system_code, name_vi, name_en, named_in from marts.dim_system"
            " order by system_code"
        ).fetchall()
    ]


def _service(
    connection: duckdb.DuckDBPyConnection, lineage: _Lineage, system: str, kind: str, name: str
) -> Service:
    if kind == "indicator":
        [(values, targets)] = connection.execute(
            "select (select count(*) from marts.fct_indicator_value"
            " where indicator_code = $name and value_number is not null),"
            " (select count(*) from marts.mart_target_progress where indicator_code = $name)",
            {"name": name},
        ).fetchall()
        state = "real" if values else "targets" if targets else "waiting"
        return Service(system, kind, name, state, int(values) or None)
    relation = name
    if kind == "dataset":
        contract = load_published().get(name)
        if contract is None:
            return Service(system, kind, name, "missing", None)
        relation = contract.table.physical_name
    rows = _rows(connection, relation.rpartition(".")[2])
    if not rows:
        return Service(system, kind, name, "missing" if rows is None else "empty", None)
    if lineage.is_synthetic(relation.rpartition(".")[2]):
        return Service(system, kind, name, "synthetic", None)
    return Service(system, kind, name, "real", rows)


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int | None:
    found = connection.execute(
        "select table_schema from information_schema.tables"
        " where table_name = ? and table_schema in ('marts', 'open_data')",
        [table],
    ).fetchone()
    if found is None:
        return None
    [(rows,)] = connection.execute(
        f"select count(*) from {identifier(found[0])}.{identifier(table)}"
    ).fetchall()
    return int(rows)


def markdown(found: Iterable[System]) -> str:
    """The page `docs/coverage.md`."""
    lines = [
        "| system | named in | served by | state |",
        "|---|---|---|---|",
    ]
    for system in found:
        served = "<br>".join(_said(service) for service in system.services) or "–"
        state = ", ".join(STATES[state][1] for state in system.states)
        lines.append(
            f"| {system.name_vi}<br>*{system.name_en}* | {system.named_in} | {served} | {state} |"
        )
    return _HEAD + "\n".join(lines) + "\n"


def _said(service: Service) -> str:
    count = f", {service.rows:,}" if service.rows else ""
    label = "" if service.kind == "relation" else f"{service.kind} "
    return f"{label}`{service.name}` ({STATES[service.state][1]}{count})"
