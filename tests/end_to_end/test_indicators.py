"""Indicators: what serves each system of the documents, and values by file in both directions."""

import csv
from collections.abc import Callable
from pathlib import Path

from pipelines.settings import PROJECT_ROOT, Home
from tests.end_to_end.conftest import Run, khomo

HEADER = (
    *("indicator_code", "unit_scheme", "unit_code", "period", "value", "value_state", "unit"),
    *("source", "document", "note"),
)


def test_the_coverage_page_is_what_the_warehouse_holds(first_run: Run, tmp_path: Path) -> None:
    made = tmp_path / "coverage.md"
    done = khomo(first_run.home.root, "coverage", "--out", str(made))
    assert done.returncode == 0, done.stdout
    page = PROJECT_ROOT / "docs" / "coverage.md"
    assert made.read_text(encoding="utf-8") == page.read_text(encoding="utf-8"), (
        "docs/coverage.md is not what the warehouse holds; make it again with"
        " `khomo coverage --out docs/coverage.md` after a run on the bundled inputs"
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_exported_can_be_imported_again(
    first_run: Run, a_copy: Callable[[], Home], tmp_path: Path
) -> None:
    home, out = a_copy(), tmp_path / "values.csv"
    assert khomo(home.root, "indicators", "export", "--out", str(out)).returncode == 0
    exported = rows(out)
    assert tuple(exported[0]) == HEADER
    assert {row["unit_code"] for row in exported} > {"00"}
    done = khomo(home.root, "indicators", "import", str(out))
    assert done.returncode == 0, done.stdout
    assert f"{len(exported)} accepted, 0 quarantined" in done.stdout
    again = out.with_name("again.csv")
    again.write_bytes(out.read_bytes())
    done = khomo(home.root, "indicators", "import", str(again))
    assert "nothing was taken from again.csv" in done.stdout


def test_a_template_has_one_blank_row_per_indicator_and_a_wrong_row_is_quarantined(
    first_run: Run, a_copy: Callable[[], Home], tmp_path: Path
) -> None:
    home, out = a_copy(), tmp_path / "template.csv"
    done = khomo(home.root, "indicators", "export", "--template", "202611", "--out", str(out))
    assert done.returncode == 0, done.stdout
    blank = rows(out)
    assert {(row["period"], row["value"], row["value_state"]) for row in blank} == {
        ("202611", "", "blank")
    }
    filled = [{**blank[0], "value": "12.5", "value_state": "value"}, {**blank[1], "period": "2"}]
    target = tmp_path / "filled.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, delimiter=";")
        writer.writeheader()
        writer.writerows(filled)
    done = khomo(home.root, "indicators", "import", str(target))
    assert done.returncode == 1, done.stdout
    assert "1 accepted, 1 quarantined" in done.stdout
    shown = khomo(home.root, "quarantine", "show", "indicator-values")
    assert "period" in shown.stdout
