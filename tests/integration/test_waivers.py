"""A waiver lets out one failed check of one dataset for a time, in plain sight."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.canonical import canonical_json, sha256_file
from pipelines.contracts import ContractError, load_published, load_sources
from pipelines.contracts.waivers import waivers_of
from pipelines.publish.catalogue import write_catalogue
from pipelines.publish.layout import SUMS, release_files, sums
from pipelines.publish.verify import verify_release
from pipelines.quality.required import required_checks
from pipelines.quality.waivable import problems, waivable
from pipelines.report.collect import collect, to_json
from pipelines.report.render import render_html

DATASET = "unit-counts"
LATE = "rule.late_within_received"
WAIVER: dict[str, Any] = {
    "check": LATE,
    "reason": {"vi": "Cơ quan đang rà soát", "en": "The office is looking into it"},
    "role": "Phòng Dữ liệu mở",
    "expires": "2026-12-31",
}


def waive(world: Any, *waivers: dict[str, Any]) -> Path:
    path: Path = world.folder / "open_data" / DATASET / "waivers.yaml"
    path.write_text(yaml.safe_dump(list(waivers), allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHOMO_NOW", "2026-11-15T09:00:00+07:00")


@pytest.fixture
def broken(world: Any, rows: str) -> Any:
    """A world in which the rule of `WAIVER` really fails, and nothing else."""
    changed = "case unit_code when '00007' then 99 else late end::bigint as late"
    world.build(f"select * replace ({changed}) from ({rows})")
    return world


def decide(world: Any) -> Any:
    candidate = world.export()
    world.check(candidate)
    return world.decide(candidate), candidate


def reasons(decision: Any) -> set[str]:
    return {reason.check for reason in decision.reasons}


def test_without_a_waiver_the_check_withholds(broken: Any) -> None:
    assert reasons(decide(broken)[0]) == {LATE}


def test_a_waiver_in_force_lets_it_out_and_is_published_with_it(broken: Any) -> None:
    waive(broken, WAIVER)
    decision, candidate = decide(broken)

    assert decision.publish
    assert [reason.check for reason in decision.waived] == [LATE]
    done = broken.release(candidate)
    assert done.outcome == "published"
    said = json.loads((done.folder / "decision.json").read_bytes())["waivers"]
    assert [{name: item[name] for name in WAIVER} for item in said] == [WAIVER]
    assert "99" not in said[0]["role"]
    described = json.loads((done.folder / "datapackage.json").read_bytes())["khomo"]["waivers"]
    assert described == [WAIVER]
    assert verify_release(done.folder) == []


@pytest.mark.parametrize(
    ("at", "publish"),
    [
        ("2026-12-31T23:59:00+07:00", True),
        ("2027-01-01T00:00:00+07:00", False),
        ("2027-01-01T06:00:00+07:00", False),
    ],
)
def test_it_ends_with_its_last_day_by_the_clock_of_the_province(
    broken: Any, monkeypatch: pytest.MonkeyPatch, at: str, publish: bool
) -> None:
    waive(broken, WAIVER)
    monkeypatch.setenv("KHOMO_NOW", at)
    decision, _ = decide(broken)

    assert decision.publish is publish
    assert reasons(decision) == (set() if publish else {LATE})


def test_it_is_for_that_check_only(broken: Any) -> None:
    waive(broken, {**WAIVER, "check": "unique_key"})

    assert reasons(decide(broken)[0]) == {LATE}


@pytest.mark.parametrize("status", ["error", "missing"])
def test_a_check_that_did_not_run_is_not_waived(broken: Any, status: str) -> None:
    waive(broken, WAIVER)
    _, candidate = decide(broken)
    known = broken.ledger.checks(DATASET, candidate.digest)[LATE]
    if status == "error":
        broken.ledger.record_checks([replace(known, status="error")])
    else:
        with broken.ledger.connect() as connection:
            connection.execute("delete from check_results where check_name = ?", (LATE,))

    assert reasons(broken.decide(candidate)) == {LATE}


NEVER = (
    *("columns_listed", "column_types", "readback_csv", "readback_parquet", "metadata_complete"),
    *(
        "synthetic_marked",
        "no_personal_columns",
        "no_personal_values",
        "licence_compatible",
        "sources_declared",
    ),
    *("sources_accounted", "revision_policy", "rule.small_cells", "rule.visible_share"),
)


@pytest.mark.parametrize("name", NEVER)
def test_privacy_licence_and_identity_are_never_waived(world: Any, name: str) -> None:
    waive(world, {**WAIVER, "check": name})
    candidate = world.export()
    world.assume_passed(candidate)
    known = world.ledger.checks(DATASET, candidate.digest)[name]
    world.ledger.record_checks([replace(known, status="failed")])

    assert reasons(world.decide(candidate)) == {name}
    assert ["cannot be waived" in problem for problem in problems(world.contract)] == [True]


def test_every_other_check_can_be_waived(world: Any) -> None:
    """So that the list above cannot grow or shrink without anybody noticing."""
    checks = required_checks(world.contract, [])
    fixed = {check.name for check in checks if not waivable({"check": check.name, **vars(check)})}

    assert fixed == set(NEVER)


def test_the_gates_own_checks_are_never_waived(world: Any) -> None:
    waive(world, {**WAIVER, "check": "gate.content"})
    world.by_hand("update marts.mart_unit_counts set late = late + 1 where unit_code = '00007'")
    candidate = world.export()
    world.assume_passed(candidate)

    assert "gate.content" in reasons(world.decide(candidate))
    assert [problem for problem in problems(world.contract) if "no check" in problem]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"expires": "soon"}, "0.expires"),
        ({"reason": {"vi": "chỉ tiếng Việt"}}, "0.reason.en"),
        ({"role": ""}, "0.role"),
        ({"forever": True}, "0.forever"),
    ],
)
def test_a_file_that_cannot_be_used_names_file_and_field_and_withholds(
    broken: Any, change: dict[str, Any], place: str
) -> None:
    _, candidate = decide(broken)
    path = waive(broken, {**WAIVER, **change})

    with pytest.raises(ContractError, match=place) as caught:
        waivers_of(broken.contract)
    assert str(path) in str(caught.value)
    assert reasons(broken.decide(candidate)) == {"gate.waivers", LATE}


def test_two_waivers_of_one_check_are_refused(broken: Any) -> None:
    waive(broken, WAIVER, {**WAIVER, "expires": "2099-01-01"})

    with pytest.raises(ContractError, match="occurs twice"):
        waivers_of(broken.contract)


@pytest.mark.parametrize(
    "edit",
    [
        lambda decision: decision.update(waivers=[]),
        lambda decision: decision["waivers"][0].update(expires="2099-01-01"),
        lambda decision: decision["waivers"][0].update(role="Ai đó"),
        lambda decision: decision["waivers"][0].update(check="unique_key"),
    ],
)
def test_verify_finds_a_waiver_that_was_taken_out_or_changed(broken: Any, edit: Any) -> None:
    waive(broken, WAIVER)
    _, candidate = decide(broken)
    folder = broken.release(candidate).folder
    decision = json.loads((folder / "decision.json").read_bytes())
    edit(decision)
    for path in folder.iterdir():
        path.chmod(0o644)
    (folder / "decision.json").write_bytes(canonical_json(decision, indent=2))
    names = [name for name in release_files(DATASET) if name != SUMS]
    (folder / SUMS).write_bytes(sums({name: sha256_file(folder / name) for name in names}))

    assert "decision.json" in {problem.file for problem in verify_release(folder)}


def test_report_and_catalogue_show_it(broken: Any) -> None:
    waive(broken, WAIVER)
    _, candidate = decide(broken)
    broken.release(candidate)
    report = collect(
        broken.home,
        broken.ledger,
        broken.province,
        sources=broken.sources,
        published={DATASET: broken.contract},
    )
    written = json.loads(canonical_json(to_json(report)))
    assert written["datasets"][0]["waivers"][0]["expires"] == "2026-12-31"
    files = write_catalogue(
        broken.home,
        broken.province,
        {**load_published(), DATASET: broken.contract},
        {**load_sources(), **broken.sources},
    )

    (item,) = report.datasets
    assert (item.outcome, item.verdict) == ("published", "waived")
    assert ("look", "waived", DATASET) in {
        (entry.urgency, entry.kind, entry.subject) for entry in report.attention
    }
    page = render_html(report, {})
    assert 'class="badge waived"' in page
    assert "Cơ quan đang rà soát" in page
    assert "Đã công bố, có miễn trừ" in files.csv.read_text(encoding="utf-8")
