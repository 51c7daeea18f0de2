"""Great Expectations' Data Docs beside the report: whole without network, and written once."""

import re
from pathlib import Path

import pytest

from pipelines.ledger import Ledger
from pipelines.report import write_report
from pipelines.settings import Home
from tests.unit.report_world import PERSONAL, Said, World, make_world

KEY = "unique_key"


@pytest.fixture
def world(home: Home, ledger: Ledger, tmp_path: Path) -> World:
    return make_world(home, ledger, tmp_path)


def written(world: World) -> dict[str, Path]:
    files = write_report(
        world.home,
        world.ledger,
        world.province,
        sources=world.sources,
        published=world.published,
    )
    pages = {path.stem: path for path in (files.html.parent / "data-docs").glob("*")}
    links = set(re.findall(r'href="data-docs/([^"]+)\.html"', files.html.read_text("utf-8")))
    assert links == set(pages)
    return pages


def test_each_dataset_that_was_checked_has_a_page_that_loads_nothing(world: World) -> None:
    world.pull_and_land()
    world.decide("counts", 120)
    world.withhold(
        "labels",
        40,
        Said(KEY, status="failed", failing_rows=3, sample=[{"code": PERSONAL[0]}]),
    )
    pages = {name: path.read_text("utf-8") for name, path in written(world).items()}

    assert pages.keys() == {"counts", "labels"}
    for page in pages.values():
        assert "default-src 'none'" in page
        assert not re.search(r"<script|<link|<img|src=|https?://", page)
        assert not [value for value in PERSONAL if value in page]
    assert "fa-check-circle" in pages["counts"]
    assert "fa-times" not in pages["counts"].split("</style>")[1]
    seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", pages["labels"].split("</style>")[1]))
    assert "values must be unique. 3 unexpected values found. 7.5% of 40 total rows" in seen


def test_a_page_is_written_again_only_where_it_says_something_else(world: World) -> None:
    world.decide("counts", 120)
    world.decide("labels", 40)
    before = {name: path.stat().st_mtime_ns for name, path in written(world).items()}

    world.decide("labels", 41, at="2026-11-02T02:00:00.000+00:00")
    after = {name: path.stat().st_mtime_ns for name, path in written(world).items()}

    assert after["counts"] == before["counts"]
    assert after["labels"] > before["labels"]


def test_a_page_without_results_is_taken_away(world: World) -> None:
    world.decide("counts", 120)
    assert written(world).keys() == {"counts"}

    world.decide("counts", 121, checks=[Said("own", "sql")], at="2026-11-02T02:00:00.000+00:00")
    assert written(world).keys() == set()
