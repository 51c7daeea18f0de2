"""The report says what happened, from the same records the stages left behind."""

import json
from pathlib import Path

import pytest
import yaml

from pipelines.canonical import canonical_json
from pipelines.contracts import Text
from pipelines.ledger import Ledger
from pipelines.publish.withdraw import withdraw
from pipelines.report import to_json
from pipelines.report.model import DatasetReport, SourceReport
from pipelines.report.render import render_html
from pipelines.settings import Home
from tests.unit.report_world import CITIZEN_ID, PERSON, PERSONAL, PHONE, Said, World, make_world


@pytest.fixture
def world(home: Home, ledger: Ledger, tmp_path: Path) -> World:
    return make_world(home, ledger, tmp_path)


def dataset(world: World, name: str = "counts") -> DatasetReport:
    return next(item for item in world.report().datasets if item.name == name)


def source(world: World) -> SourceReport:
    return world.report().sources[0]


def kinds(world: World) -> list[tuple[str, str, str]]:
    return [(item.urgency, item.kind, item.subject) for item in world.report().attention]


def test_an_empty_home_is_reported_rather_than_an_error(world: World) -> None:
    report = world.report()
    assert [item.outcome for item in report.datasets] == ["undecided", "undecided"]
    assert report.sources[0].pulled is None
    assert report.build is None
    assert kinds(world) == [("act", "never", "people"), ("look", "undecided", "counts, labels")]


def test_rows_of_a_source_add_up_and_each_reason_names_file_and_row(world: World) -> None:
    world.pull_and_land()
    seen = source(world)
    assert (seen.pulled, seen.accepted, seen.quarantined) == (5, 2, 3)
    assert seen.balanced
    found = {
        (reason.column, reason.rule): (reason.rows, [(r.file, r.row) for r in reason.examples])
        for reason in seen.reasons
    }
    assert found == {
        ("citizen_id", "pattern"): (2, [("people.csv", 4), ("people.csv", 5)]),
        ("code", "pattern"): (1, [("people.csv", 3)]),
    }
    assert [reason.personal for reason in seen.reasons] == [True, False]
    assert ("look", "quarantine", "people") in kinds(world)


def test_a_manifest_that_does_not_add_up_needs_a_person(world: World) -> None:
    world.pull_and_land()
    path = world.home.landed / "people" / "current.json"
    manifest = json.loads(path.read_bytes())
    manifest["files"][0]["accepted"] -= 1
    path.write_bytes(canonical_json(manifest))
    assert ("act", "unbalanced", "people") in kinds(world)


def test_the_last_pull_says_whether_anything_was_new_and_how_we_know(world: World) -> None:
    world.pull_and_land()
    first = source(world).last_pull
    assert first is not None
    assert (first.outcome, first.known_by, first.files) == ("new", "first", 1)
    world.pull_and_land()
    second = source(world).last_pull
    assert second is not None
    assert (second.outcome, second.known_by) == ("unchanged", "stat")
    assert second.changed_at == first.at


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-11-01T09:00:00+07:00", "on_time"),
        ("2026-11-02T20:59:00+07:00", "on_time"),
        ("2026-11-02T21:01:00+07:00", "late"),
    ],
)
def test_a_daily_source_is_late_after_a_day_and_a_half(
    world: World, monkeypatch: pytest.MonkeyPatch, now: str, state: str
) -> None:
    world.pull_and_land()
    monkeypatch.setenv("KHOMO_NOW", now)
    assert source(world).freshness.state == state
    assert (("act", "late", "people") in kinds(world)) == (state == "late")


def test_a_source_that_promises_nothing_is_never_late(
    home: Home, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(home, ledger, tmp_path, slaProperties=[])
    world.pull_and_land()
    monkeypatch.setenv("KHOMO_NOW", "2040-01-01T00:00:00+00:00")
    assert source(world).freshness.state == "no_promise"


def test_a_release_is_compared_with_the_one_before(world: World) -> None:
    first = world.decide("counts", 100, at="2026-10-01T02:00:00.000+00:00")
    assert dataset(world).difference is None
    second = world.decide("counts", 1340)
    seen = dataset(world)
    assert (seen.outcome, seen.version, seen.rows) == ("published", second, 1340)
    assert (seen.previous_version, seen.previous_rows, seen.difference) == (first, 100, 1240)
    assert [point.rows for point in seen.history] == [100, 1340]
    assert seen.released_version == second


def test_links_lead_from_the_report_to_the_files_of_the_current_release(world: World) -> None:
    world.decide("counts", 100)
    files = dataset(world).files
    assert len(files) == 7
    for file in files:
        target = (world.home.report / file.href).resolve()
        assert target.is_file()
        assert target.stat().st_size == file.bytes


def test_a_release_that_was_taken_back_is_not_shown_as_published(world: World) -> None:
    first = world.decide("counts", 100, at="2026-10-01T02:00:00.000+00:00")
    version = world.decide("counts", 1340)
    withdraw(
        world.home,
        world.ledger,
        "counts",
        version,
        reason=Text("Sai đơn vị", "Wrong unit"),
        role="Phòng Dữ liệu mở",
    )
    seen = dataset(world)
    assert seen.outcome == "withdrawn"
    assert [point.version for point in seen.history] == [first]
    assert ("act", "withdrawn", "counts") in kinds(world)  # the first one here is no real release
    assert "Thu hồi" in render_html(world.report(), {})


def test_a_withheld_dataset_says_why_and_keeps_its_last_release(world: World) -> None:
    released = world.decide("counts", 100, at="2026-10-01T02:00:00.000+00:00")
    world.withhold("counts", 90, Said(status="failed", failing_rows=2), Said("row_count"))
    seen = dataset(world)
    assert seen.outcome == "withheld"
    assert [why.check for why in seen.why] == ["unique_key"]
    assert seen.why[0].remedy == Text("Sửa nguồn rồi chạy lại", "Correct the source and run again")
    assert (seen.released_version, seen.released_rows) == (released, 100)
    assert (seen.rows, seen.difference) == (90, -10)
    assert [check.name for check in seen.troubled] == ["unique_key"]
    assert kinds(world)[0] == ("act", "withheld", "counts")


def test_a_required_check_without_a_result_is_missing_not_passed(world: World) -> None:
    world.withhold("counts", 90, Said(status="missing"), Said("row_count"))
    seen = dataset(world)
    assert (seen.count("missing"), seen.count("passed")) == (1, 1)
    assert seen.troubled[0].message.en == "no result for these very bytes"


def test_results_on_other_bytes_are_not_shown_for_a_decision(world: World) -> None:
    world.decide("counts", 100, checks=[Said(message="cũ\nold")], at="2026-10-01T00:00:00+00:00")
    world.decide("counts", 200, checks=[Said(message="mới\nnew")])
    assert [check.message.en for check in dataset(world).checks] == ["new"]


def test_checks_are_still_shown_when_the_decision_file_is_gone(world: World) -> None:
    version = world.decide("counts", 100)
    (world.home.candidates / "counts" / "decision.json").unlink()
    (world.home.releases / "counts" / version / "decision.json").unlink()
    assert [check.status for check in dataset(world).checks] == ["passed"]


def test_a_warning_does_not_read_as_a_failure(world: World) -> None:
    world.decide("counts", 100, checks=[Said(status="failed", severity="warning")])
    assert [check.status for check in dataset(world).checks] == ["warning"]
    assert ("look", "warning", "counts") in kinds(world)
    assert all(urgency != "act" for urgency, kind, _ in kinds(world) if kind != "never")


def test_an_information_asks_nobody_to_do_anything(world: World) -> None:
    world.decide("counts", 100, checks=[Said(status="failed", severity="information")])
    assert [check.status for check in dataset(world).checks] == ["information"]
    assert not any(kind == "warning" for _, kind, _ in kinds(world))


def test_a_decision_of_an_earlier_format_is_shown_in_todays_words(world: World) -> None:
    world.decide("counts", 100, checks=[Said(status="failed")])
    path = world.home.candidates / "counts" / "decision.json"
    former = json.loads(path.read_bytes())
    del former["format"]
    for entry in former["checks"]:
        entry["severity"] = "error"
    path.write_text(json.dumps(former), encoding="utf-8")

    assert [(check.severity, check.status) for check in dataset(world).checks] == [
        ("blocker", "failed")
    ]


def test_a_database_error_that_quotes_a_person_is_not_passed_on(world: World) -> None:
    quoted = f"Conversion Error: could not convert '{PERSON}' to INT32"
    world.withhold("counts", 90, Said("dbt.is_code", "dbt", "error", message=quoted))
    assert dataset(world).checks[0].status == "error"
    assert [why.check for why in dataset(world).why] == ["dbt.is_code"]
    assert PERSON not in json.dumps(to_json(world.report()), ensure_ascii=False)


def test_failing_rows_of_private_data_keep_codes_and_lose_everything_else(world: World) -> None:
    rows = [
        {"code": "A0001", "label": "Đất đai", "applicant": "Lê Văn Ba"},
        {"code": PERSON, "label": CITIZEN_ID},
        {"code": PHONE, "row": 7, "file": "counts.csv"},
        {"code": "QD19_2025:18073:2025-07-01"},
    ]
    world.withhold("counts", 90, Said(status="failed", sample=rows))
    assert dataset(world).checks[0].sample == (
        {"code": "A0001"},
        {"code": "(…)"},
        {"code": "(…)", "row": 7, "file": "counts.csv"},
        {"code": "QD19_2025:18073:2025-07-01"},
    )


def test_at_most_twenty_failing_rows_are_kept(world: World) -> None:
    rows = [{"code": f"A{index:04d}"} for index in range(30)]
    world.withhold("counts", 90, Said(status="failed", failing_rows=30, sample=rows))
    check = dataset(world).checks[0]
    assert (len(check.sample), check.failing_rows) == (20, 30)


def test_the_last_build_counts_its_tests_and_names_those_that_failed(world: World) -> None:
    world.build(unique_code="pass", known_unit="warn", total="fail", odd="error")
    build = world.report().build
    assert build is not None
    assert build.models == 1
    assert build.tests == {"passed": 1, "warning": 1, "failed": 1, "error": 1}
    assert build.troubled == ("known_unit", "odd", "total")
    assert ("look", "build", "b1") in kinds(world)


def test_a_failed_test_that_a_verdict_names_is_not_reported_twice(world: World) -> None:
    world.build(total="fail")
    world.withhold("counts", 90, Said("dbt.total", "dbt", "failed", failing_rows=1))
    assert [kind for _, kind, _ in kinds(world) if kind in ("build", "withheld")] == ["withheld"]


def test_datasets_withheld_for_one_cause_are_one_thing_to_do(world: World) -> None:
    world.withhold("counts", 90)
    world.withhold("labels", 90)
    assert [subject for _, kind, subject in kinds(world) if kind == "withheld"] == [
        "counts, labels"
    ]
    world.withhold("labels", 90, Said("readback_csv", "khomo", "failed"))
    assert [subject for _, kind, subject in kinds(world) if kind == "withheld"] == [
        "counts",
        "labels",
    ]


def test_dbt_tests_say_in_words_what_they_are_about(world: World) -> None:
    table = "model.khomo.open_counts"
    nodes = [
        {
            "name": "not_null_open_counts_code",
            "attached_node": table,
            "column_name": "code",
            "test_metadata": {"name": "not_null", "kwargs": {"column_name": "code"}},
        },
        {
            "name": "parts_add_up",
            "attached_node": table,
            "test_metadata": {"name": "sums_to", "kwargs": {}},
        },
    ]
    manifest = world.home.dbt / "manifest" / "manifest.json"
    manifest.parent.mkdir()
    parsed = {str(node["name"]): {"resource_type": "test", **node} for node in nodes}
    manifest.write_bytes(canonical_json({"nodes": parsed}))
    names = ("dbt.not_null_open_counts_code", "dbt.parts_add_up", "dbt.unknown")
    world.decide("counts", 1, checks=[Said(name, "dbt") for name in names])
    assert [check.title for check in dataset(world).checks] == [
        Text(
            "Cột code của open_counts luôn có giá trị",
            "Column code of open_counts always has a value",
        ),
        Text("parts add up (open_counts)", "parts add up (open_counts)"),
        Text("unknown", "unknown"),
    ]


def test_json_holds_the_same_and_no_personal_value(world: World) -> None:
    world.pull_and_land()
    world.withhold("counts", 90)
    text = canonical_json(to_json(world.report())).decode()
    data = json.loads(text)
    assert data["generated_at"] == "2026-11-01T02:00:00.000+00:00"
    assert data["datasets"][0]["outcome"] == "withheld"
    assert data["sources"][0]["quarantined"] == 3
    assert [value for value in PERSONAL if value in text] == []
    assert text == canonical_json(to_json(world.report())).decode()


def test_applied_corrections_are_listed_without_the_row_they_concern(world: World) -> None:
    (world.folder / "sources" / "people" / "corrections.yaml").write_text(
        "- id: typed-twice\n  table: people\n  key: {code: A0001}\n  action: drop\n"
        "  reason: {vi: Nhập hai lần, en: Typed twice}\n  evidence: Công văn 12\n"
        "  role: Trưởng phòng dữ liệu\n  date: 2026-11-01\n",
        encoding="utf-8",
    )
    world.pull_and_land()
    [applied] = source(world).corrections
    assert (applied.id, applied.action, applied.rows) == ("typed-twice", "drop", 1)
    html = render_html(world.report(), {})
    assert "Nhập hai lần" in html
    assert "Typed twice" in html
    assert "A0001" not in html


def test_raw_files_past_their_time_need_a_person(
    home: Home, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"raw": "24 months", "reason": {"vi": "Dữ liệu cá nhân", "en": "Personal data"}}
    world = make_world(home, ledger, tmp_path)
    path = tmp_path / "sources" / "people" / "contract.yaml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    said["customProperties"].append({"property": "retention", "value": kept})
    path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    world.pull_and_land()
    assert ("act", "purge", "people") not in kinds(world)
    monkeypatch.setenv("KHOMO_NOW", "2028-12-01T09:00:00+07:00")
    assert ("act", "purge", "people") in kinds(world)
