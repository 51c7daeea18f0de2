"""The how-to pages, followed to the letter: a source and a dataset are added without any Python."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import PROJECT_ROOT, Home
from tests.unit.test_grid import write_xls

PAGES = ("add-a-source.md", "add-a-dataset.md")
PARTS = ("sources", "open_data", "dbt_project", "pipelines", "province.yaml")
BOOK = re.compile(
    r'^```csv workbook="(?P<file>[^"]+)" sheet="(?P<sheet>[^"]+)" merged="(?P<merged>[^"]*)"\n'
    r"(?P<text>.*?)^```$",
    re.M | re.S,
)
API, WORKBOOK = "school-register", "school-budgets"
BLOCK = re.compile(r'^```\w+ title="(?P<file>[^"]+)"\n(?P<text>.*?)^```$', re.M | re.S)
SOURCE = DATASET = "minimum-wages"


def shown_files() -> dict[str, str]:
    """Every file that a how-to page shows whole, by its path in the project."""
    found: dict[str, str] = {}
    for page in PAGES:
        text = (PROJECT_ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")
        for block in BLOCK.finditer(text):
            assert block["file"] not in found, f"{page} shows {block['file']} a second time"
            found[block["file"]] = block["text"]
    return found


@dataclass(frozen=True)
class Project:
    """A copy of the project with what the pages add, and a home of its own."""

    root: Path
    home: Home
    output: str
    code: int

    def khomo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the copy's own command in the copy's folder."""
        return run(self.root, self.home.root, "-m", "pipelines", *arguments)


def run(root: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KHOMO_")}
    kept.pop("DAGSTER_HOME", None)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={
            **kept,
            "PYTHONPATH": str(root),
            "KHOMO_HOME": str(home),
            "KHOMO_SAMPLE_DOSSIERS": "2000",
            "COLUMNS": "200",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def write(root: Path, files: dict[str, str]) -> None:
    """Write the files of a page where it says."""
    for name, text in files.items():
        path = root / name
        assert not path.exists(), f"the pages would overwrite {name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def make_workbook(root: Path) -> None:
    """The workbook that the page shows as a table, as a spreadsheet program would save it."""
    page = (PROJECT_ROOT / "docs" / "how-to" / "add-a-source.md").read_text(encoding="utf-8")
    [shown] = list(BOOK.finditer(page))
    rows = [[_cell(text) for text in row] for row in csv.reader(shown["text"].strip().splitlines())]
    path = root / shown["file"]
    path.parent.mkdir(parents=True)
    write_xls(path, rows, shown["merged"].split(), shown["sheet"])


def _cell(text: str) -> str | float | None:
    """What somebody who types `text` into a cell gets."""
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The pages' files in a copy of the project, published from an empty home."""
    folder = tmp_path_factory.mktemp("followed")
    root, home = folder / "project", Home(folder / "home")
    for part in PARTS:
        whole = PROJECT_ROOT / part
        if whole.is_dir():
            # dbt's own output would hide a model that the copy lacks.
            ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
            shutil.copytree(whole, root / part, ignore=ignored)
        else:
            shutil.copyfile(whole, root / part)
    shown = shown_files()
    later = {name: text for name, text in shown.items() if Path(name).parts[1] in (API, WORKBOOK)}
    write(root, {name: text for name, text in shown.items() if name not in later})
    done = run(root, home.root, "-m", "pipelines", "run", "--select", "+key:release/minimum_wages")
    write(root, later)
    yield Project(root, home, done.stdout, done.returncode)
    shutil.rmtree(folder)


def test_the_pages_show_a_source_a_model_and_a_dataset_and_no_python() -> None:
    shown = shown_files()
    assert {Path(name).parts[0] for name in shown} == {"sources", "dbt_project", "open_data"}
    assert not [name for name in shown if name.endswith(".py")]


def test_the_copy_runs_its_own_code(followed: Project) -> None:
    asked = "import pipelines.settings as s; print(s.PROJECT_ROOT)"
    done = run(followed.root, followed.home.root, "-c", asked)
    assert done.stdout.strip() == str(followed.root)


def test_the_contracts_on_the_pages_are_complete(followed: Project) -> None:
    done = followed.khomo("lint")
    assert done.returncode == 0, done.stdout
    contracts = len(list(followed.root.glob("*/*/contract.yaml")))
    assert f"{contracts} contracts, no problem" in done.stdout


def test_the_source_is_landed_and_its_bad_row_is_quarantined_with_place_and_reason(
    followed: Project,
) -> None:
    assert followed.code == 0, followed.output
    status = json.loads(followed.khomo("status", "--json").stdout)
    source = next(item for item in status["sources"] if item["name"] == SOURCE)
    assert (source["pulled"], source["accepted"], source["quarantined"]) == (9, 8, 1)
    files = followed.home.quarantine / SOURCE / "*" / "*.parquet"
    refused = duckdb.sql(
        f"select _resource, _row, _reasons, _original ->> 'Vùng' from read_parquet('{files}')"
    ).fetchall()
    assert refused == [("minimum_wages.csv", 9, ["region_code: enum"], "V")]


def test_the_api_source_is_pulled_page_by_page_and_its_bad_record_is_set_aside(
    followed: Project,
) -> None:
    folder = followed.root / "sources" / API / "api"
    command = (sys.executable, "-m", "http.server", "8765", "--bind", "127.0.0.1")
    server = subprocess.Popen(
        [*command, "--directory", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        done = followed.khomo("run", "--select", "+key:landed/schools")
    finally:
        server.kill()
        server.wait(timeout=30)
    assert done.returncode == 0, done.stdout
    status = json.loads(followed.khomo("status", "--json").stdout)
    source = next(item for item in status["sources"] if item["name"] == API)
    assert (source["pulled"], source["accepted"], source["quarantined"]) == (4, 3, 1)
    assert "103" in followed.khomo("quarantine", "show", API).stdout
    [raw] = (path for path in (followed.home.raw / API).iterdir() if len(path.name) == 64)
    with zipfile.ZipFile(raw) as pages:
        kept = [pages.read(name) for name in sorted(pages.namelist())]
    assert kept == [(folder / f"page-{number}.json").read_bytes() for number in (1, 2)]


def test_the_workbook_is_read_by_its_declared_layout(followed: Project) -> None:
    make_workbook(followed.root)
    done = followed.khomo("run", "--select", "+key:landed/school_budgets")
    assert done.returncode == 0, done.stdout
    files = followed.home.landed / WORKBOOK / "*" / "*.parquet"
    rows = duckdb.sql(
        "select _row, row_class, cluster, unit_name, recurrent::double, fiscal_year, currency_unit"
        f" from read_parquet('{files}') order by _row"
    ).fetchall()
    assert [row[:5] for row in rows] == [
        (6, "total", None, "TỔNG SỐ", 3550.5),
        (7, "subtotal", None, "CỤM KỲ ANH", 2300.5),
        (8, "data", "CỤM KỲ ANH", "Trường Tiểu học Kỳ Hải", 1200.25),
        (9, "data", "CỤM KỲ ANH", "Trường THCS Kỳ Khang", 1100.25),
        (10, "subtotal", None, "CỤM ĐỨC THỌ", 1250.0),
        (11, "data", "CỤM ĐỨC THỌ", "Trường THPT Đức Thọ", 1250.0),
    ]
    assert {row[5:] for row in rows} == {(2026, "triệu đồng")}


def test_numbers_days_and_codes_arrive_as_the_contract_says(followed: Project) -> None:
    query = "select * from marts.mart_minimum_wages where region_code = 'I' order by valid_from"
    done = followed.khomo("sql", "--format", "csv", query)
    assert done.stdout.splitlines()[1:] == [
        "I,2022-07-01,2024-06-30,4680000,22500,,38/2022/NĐ-CP",
        "I,2024-07-01,,4960000,23800,5.9829,74/2024/NĐ-CP",
    ]


def test_the_dataset_is_published_and_verifies(followed: Project) -> None:
    assert followed.code == 0, followed.output
    release = followed.home.releases / DATASET / "latest"
    decision = json.loads((release / "decision.json").read_bytes())
    assert decision["verdict"] == "publish"
    asked = {check["check"] for check in decision["checks"]}
    assert {"rule.hour_fits_month", "dbt.no_minimum_wage_is_lost", "values.region_code"} <= asked
    done = followed.khomo("verify", str(release))
    assert done.returncode == 0, done.stdout
    assert "1 of 1 releases verified" in done.stdout


CORRECTIONS = """
- id: region-that-is-none
  table: minimum_wages
  key: {region_code: V, applies_from: 01/07/2024}
  action: drop
  reason: {vi: Gõ nhầm vùng, en: Region mistyped}
  evidence: 74/2024/NĐ-CP
  role: Trưởng phòng dữ liệu
  date: 2026-11-01
- id: hourly-wage-to-be-confirmed
  table: minimum_wages
  key: {region_code: I, applies_from: 01/07/2022}
  action: flag
  reason: {vi: Chờ xác nhận, en: To be confirmed}
  evidence: 38/2022/NĐ-CP
  role: Trưởng phòng dữ liệu
  date: 2026-11-01
"""


def test_applied_corrections_are_published_with_the_dataset_and_shown(followed: Project) -> None:
    path = followed.root / "sources" / SOURCE / "corrections.yaml"
    path.write_text(CORRECTIONS, encoding="utf-8")
    done = followed.khomo("run", "--select", "+key:release/minimum_wages")
    assert done.returncode == 0, done.stdout
    release = followed.home.releases / DATASET / "latest"
    said = json.loads((release / "datapackage.json").read_bytes())["khomo"]["corrections"]
    assert [(item["id"], item["action"], item["rows"], item["reasonEn"]) for item in said] == [
        ("region-that-is-none", "drop", 1, "Region mistyped"),
        ("hourly-wage-to-be-confirmed", "flag", 1, "To be confirmed"),
    ]
    assert followed.khomo("verify", str(release)).returncode == 0
    assert followed.khomo("report").returncode == 0
    report = json.loads((followed.home.report / "report.json").read_bytes())
    source = next(item for item in report["sources"] if item["name"] == SOURCE)
    assert [item["id"] for item in source["corrections"]] == [item["id"] for item in said]
    assert "Gõ nhầm vùng" in (followed.home.report / "index.html").read_text(encoding="utf-8")
