"""A small API in front of a list of records: pages in every way a contract can name.

For tests of the REST connector. It stands behind `upstream`, so that it can misbehave in between.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

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
    servers = [{"server": "lgsp", "type": "api", "location": location, "format": "json"}]
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
            "required": True,
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
