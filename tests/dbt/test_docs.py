"""The documentation of the models, made offline from the project."""

import json
import re
from pathlib import Path

from pipelines.province import load_province
from pipelines.settings import DBT_PROJECT, Home
from pipelines.warehouse.docs import make_docs
from tests.small_warehouse import promote_small

LOADS = re.compile(r"<(?:script|link|img)[^>]*(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE)


def inlined(page: str, schema: str) -> dict[str, object]:
    """The JSON document that dbt wrote into the page, by the name of its schema."""
    start = page.rindex('{"metadata":', 0, page.index(f"dbt/{schema}/"))
    document: dict[str, object] = json.JSONDecoder().raw_decode(page, start)[0]
    return document


def test_one_file_names_every_model_and_needs_no_network(home: Home, tmp_path: Path) -> None:
    promote_small(home)
    file = make_docs(home, load_province())
    assert [path.name for path in file.parent.iterdir()] == ["index.html"]
    page = file.read_text(encoding="utf-8")
    models = {path.stem for path in (DBT_PROJECT / "models").rglob("*.sql")}
    nodes = inlined(page, "manifest")["nodes"]
    assert isinstance(nodes, dict)
    assert models <= {node["name"] for node in nodes.values()}
    assert not LOADS.search(page)
    assert "https://schemas.getdbt.com/dbt/catalog" in page
    assert not list(home.dbt.rglob("*.duckdb"))
