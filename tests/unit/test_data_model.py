"""The page on the data model says of a manifest what is in it."""

from typing import Any

import pytest

from pipelines.warehouse import data_model
from pipelines.warehouse.data_model import diagram, models_of


def column(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "data_type": kind, "description": f"Cột | {name}. Column {name}."}


def model(name: str, layer: str, *folders: str, **more: Any) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "schema": layer,
        "fqn": ["khomo", layer, *folders, name],
        "description": f"One row per row of {name}.\n  Mô tả. Description.",
        "columns": {},
        **more,
    }


def data_test(name: str, on: str, **given: Any) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "name": name,
        "attached_node": f"model.khomo.{on}",
        "test_metadata": {"name": name, "kwargs": given},
        "config": {},
    }


@pytest.fixture
def manifest(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(data_model, "sources_of", lambda *_: frozenset({"units"}))
    nodes = {
        "model.khomo.stg_units": model("stg_units", "staging", "units"),
        "model.khomo.mart_counts": model(
            "mart_counts",
            "marts",
            "counts",
            columns={
                item["name"]: item
                for item in (
                    column("month", "varchar"),
                    column("unit_key", "varchar"),
                    column("parent_key", "varchar"),
                    column("rate", "decimal(9, 4)"),
                )
            },
        ),
        "a": data_test("unique_combination", "mart_counts", columns=["month", "unit_key"]),
        "b": data_test("not_null", "mart_counts", column_name="unit_key"),
        "c": data_test(
            "relationships",
            "mart_counts",
            column_name="unit_key",
            to="ref('dim_unit')",
            field="key",
        ),
        "d": data_test(
            "relationships",
            "mart_counts",
            column_name="parent_key",
            to="ref('dim_unit')",
            field="key",
        ),
    }
    return {"nodes": nodes}


def test_a_model_has_grain_keys_and_references(manifest: dict[str, Any]) -> None:
    counts, staging = models_of(manifest)
    assert (counts.name, staging.name) == ("mart_counts", "stg_units")
    assert counts.grain == "row of mart_counts"
    assert counts.sources == ("units",)
    assert [item.name for item in counts.columns if item.is_key] == ["month", "unit_key"]
    assert {item.name: item.references for item in counts.columns if item.references} == {
        "unit_key": "dim_unit.key",
        "parent_key": "dim_unit.key",
    }


def test_a_diagram_shows_keys_and_which_references_may_be_empty(manifest: dict[str, Any]) -> None:
    drawn = diagram(models_of(manifest)[:1])
    assert '    dim_unit ||--o{ mart_counts : "unit_key"' in drawn
    assert '    dim_unit |o--o{ mart_counts : "parent_key"' in drawn
    assert "        varchar unit_key PK, FK" in drawn
    assert "rate" not in drawn


def test_the_page_leaves_no_gap_and_breaks_no_table(manifest: dict[str, Any]) -> None:
    page = data_model.data_model(manifest)
    assert "{{" not in page
    assert "| `rate` | decimal(9, 4) | Cột \\| rate. Column rate. |" in page
    assert "| `marts.mart_counts` | row of mart_counts | units |" in page
    assert "| `month` (key) | varchar |" in page
