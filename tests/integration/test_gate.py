"""The gate publishes on evidence for exactly these bytes, and cannot be walked around."""

import json
from copy import deepcopy
from typing import Any

import pytest

from pipelines.contracts.vocabulary import Severity
from pipelines.publish import export
from pipelines.publish.gate import decide
from pipelines.quality import run
from pipelines.quality.model import DbtTest
from pipelines.quality.required import required_checks

DATASET = "unit-counts"


def reasons(decision: Any) -> set[str]:
    return {reason.check for reason in decision.reasons}


def test_a_candidate_that_passed_everything_is_published(world: Any) -> None:
    candidate = world.export()
    world.check(candidate)

    decision = world.decide(candidate)

    assert decision.publish
    assert decision.version == candidate.version
    listed = {check["check"] for check in decision.document["checks"]}
    assert {"readback_csv", "unique_key", "rule.small_cells", "dbt.totals_add_up"} <= listed
    unknown = {"drift_rows", "drift_categories", "drift_nulls", "drift_distribution"}
    assert (
        {check["check"] for check in decision.document["checks"] if check["status"] != "passed"}
        == {reason.check for reason in decision.information}
        == unknown
    )  # nothing came before
    assert decision.document["inputs"] == {"desk": list(candidate.inputs["desk"])}


def test_the_same_evidence_gives_the_same_decision(
    world: Any, make_world: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.export()
    world.check(first)
    monkeypatch.setenv("KHOMO_NOW", "2027-03-01T00:00:00+07:00")
    other = make_world(tmp_path / "other")
    second = other.export()
    other.check(second)

    assert world.decide(first).to_bytes() == other.decide(second).to_bytes()


def test_without_any_check_nothing_is_published(world: Any) -> None:
    decision = world.decide(world.export())

    required = required_checks(world.contract, [])
    assert not decision.publish
    assert reasons(decision) == {check.name for check in required}


def test_each_single_missing_result_withholds_and_is_named(world: Any) -> None:
    candidate = world.export()
    world.assume_passed(candidate)
    assert world.decide(candidate).publish

    for check in required_checks(world.contract, [DbtTest("totals_add_up")]):
        with world.ledger.connect() as connection:
            connection.execute("create temp table kept as select * from check_results")
            connection.execute("delete from check_results where check_name = ?", (check.name,))
            connection.commit()
            decision = world.decide(candidate)
            connection.execute("delete from check_results")
            connection.execute("insert into check_results select * from kept")
        assert reasons(decision) == {check.name}
        assert "no result" in decision.reasons[0].problem.en


def _record(world: Any, candidate: Any, name: str, **changes: Any) -> None:
    from dataclasses import replace

    known = world.ledger.checks(DATASET, candidate.digest)
    known |= world.ledger.checks(DATASET, candidate.relation_digest)
    world.ledger.record_checks([replace(known[name], **changes)])


@pytest.mark.parametrize("name", ["readback_csv", "not_null.channel", "dbt.totals_add_up"])
@pytest.mark.parametrize("status", ["failed", "error"])
def test_a_failed_or_broken_check_withholds(world: Any, name: str, status: str) -> None:
    candidate = world.export()
    world.assume_passed(candidate)
    _record(world, candidate, name, status=status, message="sai\nwrong")

    decision = world.decide(candidate)

    assert reasons(decision) == {name}
    assert "wrong" in decision.reasons[0].problem.en
    assert "sai" in decision.reasons[0].problem.vi
    assert decision.reasons[0].remedy.en


def test_the_latest_result_counts(world: Any) -> None:
    candidate = world.export()
    world.assume_passed(candidate)
    _record(world, candidate, "readback_csv", status="failed")
    assert not world.decide(candidate).publish

    _record(world, candidate, "readback_csv", status="passed")
    assert world.decide(candidate).publish


def test_a_warning_is_listed_and_does_not_block(world: Any) -> None:
    candidate = world.export()
    world.assume_passed(candidate)
    _record(world, candidate, "dbt.looks_usual", status="failed", message="lạ\nodd")

    decision = world.decide(candidate)

    assert decision.publish
    assert [reason.check for reason in decision.warnings] == ["dbt.looks_usual"]


def test_an_information_is_listed_apart_from_warnings(world: Any) -> None:
    candidate = world.export()
    world.assume_passed(candidate)
    _record(world, candidate, "dbt.looks_usual", status="failed", message="lạ\nodd")

    decision = decide(
        world.contract,
        candidate,
        ledger=world.ledger,
        dbt_tests=[DbtTest("totals_add_up"), DbtTest("looks_usual", Severity.INFORMATION)],
    )

    assert decision.publish
    assert decision.warnings == ()
    assert [reason.check for reason in decision.information] == ["dbt.looks_usual"]
    assert decision.document["information"][0]["problem"]["en"] == "odd"


def test_a_warning_that_did_not_run_blocks(world: Any) -> None:
    candidate = world.export()
    world.assume_passed(candidate)
    _record(world, candidate, "dbt.looks_usual", status="error")

    assert reasons(world.decide(candidate)) == {"dbt.looks_usual"}


def test_a_required_check_cannot_be_recorded_as_a_warning(world: Any) -> None:
    candidate = world.export()
    world.assume_passed(candidate)
    _record(world, candidate, "readback_csv", status="failed", severity="warning")

    assert not world.decide(candidate).publish


def test_a_dbt_test_that_is_new_in_the_project_must_have_run(world: Any) -> None:
    candidate = world.export()
    world.assume_passed(candidate)

    decision = decide(
        world.contract,
        candidate,
        ledger=world.ledger,
        dbt_tests=[DbtTest("totals_add_up"), DbtTest("added_later")],
    )

    assert reasons(decision) == {"dbt.added_later"}


def test_a_change_by_hand_in_the_warehouse_withholds(world: Any) -> None:
    """A run of the publishing steps alone: export and checks are new, the dbt results are not."""
    world.by_hand("update marts.mart_unit_counts set late = late + 1 where unit_code = '00007'")
    candidate = world.export()
    world.check(candidate)

    decision = world.decide(candidate)

    assert not decision.publish
    assert reasons(decision) == {
        "gate.content",
        "readback_csv",
        "readback_parquet",
        "dbt.totals_add_up",
        "dbt.looks_usual",
    }
    stale = next(item for item in decision.reasons if item.check == "dbt.totals_add_up")
    assert "other bytes" in stale.problem.en


def test_a_change_by_hand_withholds_without_any_dbt_test(world: Any) -> None:
    world.by_hand("update marts.mart_unit_counts set late = late + 1 where unit_code = '00007'")
    candidate = world.export()
    world.assume_passed(candidate)

    decision = decide(world.contract, candidate, ledger=world.ledger, dbt_tests=[])

    assert reasons(decision) == {"gate.content"}


@pytest.mark.parametrize("writer", ["write_csv", "write_parquet"])
def test_a_faulty_exporter_withholds(
    world: Any, monkeypatch: pytest.MonkeyPatch, writer: str
) -> None:
    right = getattr(export, writer)

    def faulty(connection: Any, relation: str, *rest: Any) -> None:
        changed = "(case unit_code when '00007' then 99 else late end)::bigint as late"
        right(connection, f"(select * replace ({changed}) from {relation})", *rest)

    monkeypatch.setattr(export, writer, faulty)
    candidate = world.export()
    world.check(candidate)

    assert f"readback_{writer.removeprefix('write_')}" in reasons(world.decide(candidate))


def test_results_for_an_earlier_export_do_not_count(world: Any, rows: str) -> None:
    world.check(world.export())
    world.build(f"select * replace ((score + 1)::decimal(9, 4) as score) from ({rows})")
    candidate = world.export()

    decision = world.decide(candidate)

    assert not decision.publish
    assert "readback_csv" in reasons(decision)
    assert "dbt.totals_add_up" not in reasons(decision)


def test_results_of_another_build_do_not_count(world: Any, rows: str) -> None:
    """The same bytes, built again from other inputs: what was tested then is not tested now."""
    world.assume_passed(world.export())
    with world.ledger.connect() as connection:
        connection.execute("update check_results set build_id = 'older'")

    decision = world.decide(world.export())

    assert not decision.publish
    assert "dbt.totals_add_up" in reasons(decision)


def test_bytes_changed_after_the_checks_withhold(world: Any) -> None:
    candidate = world.export()
    world.check(candidate)
    text = candidate.descriptor.read_text(encoding="utf-8")
    candidate.descriptor.write_text(text.replace("2026-10-31", "2026-10-30"), encoding="utf-8")

    assert not world.decide(candidate).publish


def test_an_edited_sidecar_changes_nothing(world: Any) -> None:
    from dataclasses import replace

    candidate = world.export()
    world.check(candidate)
    candidate.csv.write_bytes(candidate.csv.read_bytes().replace(b"00007", b"00008"))
    edited = replace(candidate, digest="0" * 64, relation_digest="1" * 64, rows=1)

    decision = world.decide(edited)

    assert not decision.publish
    assert decision.digest not in ("0" * 64, candidate.digest)


def test_a_contract_changed_since_the_export_withholds(
    world: Any, contract_data: dict[str, Any]
) -> None:
    candidate = world.export()
    world.assume_passed(candidate)
    changed = deepcopy(contract_data)
    changed["version"] = "1.0.1"
    world.write_contract(changed)

    assert reasons(world.decide(candidate)) == {"gate.contract"}


def test_a_build_the_ledger_does_not_know_withholds(world: Any) -> None:
    candidate = world.export(build_id="unknown")
    world.assume_passed(candidate)

    assert "gate.build" in reasons(world.decide(candidate))


@pytest.mark.parametrize("name", ["unit-counts.csv", "unit-counts.parquet", "datapackage.json"])
def test_a_candidate_that_lost_a_file_is_withheld(world: Any, name: str) -> None:
    candidate = world.export()
    world.assume_passed(candidate)
    (candidate.folder / name).unlink()

    decision = world.decide(candidate)

    assert reasons(decision) == {"gate.files"}
    assert json.loads(decision.to_bytes())["verdict"] == "withhold"


def test_a_check_that_raises_withholds(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("Nguyễn Văn A's value 'Nguyễn Văn A'")

    monkeypatch.setattr(run, "validate", broken)
    candidate = world.export()
    results = world.check(candidate)

    decision = world.decide(candidate)

    assert results["unique_key"].status == "error"
    assert "unique_key" in reasons(decision)
    assert "readback_csv" not in reasons(decision)
    said = next(item for item in decision.reasons if item.check == "unique_key")
    assert "could not run" in said.problem.en
