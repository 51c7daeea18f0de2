"""The data-quality report in a real browser, without network."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.contracts import load_published
from tests.end_to_end.conftest import Run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium; .ci/run installs it"),
]


def chromium(tmp_path: Path, *arguments: str) -> str:
    done = subprocess.run(
        [str(CHROMIUM), *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_the_page_shows_every_dataset_in_both_languages(first_run: Run, tmp_path: Path) -> None:
    page = (first_run.home.report / "index.html").as_uri()
    shown = chromium(tmp_path, "--dump-dom", page)
    assert "Báo cáo chất lượng dữ liệu" in shown
    for contract in load_published().values():
        assert contract.title.vi in shown
        assert contract.title.en in shown


def test_the_page_prints(first_run: Run, tmp_path: Path) -> None:
    page = (first_run.home.report / "index.html").as_uri()
    paper = tmp_path / "report.pdf"
    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={paper}", page)
    content = paper.read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") >= 5
    assert (first_run.home.report / "index.html").stat().st_size < 2 * 2**20
