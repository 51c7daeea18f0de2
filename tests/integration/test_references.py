"""Keys lead to a release of another dataset, which candidate and decision name."""

import json
from typing import Any

import pytest

from pipelines.publish.verify import verify_release
from pipelines.quality import run
from pipelines.quality.ge_engine import Validation
from pipelines.quality.messages import from_two_lines

NAME = "reference.unit_code"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Expectations are met here: these tests are about other rules."""

    def met(_connection: Any, _view: str, wanted: Any, **_: Any) -> dict[str, Validation]:
        return {name: Validation(True, None, None, (), None) for name, _kind, _arguments in wanted}

    monkeypatch.setattr(run, "validate", met)


@pytest.fixture
def referring(world: Any, contract_data: dict[str, Any]) -> Any:
    world.refer_to_units(contract_data)
    world.build()
    return world


def named(world: Any, version: str | None) -> list[dict[str, Any]]:
    folder = world.home.releases / "units" / str(version) / "decision.json"
    return [
        {
            "column": "unit_code",
            "dataset": "units",
            "to": "code",
            "except": ["00000"],
            "version": version,
            "digest": json.loads(folder.read_bytes())["digest"] if version else None,
        }
    ]


def test_descriptor_and_decision_name_the_release_that_was_looked_into(referring: Any) -> None:
    # Unit 00000 is no key by the contract, and no unit.
    version = referring.release_units("unit_code <> '00000'")
    candidate = referring.export()
    result = referring.check(candidate)[NAME]
    decision = referring.decide(candidate)
    done = referring.release(candidate)

    assert (result.status, result.observed) == ("passed", version)
    described = json.loads(candidate.descriptor.read_bytes())["khomo"]["references"]
    assert described == decision.document["references"] == named(referring, version)
    assert done.outcome == "published"
    assert verify_release(done.folder) == []


def test_a_key_that_is_not_there_is_shown_with_its_row(referring: Any) -> None:
    version = referring.release_units("unit_code not in ('00007', '00014')")
    candidate = referring.export()
    result = referring.check(candidate)[NAME]

    assert (result.status, result.failing_rows, result.observed) == ("failed", 2, "2")
    assert f"2 key(s) in 2 row(s) are not in units {version}" in from_two_lines(result.message).en
    assert result.sample == (
        {"unit_code": "00007", "month": "2026-02-01"},
        {"unit_code": "00014", "month": "2026-03-01"},
    )
    assert {reason.check for reason in referring.decide(candidate).reasons} == {NAME}


def test_a_withheld_dataset_is_referred_to_by_its_last_good_release(referring: Any) -> None:
    good = referring.release_units()
    # A newer candidate that was withheld leaves nothing in `releases`: what readers see counts.
    newer = referring.home.candidates / "units"
    newer.mkdir(parents=True)
    (newer / "decision.json").write_text('{"verdict": "withhold"}', encoding="utf-8")

    assert referring.check(referring.export())[NAME].observed == good


def test_without_any_release_dependants_wait(referring: Any) -> None:
    candidate = referring.export()
    result = referring.check(candidate)[NAME]

    assert "publish units first" in from_two_lines(result.message).en
    assert {reason.check for reason in referring.decide(candidate).reasons} == {NAME}


def test_another_release_gives_another_candidate(referring: Any) -> None:
    referring.release_units()
    before = referring.export()
    referring.check(before)
    assert referring.decide(before).publish

    referring.release_units("unit_code <> '00413'")

    (reason,) = referring.decide(before).reasons
    assert reason.check == "gate.references"
    assert "another release of units" in reason.problem.en
    assert referring.export().digest != before.digest


def test_a_release_whose_decision_names_another_reference_does_not_verify(
    referring: Any,
) -> None:
    referring.release_units()
    folder = referring.publish().folder
    path = folder / "decision.json"
    assert b'"references"' in path.read_bytes()
    assert verify_release(folder) == []
    from pipelines.canonical import canonical_json, sha256_file
    from pipelines.publish.layout import SUMS, release_files, sums

    decision = json.loads(path.read_bytes())
    decision["references"][0]["version"] = "2025-01-01-0123456789ab"
    path.chmod(0o644)
    path.write_bytes(canonical_json(decision, indent=2))
    (folder / SUMS).chmod(0o644)
    names = [name for name in release_files("unit-counts") if name != SUMS]
    (folder / SUMS).write_bytes(sums({name: sha256_file(folder / name) for name in names}))

    (problem,) = verify_release(folder)
    assert "other releases" in problem.text.en
