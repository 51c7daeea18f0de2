"""A candidate is compared with the releases before it, in bands learnt from them."""

from typing import Any

import pytest

from pipelines.contracts.drift import KINDS, problems
from pipelines.contracts.vocabulary import Severity
from pipelines.publish.gate import decide
from pipelines.quality import run
from pipelines.quality.ge_engine import Validation
from pipelines.quality.messages import from_two_lines

DRIFT = {f"drift_{kind}" for kind in KINDS}
FEWER = "select * from ({rows}) where unit_code::int // 7 % 4 <> 1"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Expectations are met here: these tests are about other rules."""

    def met(_connection: Any, _view: str, wanted: Any, **_: Any) -> dict[str, Validation]:
        return {name: Validation(True, None, None, (), None) for name, _kind, _arguments in wanted}

    monkeypatch.setattr(run, "validate", met)


def drift(world: Any) -> dict[str, Any]:
    """The results of the four checks on a new export."""
    found = world.check(world.export())
    return {name: found[name] for name in sorted(DRIFT)}


def said(world: Any, data: dict[str, Any], **value: Any) -> None:
    data["customProperties"].append({"property": "drift", "value": value})
    world.write_contract(data)


def test_too_little_history_is_an_information_and_no_pass(world: Any) -> None:
    world.publish_before(2)
    candidate = world.export()
    results = world.check(candidate)

    for name in DRIFT:
        assert (results[name].status, results[name].severity) == ("failed", "information"), name
        assert "2 earlier release(s), of 3 needed" in results[name].message
    decision = world.decide(candidate)
    assert decision.publish
    assert {reason.check for reason in decision.information} == DRIFT
    assert decision.warnings == ()


def test_with_enough_of_it_the_usual_passes(world: Any) -> None:
    world.publish_before(3)

    assert all(result.passed for result in drift(world).values())


def test_what_is_unusual_warns_and_names_what_it_is(world: Any, rows: str) -> None:
    world.publish_before(3)
    world.build(FEWER.format(rows=rows))
    candidate = world.export()
    result = world.check(candidate)["drift_rows"]

    assert (result.status, result.severity) == ("failed", "warning")
    assert "45 rows, usually 48–72 (median 60)" in from_two_lines(result.message).en
    assert result.sample == ({"rows": 45, "lowest": 48, "highest": 72},)
    decision = world.decide(candidate)
    assert decision.publish
    assert [reason.check for reason in decision.warnings] == ["drift_rows"]


def test_a_history_that_varies_widens_the_band(world: Any, rows: str) -> None:
    for kept in (60, 45, 52, 38, 57):
        world.build(f"select * from ({rows}) where unit_code::int < {7 * kept}")
        world.publish()
    world.build(FEWER.format(rows=rows))

    assert drift(world)["drift_rows"].passed


def test_a_release_that_was_taken_back_is_no_history(world: Any) -> None:
    from pipelines.contracts import Text
    from pipelines.publish.withdraw import withdraw

    world.publish_before(3)
    first = sorted(path for path in world.releases.iterdir() if not path.is_symlink())[0]
    withdraw(
        world.home,
        world.ledger,
        world.contract.name,
        first.name,
        reason=Text("Sai", "Wrong"),
        role="Phòng Dữ liệu mở",
    )

    assert {item.severity for item in drift(world).values()} == {"information"}


def test_the_contract_says_what_blocks_and_what_is_left_out(
    world: Any, rows: str, contract_data: dict[str, Any]
) -> None:
    said(world, contract_data, rows={"severity": "blocker"}, nulls={"except": ["score"]})
    world.publish_before(3)
    world.build(
        "select * replace (case when unit_code::int % 5 > 0 then score end as score)"
        f" from ({FEWER.format(rows=rows)})"
    )
    candidate = world.export()
    results = world.check(candidate)

    assert results["drift_nulls"].passed
    assert results["drift_rows"].severity == Severity.BLOCKER
    assert {reason.check for reason in world.decide(candidate).reasons} == {"drift_rows"}


def test_a_blocker_says_nothing_about_another_last_release(
    world: Any, contract_data: dict[str, Any]
) -> None:
    said(world, contract_data, rows={"severity": "blocker"})
    world.publish_before(3)
    candidate = world.export()
    world.check(candidate)
    assert world.decide(candidate).publish

    decision = decide(
        world.contract,
        candidate,
        ledger=world.ledger,
        dbt_tests=[],
        last="2026-10-31-0123456789ab",  # what another run published meanwhile
    )
    assert {reason.check for reason in decision.reasons} == DRIFT


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"columns": {}}, "may hold rows, categories, nulls, distribution"),
        ({"rows": {"severity": "error"}}, "'error' is no severity"),
        ({"rows": {"except": ["score"]}}, "may hold band, minimum, severity"),
        ({"nulls": {"rise": -1}}, "at least 0"),
        ({"nulls": {"except": ["scores"]}}, "there is no column scores"),
    ],
)
def test_a_property_that_is_not_understood_is_named(
    world: Any, contract_data: dict[str, Any], value: dict[str, Any], problem: str
) -> None:
    said(world, contract_data, **value)

    assert [problem in found for found in problems(world.contract)] == [True]


def test_a_column_that_changed_its_type_is_compared_by_what_is_left(
    world: Any, rows: str, contract_data: dict[str, Any]
) -> None:
    world.publish_before(3)
    columns = contract_data["schema"][0]["properties"]
    (score,) = (item for item in columns if item["name"] == "score")
    score["physicalType"] = "DECIMAL(12,2)"
    world.write_contract(contract_data)
    world.build(f"select * replace (score::decimal(12, 2) as score) from ({rows})")

    assert all(result.passed for result in drift(world).values())
