"""What each dbt test says, in both languages, from the manifest.

A test that was given a name speaks for itself; the names dbt makes up for generic tests do not.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.contracts import Text

_GENERIC = {
    "not_null": Text(
        "Cột {column} của {table} luôn có giá trị", "Column {column} of {table} always has a value"
    ),
    "unique": Text(
        "Cột {column} của {table} không lặp lại", "Column {column} of {table} is unique"
    ),
    "accepted_values": Text(
        "Cột {column} của {table} chỉ dùng các mã trong danh mục",
        "Column {column} of {table} uses codes of its list only",
    ),
    "relationships": Text(
        "Mỗi {column} của {table} có trong {other}", "Every {column} of {table} is in {other}"
    ),
    "unique_combination": Text(
        "Tổ hợp {columns} của {table} không lặp lại", "{columns} of {table} are unique together"
    ),
}


def _table(node: Mapping[str, Any]) -> str:
    return str(node.get("attached_node") or "").rsplit(".", 1)[-1]


def _title(node: Mapping[str, Any]) -> Text:
    if said := str(node.get("description") or "").strip():
        return Text(said, said)
    name, table = str(node["name"]), _table(node)
    facts: Mapping[str, Any] = node.get("test_metadata") or {}
    kind = str(facts.get("name", ""))
    given: Mapping[str, Any] = facts.get("kwargs") or {}
    made_up = bool(kind) and name.startswith(f"{kind}_")
    if made_up and (words := _GENERIC.get(kind)):
        parts = {
            "column": str(node.get("column_name") or given.get("column_name") or ""),
            "columns": ", ".join(str(column) for column in given.get("columns") or ()),
            "other": str(given.get("to", "")).removeprefix("ref('").removesuffix("')"),
            "table": table,
        }
        return Text(words.vi.format(**parts), words.en.format(**parts))
    spoken = (kind if made_up else name).replace("_", " ")
    spoken = f"{spoken} ({table})" if table else spoken
    return Text(spoken, spoken)


def titles(manifest: Path) -> dict[str, Text]:
    """The title of every data test by its name; nothing where the project was never parsed."""
    if not manifest.exists():
        return {}
    nodes: Mapping[str, Mapping[str, Any]] = json.loads(manifest.read_bytes())["nodes"]
    return {
        str(node["name"]): _title(node)
        for node in nodes.values()
        if node["resource_type"] == "test"
    }
