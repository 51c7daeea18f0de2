"""The catalogue compares the plan with what is there; nobody types a state."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts import load_published, load_sources
from pipelines.province import load_province
from pipelines.publish.catalogue import catalogue, write_catalogue
from pipelines.publish.plan import CatalogueError, load_plan
from pipelines.settings import OPEN_DATA, Home

PLAN: dict[str, Any] = {
    "documents": {"D1": {"vi": "Kế hoạch một", "en": "Plan one"}},
    "fields": {"budget": {"vi": "Ngân sách", "en": "Budget"}},
    "owners": {"finance": {"vi": "Sở Tài chính", "en": "Department of Finance"}},
    "datasets": [
        {"id": "it-spending", "owner": "finance", "basis": ["D1"]},
        {
            "id": "loans",
            "owner": "finance",
            "basis": ["D1"],
            "title": {"vi": "Vay nợ", "en": "Loans"},
            "description": {"vi": "Các khoản vay", "en": "Loans taken"},
            "field": "budget",
            "cadence": {"every": 6, "unit": "m"},
        },
    ],
}


def write_plan(path: Path, **changes: Any) -> Path:
    path.write_text(yaml.safe_dump(PLAN | changes, allow_unicode=True), encoding="utf-8")
    return path


def entries(home: Home, plan: Path) -> dict[str, Any]:
    contracts = {"it-spending": load_published()["it-spending"]}
    found = catalogue(home, load_province(), contracts, load_sources(), plan_file=plan)
    return {entry.id: entry for entry in found}


def release(home: Home, dataset: str, version: str) -> None:
    folder = home.releases / dataset / version
    folder.mkdir(parents=True)
    described = {"khomo": {"asOf": version[:10], "rows": 12}}
    (folder / "datapackage.json").write_text(json.dumps(described))
    (folder.parent / "latest").symlink_to(version)


def decision(home: Home, dataset: str, verdict: str) -> None:
    folder = home.candidates / dataset
    folder.mkdir(parents=True)
    (folder / "decision.json").write_text(json.dumps({"verdict": verdict}))


def test_the_state_follows_from_what_is_there(home: Home, tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "planned.yaml")

    assert {name: entry.state for name, entry in entries(home, plan).items()} == {
        "it-spending": "prepared",
        "loans": "planned",
    }
    decision(home, "it-spending", "withhold")
    assert entries(home, plan)["it-spending"].state == "withheld"

    release(home, "it-spending", "2026-10-31-0123456789ab")
    published = entries(home, plan)["it-spending"]
    assert published.state == "published"
    assert published.version == "2026-10-31-0123456789ab"
    assert published.as_of == "2026-10-31"
    assert published.rows == 12


def test_what_nobody_planned_is_listed_as_such(home: Home, tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "planned.yaml", datasets=[])

    entry = entries(home, plan)["it-spending"]

    assert not entry.planned
    assert entry.as_row(1)["Căn cứ"] == "Ngoài kế hoạch"


def test_a_planned_dataset_says_who_when_and_on_what_basis(home: Home, tmp_path: Path) -> None:
    row = entries(home, write_plan(tmp_path / "planned.yaml"))["loans"].as_row(2)

    assert row["Cơ quan chủ trì"] == "Sở Tài chính"
    assert row["Kỳ cập nhật"] == "6 tháng một lần"
    assert row["Căn cứ"] == "Kế hoạch một"
    assert row["Trạng thái"] == "Trong kế hoạch"
    assert row["Phiên bản"] == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"datasets": [PLAN["datasets"][0], PLAN["datasets"][0]]}, "occurs twice"),
        ({"datasets": [{"id": "x", "owner": "nobody", "basis": ["D1"]}]}, "nobody"),
        ({"datasets": [{"id": "x", "owner": "finance", "basis": ["D9"]}]}, "D9"),
        ({"datasets": [{"id": "x", "owner": "finance", "basis": ["D1"]}]}, "needs title"),
        ({"datasets": [{"id": "x", "owner": "finance", "basis": ["D1"], "state": "y"}]}, "state"),
    ],
)
def test_a_plan_that_cannot_be_used_names_the_entry(
    home: Home, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    plan = write_plan(tmp_path / "planned.yaml", **changes)

    with pytest.raises(CatalogueError, match=message):
        entries(home, plan)


def test_the_bundled_catalogue_is_complete_and_deterministic(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    contracts, sources = load_published(), load_sources()
    files = write_catalogue(home, load_province(), contracts, sources)
    before = files.csv.read_bytes(), files.json.read_bytes()
    monkeypatch.setenv("KHOMO_NOW", "2027-03-01T00:00:00+07:00")
    write_catalogue(home, load_province(), contracts, sources)

    assert (files.csv.read_bytes(), files.json.read_bytes()) == before
    with files.csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["STT"]) for row in rows] == list(range(1, len(rows) + 1))
    assert set(contracts) <= {row["Mã"] for row in rows}
    assert len(rows) > 2 * len(contracts)
    for row in rows:
        for name in ("Tên bộ dữ liệu", "Mô tả", "Lĩnh vực", "Cơ quan chủ trì", "Giấy phép"):
            assert row[name], (row["Mã"], name)
    document = json.loads(files.json.read_bytes())
    assert sum(document["counts"].values()) == len(rows)


def test_every_theme_of_a_contract_is_a_field_of_the_plan() -> None:
    plan = load_plan(OPEN_DATA / "planned.yaml")

    assert {str(item.properties["theme"]) for item in load_published().values()} <= set(plan.fields)


def test_the_plan_names_no_province() -> None:
    text = (OPEN_DATA / "planned.yaml").read_text(encoding="utf-8")

    for unit in load_province().province.name_vi, "Tây Ninh", "Bình Thuận", "Bình Dương":
        assert unit.removeprefix("Tỉnh ") not in text
