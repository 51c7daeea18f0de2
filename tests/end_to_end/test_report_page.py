"""The data-quality report in a real browser, without network."""

import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from pipelines.contracts import load_published
from pipelines.ledger import Ledger
from pipelines.report import write_report
from pipelines.settings import Home
from tests.end_to_end.conftest import Run
from tests.unit.report_world import busy_world

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = ["--no-sandbox", "--disable-quic", "--host-resolver-rules=MAP * ~NOTFOUND"]
BARRIERS = ("serious", "critical")
DESK, PHONE = (1280, 900), (390, 800)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium; .ci/run installs it"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    opened = context.new_page()
    opened.set_default_timeout(120_000)
    yield opened
    context.close()


def barriers(page: Page, **rules: bool) -> list[tuple[str, str, Any]]:
    """What axe finds serious or critical: rule, how bad, and where first."""
    options = {
        "resultTypes": ["violations"],
        "rules": {name.replace("_", "-"): {"enabled": on} for name, on in rules.items()},
    }
    found = Axe().run(page, options=options).response
    assert found["testEngine"]["name"] == "axe-core"
    return [
        (item["id"], item["impact"], item["nodes"][0]["target"])
        for item in found["violations"]
        if item["impact"] in BARRIERS
    ]


def test_the_page_shows_every_dataset_in_both_languages(first_run: Run, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = (first_run.home.report / "index.html").as_uri()
    page.goto(address)
    shown = page.inner_text("main")
    assert "Báo cáo chất lượng dữ liệu" in page.inner_text("h1")
    for contract in load_published().values():
        assert contract.title.vi in shown
        assert contract.title.en in shown
    assert asked == [address]


def test_the_page_prints(first_run: Run, page: Page) -> None:
    path = first_run.home.report / "index.html"
    page.goto(path.as_uri())
    content = page.pdf(prefer_css_page_size=True)
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") >= 5
    assert path.stat().st_size < 2 * 2**20


def test_nothing_on_the_page_of_a_run_is_a_barrier(first_run: Run, page: Page) -> None:
    """Colours are looked at on the smaller page below: on thousands of cells that takes minutes."""
    page.goto((first_run.home.report / "index.html").as_uri())
    assert barriers(page, color_contrast=False) == []


def test_the_data_docs_that_it_links_to_load_nothing_and_hold_no_barrier(
    first_run: Run, page: Page
) -> None:
    page.goto((first_run.home.report / "index.html").as_uri())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.click('a[href="data-docs/procedures.html"]')
    page.wait_for_url("**/data-docs/procedures.html")
    assert page.locator(".fa-check-circle").count() > 5
    assert barriers(page) == []
    assert asked == [page.url]


@pytest.mark.parametrize(
    ("medium", "size", "language"),
    [*product(["screen"], [DESK, PHONE], ["both", "only-vi", "only-en"]), ("print", DESK, "both")],
)
def test_nothing_is_a_barrier_where_all_that_can_go_wrong_has(
    home: Home,
    ledger: Ledger,
    tmp_path: Path,
    page: Page,
    medium: Any,
    size: tuple[int, int],
    language: str,
) -> None:
    world = busy_world(home, ledger, tmp_path)
    files = write_report(
        home, ledger, world.province, sources=world.sources, published=world.published
    )
    page.goto(files.html.as_uri())
    page.check(f"#{language}")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(media=medium)
    for shut in page.locator("details > summary").all():
        if shut.is_visible():
            shut.click()
    assert barriers(page) == []
    unseen = page.evaluate(
        "[...document.querySelectorAll('table.troubled th[scope=row], .attention .what')]"
        ".filter(cell => !cell.innerText.trim() || cell.innerText.trim() == "
        "cell.querySelector('code')?.innerText.trim()).map(cell => cell.outerHTML)"
    )
    assert unseen == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_barrier_would_be_found(page: Page) -> None:
    page.set_content(
        "<html lang='vi'><title>x</title><main><h1>x</h1><img src='x.png'>"
        "<p style='color: #bbb; background: #fff'>lời mờ</p></main>"
    )
    assert {rule for rule, _, _ in barriers(page)} == {"image-alt", "color-contrast"}
