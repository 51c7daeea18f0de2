"""The page: read by people on a screen and on paper, with no network, in two languages."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from pipelines.ledger import Ledger
from pipelines.quality.personal.measured import measured
from pipelines.report import charts, formats, write_report
from pipelines.report.render import render_html
from pipelines.settings import Home
from tests.unit.report_world import PERSONAL, Said, World, busy_world, make_world

HOSTILE = "<script>alert('x')</script>\"><img src=http://evil.test/a.png onerror=alert(1)>"
VOID = {"meta", "input", "br", "use", "path", "rect", "circle"}


class Page(HTMLParser):
    """Tags with attributes, headings, and whether everything that opens also closes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture
def world(home: Home, ledger: Ledger, tmp_path: Path) -> World:
    return make_world(home, ledger, tmp_path)


@pytest.fixture
def busy(home: Home, ledger: Ledger, tmp_path: Path) -> World:
    return busy_world(home, ledger, tmp_path)


def html(world: World) -> str:
    return render_html(world.report(), {})


def words(text: str) -> str:
    """What a reader sees, without tags."""
    body = text.split("</style>", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_a_withheld_dataset_shows_reason_and_remedy_in_both_languages(busy: World) -> None:
    seen = words(html(busy))
    assert "Giữ lại" in seen
    for said in (
        "không đạt: Khoá code không lặp lại",
        "failed: The key code is unique",
        "Sửa nguồn rồi chạy lại",
        "Correct the source and run again",
        "A0002",
    ):
        assert said in seen


def test_figures_and_dates_are_written_the_vietnamese_way(busy: World) -> None:
    seen = words(html(busy))
    assert "1.234.560" in seen
    assert "1,234,560" not in seen
    assert "−1.234.470" in seen
    assert "01/11/2026 09:00" in seen


def test_hostile_text_in_a_message_stays_text(world: World) -> None:
    said = Said(
        name=f"rule.{HOSTILE}",
        engine="sql",
        status="failed",
        message=f"{HOSTILE}\n{HOSTILE}",
        sample=[{"file": HOSTILE, "row": 3}],
    )
    world.withhold("counts", 90, said)
    text = html(world)
    page = Page(text)
    assert "alert" in text
    assert page.all("script", "img") == []
    assert not any("onerror" in attributes for _, attributes in page.tags)


def test_the_page_loads_nothing_and_runs_nothing(busy: World) -> None:
    text = html(busy)
    page = Page(text)
    assert page.all("script", "link", "img", "iframe", "object", "embed", "base") == []
    assert [attributes for _, attributes in page.tags if "src" in attributes] == []
    assert [
        attributes["href"] for attributes in page.all("use") if attributes["href"][0] != "#"
    ] == []  # type: ignore[index]
    assert not re.search(r"url\((?!#)|@import", text)
    policy = [item["content"] for item in page.all("meta") if "http-equiv" in item]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_links_within_the_page_lead_somewhere_and_names_are_given_once(busy: World) -> None:
    page = Page(html(busy))
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    wanted = {
        attributes["href"][1:]
        for attributes in page.all("a", "use")
        if (attributes["href"] or "").startswith("#")
    }
    wanted |= {
        attributes["aria-labelledby"]
        for _, attributes in page.tags
        if "aria-labelledby" in attributes
    }
    assert wanted - set(names) == set()


def test_headings_descend_one_level_at_a_time_and_tables_say_what_heads_what(busy: World) -> None:
    page = Page(html(busy))
    assert page.open == []
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert {attributes.get("scope") for attributes in page.all("th")} == {"col", "row"}
    assert len(page.all("caption")) == len(page.all("table"))
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in page.tags}


def test_verdicts_and_results_are_words_not_only_colours(busy: World) -> None:
    text = html(busy)
    badges = re.findall(
        r'<span class="badge [a-z_]+">.*?<span class="words">(.*?)</span></span>', text
    )
    assert badges
    assert all(words(f"</style>{badge}").strip() for badge in badges)


def test_a_late_source_is_flagged_where_people_look_first(
    busy: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Trễ hạn" not in words(html(busy))
    monkeypatch.setenv("KHOMO_NOW", "2026-12-24T09:00:00+07:00")
    text = html(busy)
    overview = words(text[: text.index('id="tap-du-lieu"')])
    assert "nguồn trễ hạn – cam kết mỗi ngày một lần, kéo lần cuối 01/11/2026" in overview
    assert "Trễ hạn" in words(text)


def test_no_personal_value_reaches_page_or_json(busy: World) -> None:
    quarantine = b"".join(path.read_bytes() for path in busy.home.quarantine.rglob("*.parquet"))
    assert quarantine
    files = write_report(
        busy.home, busy.ledger, busy.province, sources=busy.sources, published=busy.published
    )
    both = files.html.read_text(encoding="utf-8") + files.json.read_text(encoding="utf-8")
    assert "people.csv" in both
    assert [value for value in PERSONAL if value in both] == []


def test_a_failing_row_of_many_columns_is_shown_without_its_empty_ones(world: World) -> None:
    row = {"code": "A0001", "file": "counts.csv", "row": 7, "line": 7, "column": "c"}
    row |= {"place": "p", "source": "s", "resource": None}
    world.withhold("counts", 90, Said(status="failed", sample=[row]))
    seen = words(html(world))
    assert "code A0001" in seen
    assert "resource" not in seen


def test_paper_shows_what_the_screen_folds_away(busy: World) -> None:
    text = html(busy)
    on_paper = re.findall(r'<dl class="paper">(.*?)</dl>', text, re.S)
    assert "row_count" in words(f"</style>{on_paper[0]}")
    printed = text[text.index("@media print") : text.index("</style>")]
    assert "details { display: none; }" in printed
    assert ".paper { display: block;" in printed


def test_synthetic_data_says_so_beside_its_name(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    real = make_world(home, ledger, tmp_path / "real")
    assert "Dữ liệu mô phỏng" not in words(html(real))
    changes = [
        {"property": "titleVi", "value": "Người"},
        {"property": "titleEn", "value": "People"},
        {"property": "synthetic", "value": True},
    ]
    fake = make_world(home, ledger, tmp_path / "fake", customProperties=changes)
    seen = words(html(fake))
    # the source once; each of its two datasets in the list and in its own section
    assert seen.count("Dữ liệu mô phỏng") == 5


def test_what_is_published_with_the_data_is_in_the_report(busy: World) -> None:
    seen = words(html(busy))
    assert "Lưu ý của tập" in seen
    assert "A remark on the set" in seen


def test_both_files_are_written_for_everybody_to_read_and_the_same_each_time(busy: World) -> None:
    def write() -> tuple[bytes, bytes]:
        files = write_report(
            busy.home, busy.ledger, busy.province, sources=busy.sources, published=busy.published
        )
        assert files.html == busy.home.report / "index.html"
        assert files.html.stat().st_mode & 0o777 == 0o644
        assert files.json.stat().st_mode & 0o777 == 0o644
        return files.html.read_bytes(), files.json.read_bytes()

    first = write()
    assert write() == first
    assert json.loads(first[1])["format"] == "khomo-report/1"
    assert sorted(path.name for path in busy.home.report.glob("*.*")) == [
        "index.html",
        "report.json",
    ]


def test_an_empty_home_gives_a_page_that_says_what_to_do(world: World) -> None:
    seen = words(html(world))
    assert "khomo run" in seen
    assert "Chưa có bản dựng nào" in seen


def test_a_page_about_many_checks_stays_small(world: World) -> None:
    checks = [Said(f"dbt.a_rather_long_name_of_a_test_{index}", "dbt") for index in range(1000)]
    world.decide("counts", 10, checks=checks)
    assert len(html(world).encode()) < 2_000_000


def test_a_part_that_is_not_zero_can_be_seen_and_parts_fill_the_bar() -> None:
    parts = charts.bar([("accepted", 1_000_000), ("quarantined", 1), ("other", 0)])
    assert [part.kind for part in parts] == ["accepted", "quarantined"]
    assert parts[1].width >= 3
    assert sum(part.width for part in parts) == pytest.approx(charts.BAR_WIDTH)
    assert charts.bar([("accepted", 0)]) == ()


def test_columns_start_from_zero() -> None:
    assert charts.column_heights([50, 100], 60.0) == (30.0, 60.0)
    assert charts.column_heights([]) == ()


def test_sources_that_ended_stay_on_the_page_with_reason_and_evidence(world: World) -> None:
    text = html(world)
    for shown in ("provincial-portal-dossiers", "30/06/2025", "Công văn 623/TTg-KSTT"):
        assert shown in text


def test_the_page_says_how_well_personal_values_are_found(world: World) -> None:
    figures = measured()
    shown = words(html(world))
    assert f"{formats.number(figures.found)} / {formats.number(figures.values)}" in shown
    assert f"{formats.number(figures.mistaken)} / {formats.number(figures.alikes)}" in shown
    for kind in (*figures.personal, *figures.look_alikes):
        assert kind.title.vi in shown
        assert kind.title.en in unescape(shown)
