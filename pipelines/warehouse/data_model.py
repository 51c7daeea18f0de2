"""The page on the data model, made from the dbt manifest and the contracts; words from a template.

Nothing is looked up in a warehouse: the same project gives the same page.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts import load_published, load_sources
from pipelines.warehouse.project import sources_of

TEMPLATE = Path(__file__).with_suffix(".md")
COMMAND = "khomo docs --data-model docs/data-model.md"
LAYERS = ("marts", "open_data", "intermediate", "staging")

_REF = re.compile(r"ref\('(\w+)'\)")
_GRAIN = "One row per "


@dataclass(frozen=True)
class Column:
    """A column; `references` names the table and column that its values come from."""

    name: str
    type: str
    description: str
    references: str
    is_key: bool
    is_required: bool


@dataclass(frozen=True)
class Model:
    """A dbt model as the page shows it. `area` is its folder within its layer."""

    name: str
    schema: str
    layer: str
    area: str
    description: str
    sources: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def grain(self) -> str:
        """The first sentence of the description, without the words that all of them share."""
        return _first_sentence(self.description).removeprefix(_GRAIN)


def _first_sentence(text: str) -> str:
    return re.split(r"\.(?:\s|$)", text, maxsplit=1)[0]


def _line(text: str) -> str:
    """Text as it may stand in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def models_of(manifest: Mapping[str, Any]) -> tuple[Model, ...]:
    """Every model of the project, by layer, area and name."""
    contracts = load_sources()
    tests: dict[str, list[Mapping[str, Any]]] = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("test_metadata"):
            tests.setdefault(str(node.get("attached_node")), []).append(node)
    found = [
        _model(node, tests.get(unique_id, []), sources_of(manifest, node["name"], contracts))
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    ]
    return tuple(
        sorted(found, key=lambda model: (LAYERS.index(model.layer), model.area, model.name))
    )


def _model(
    node: Mapping[str, Any], tests: Sequence[Mapping[str, Any]], sources: frozenset[str]
) -> Model:
    _, layer, *folders, _name = node["fqn"]
    references: dict[str, str] = {}
    required: set[str] = set()
    keys = set(node.get("primary_key") or ())
    for test in tests:
        kind, given = test["test_metadata"]["name"], test["test_metadata"]["kwargs"]
        if kind == "relationships" and (to := _REF.search(str(given["to"]))):
            references[given["column_name"]] = f"{to[1]}.{given['field']}"
        elif kind == "not_null" and not test["config"].get("where"):
            required.add(given["column_name"])
        elif kind == "unique_combination" and not keys:
            keys = set(given["columns"])
    return Model(
        name=node["name"],
        schema=node["schema"],
        layer=layer,
        area="/".join(folders),
        description=" ".join(str(node["description"]).split()),
        sources=tuple(sorted(sources)),
        columns=tuple(
            Column(
                name=column["name"],
                type=str(column.get("data_type") or ""),
                description=str(column["description"]),
                references=references.get(column["name"], ""),
                is_key=column["name"] in keys,
                is_required=column["name"] in required,
            )
            for column in node["columns"].values()
        ),
    )


def diagram(models: Sequence[Model]) -> str:
    """Entities of one subject area with their keys, and what they refer to."""
    links: list[str] = []
    entities: list[str] = []
    for model in models:
        attributes: list[str] = []
        for column in model.columns:
            marks = [
                mark
                for mark, holds in (("PK", column.is_key), ("FK", bool(column.references)))
                if holds
            ]
            if marks:
                kind = re.match(r"\w*", column.type)
                base = kind[0] if kind and kind[0] else "unknown"
                attributes.append(f"        {base} {column.name} {', '.join(marks)}")
            if column.references:
                parent = column.references.split(".")[0]
                one = "||" if column.is_required else "|o"
                links.append(f'    {parent} {one}--o{{ {model.name} : "{column.name}"')
        body = "\n".join(attributes)
        entities.append(f"    {model.name} {{\n{body}\n    }}" if body else f"    {model.name}")
    return "\n".join(["```mermaid", "erDiagram", *links, *entities, "```"])


def _overview(models: Sequence[Model]) -> str:
    rows = [
        f"| `{model.schema}.{model.name}` | {_line(model.grain)} | {', '.join(model.sources)} |"
        for model in models
    ]
    return "\n".join(["| table | one row per | from source |", "|---|---|---|", *rows])


def _details(model: Model) -> str:
    rows = [
        f"| `{column.name}`{' (key)' if column.is_key else ''} | {_line(column.type)} |"
        f" {_line(column.description)}"
        f"{f' → `{column.references}`' if column.references else ''} |"
        for column in model.columns
    ]
    return "\n".join(
        [
            f"<details><summary><code>{model.schema}.{model.name}</code></summary>",
            "",
            model.description,
            "",
            "| column | type | description |",
            "|---|---|---|",
            *rows,
            "",
            "</details>",
        ]
    )


def _title(area: str) -> str:
    return area.replace("_", " ").capitalize() or "General"


def _marts(models: Sequence[Model]) -> str:
    parts: list[str] = []
    for area in dict.fromkeys(model.area for model in models):
        inside = [model for model in models if model.area == area]
        parts += [f"### {_title(area)}", _overview(inside), diagram(inside)]
        parts += [_details(model) for model in inside]
    return "\n\n".join(parts)


def _layer(models: Sequence[Model]) -> str:
    return "\n\n".join([_overview(models), *[_details(model) for model in models]])


def _published() -> str:
    rows = [
        f"| `{name}` | `{contract.model}` |"
        f" {', '.join(f'`{column.name}`' for column in contract.table.key)} |"
        f" {', '.join(contract.sources)} |"
        for name, contract in sorted(load_published().items())
    ]
    head = "| dataset | exported from | one row per (key) | sources its contract names |"
    return "\n".join([head, "|---|---|---|---|", *rows])


def data_model(manifest: Mapping[str, Any]) -> str:
    """The whole page."""
    by_layer = {
        layer: [model for model in models_of(manifest) if model.layer == layer] for layer in LAYERS
    }
    parts = {
        "command": COMMAND,
        "marts": _marts(by_layer["marts"]),
        "open_data": _layer(by_layer["open_data"]),
        "intermediate": _layer(by_layer["intermediate"]),
        "staging": _overview(by_layer["staging"]),
        "published": _published(),
    }
    page = TEMPLATE.read_text(encoding="utf-8")
    for name, text in parts.items():
        page = page.replace(f"{{{{ {name} }}}}", text)
    return page
