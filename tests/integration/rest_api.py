"""A small API in front of a list of records: pages in every way a contract can name.

For tests of the REST connector. It stands behind `upstream`, so that it can misbehave in between.
"""

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.contracts import load_sources
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.settings import Home
from pipelines.warehouse.landed import create_views
from tests.conftest import write_contract
from tests.integration.upstream import Answer, Asked, Upstream, as_json

COLUMNS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("dossier_code", "ma_ho_so", "VARCHAR", {}),
    ("fee_vnd", "le_phi.so_tien", "BIGINT", {}),
    ("updated_at", "cap_nhat_luc", "TIMESTAMP", {"dateFormat": "%d/%m/%Y %H:%M:%S"}),
)
CODE = "000.{:05}.H56-261001-0001"
QUICK = {"kind": "rest", "backoffSeconds": 0.005, "timeoutSeconds": 5, "deadlineSeconds": 20}
PAGE = {"kind": "page", "parameter": "trang", "sizeParameter": "so_luong", "size": 3}
GROWS = {
    "watermark": "updated_at",
    "parameter": "tu_ngay",
    "overlap": "1 day",
    "start": "01/10/2026",
    "format": "%d/%m/%Y",
}


def dossier(number: int, day: int = 1, fee: int = 0, time: str = "08:00:00") -> dict[str, Any]:
    """A record as the API has it."""
    return {
        "ma_ho_so": CODE.format(number),
        "le_phi": {"so_tien": fee},
        "cap_nhat_luc": f"{day:02}/10/2026 {time}",
    }


class Api:
    """Answers `/api/ho-so` from `records`, three at a time, in the order they are in."""

    path = "/api/ho-so"

    def __init__(self, upstream: Upstream) -> None:
        self.records: list[dict[str, Any]] = []
        self.upstream = upstream
        self.before: Callable[[int], Answer | None] = lambda _number: None
        self.change: Callable[[dict[str, Any]], object] = lambda said: said
        upstream.on(self.path, self)

    def __call__(self, asked: Asked) -> Answer:
        query = asked.query
        size = int(query.get("so_luong") or query.get("limit") or 3)
        begin = (int(query["trang"]) - 1) * size if "trang" in query else 0
        begin = int(query.get("offset") or query.get("cursor", "c0").removeprefix("c") or begin)
        begin = begin or ((int(query["trang"]) - 1) * size if "trang" in query else 0)
        if (special := self.before(begin // size + 1)) is not None:
            return special
        found = [item for item in self.records if _since(item, query.get("tu_ngay"))]
        page, end = found[begin : begin + size], begin + size
        more = end < len(found)
        following = self.upstream.address.rstrip("/") + f"{self.path}?cursor=c{end}"
        if "tu_ngay" in query:
            following += f"&tu_ngay={query['tu_ngay']}"
        said = {
            "status": "00",
            "data": {"items": page},
            "meta": {
                "total": len(found),
                "pages": -(-len(found) // size),
                "more": more,
                "cursor": f"c{end}" if more else None,
                "next": following if more else None,
            },
        }
        headers = {"Link": f'<{following}>; rel="next"'} if more else {}
        return as_json(self.change(said), headers=headers)

    def asked(self) -> list[Mapping[str, str]]:
        """The parameters of each request so far."""
        return [asked.query for asked in self.upstream.asked if asked.path == self.path]


def _since(item: Mapping[str, Any], since: str | None) -> bool:
    day = str(item["cap_nhat_luc"])[:10]
    return since is None or _order(day) >= _order(since)


def _order(day: str) -> tuple[str, ...]:
    return tuple(reversed(day.split("/")))


def write_api(
    folder: Path,
    address: str,
    *,
    paginate: Mapping[str, Any] | None = PAGE,
    incremental: Mapping[str, Any] | None = None,
    connector: Mapping[str, Any] | None = None,
    path: str = "ho-so",
    tables: Sequence[str] = ("dossiers",),
    properties: Mapping[str, Any] | None = None,
    optional: Sequence[str] = (),
    **rest: Any,
) -> Path:
    """A source `lgsp` with a table `dossiers` behind an API; `rest` adds to that property."""
    said: dict[str, Any] = {"path": path, **rest}
    if paginate is not None:
        said["paginate"] = dict(paginate)
    of_table = {"json": {"records": "data.items"}, "rest": said}
    if incremental is not None:
        of_table["incremental"] = dict(incremental)
    location = address.rstrip("/") + "/api"
    servers = [{"server": "lgsp", "type": "custom", "location": location, "format": "json"}]
    file = write_contract(folder, "lgsp", servers=servers)
    contract = yaml.safe_load(file.read_text(encoding="utf-8"))
    schema = contract["schema"][0]
    english = [item for item in schema["customProperties"] if item["property"] != "resource"]
    schema["properties"] = [
        {
            "name": name,
            "physicalName": header,
            "businessName": name,
            "description": name,
            "logicalType": "string",
            "physicalType": kind,
            "required": name not in optional,
            "primaryKey": name == "dossier_code",
            "customProperties": english + [{"property": k, "value": v} for k, v in more.items()],
        }
        for name, header, kind, more in COLUMNS
    ]
    schema["customProperties"] = english + [
        {"property": name, "value": value} for name, value in of_table.items()
    ]
    contract["schema"] = [{**schema, "name": name} for name in tables]
    given = {"connector": {**QUICK, **(connector or {})}, **(properties or {})}
    contract["customProperties"] += [{"property": k, "value": v} for k, v in given.items()]
    file.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    return file


class Source:
    """The source behind the API in one home."""

    def __init__(self, folder: Path, api: Api, home: Home, ledger: Ledger) -> None:
        self.folder, self.api, self.home, self.ledger = folder, api, home, ledger
        self.said: list[str] = []
        self.write()

    def write(self, **changes: Any) -> None:
        """Write the contract; keyword arguments as `write_api`."""
        write_api(self.folder, self.api.upstream.address, **changes)

    def pull(self) -> raw.Pull:
        contract = load_sources(self.folder)["lgsp"]
        return raw.pull(contract, self.home, self.ledger, report=self.said.append)

    def land(self) -> landing.Landing:
        return landing.land(load_sources(self.folder)["lgsp"], self.home, self.ledger)

    def rows(self) -> list[tuple[Any, ...]]:
        """Code, fee and increment of each row that dbt sees, in code order."""
        contract = load_sources(self.folder)["lgsp"]
        landed = landing.current(self.home, "lgsp")
        assert landed is not None
        with duckdb.connect() as connection:
            create_views(connection, self.home, {"lgsp": (contract, landed)})
            return connection.execute(
                "select dossier_code, fee_vnd, _resource from landed.dossiers order by all"
            ).fetchall()

    def pages(self, resource: str = "dossiers.zip") -> list[Any]:
        """What is in a stored file, page by page."""
        files = {file.resource: file for file in self.files()}
        with zipfile.ZipFile(raw.blob(self.home, "lgsp", files[resource].sha256)) as archive:
            return [json.loads(archive.read(name)) for name in sorted(archive.namelist())]

    def files(self) -> tuple[raw.RawFile, ...]:
        held = raw.current(self.home, "lgsp")
        return held.files if held else ()

    @property
    def progress(self) -> Path:
        return self.home.raw / "lgsp" / ".pages-dossiers"


def codes(*numbers: int) -> list[str]:
    return [CODE.format(number) for number in numbers]


def misbehave(number: int, answer: Answer) -> Callable[[int], Answer | None]:
    return lambda asked: answer if asked == number else None
