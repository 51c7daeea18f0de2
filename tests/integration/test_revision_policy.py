"""A published period freezes: what changes or drops its rows is withheld, unless it was decided."""

import json
from copy import deepcopy
from typing import Any

import pytest
import yaml

from pipelines.contracts import ContractError
from pipelines.contracts.revision import policy_of, problems, revisions_of
from pipelines.quality.rules import COMPARING

DATASET = "unit-counts"
POLICY = {"period": "month", "length": "P1M", "frozenAfter": "P3M"}
JANUARY, JUNE, JULY = "2026-01-01", "2026-06-01", "2026-07-01"


def declare(world: Any, data: dict[str, Any], policy: Any = POLICY, **changes: Any) -> None:
    changed = deepcopy(data) | changes
    changed["customProperties"].append({"property": "revision", "value": policy})
    world.write_contract(changed)


@pytest.fixture
def released(world: Any, contract_data: dict[str, Any], rows: str) -> Any:
    """One release with a policy. Its data is as of 2026-10-31, its months are of 2026: what ended
    by the end of June is frozen.
    """
    declare(world, contract_data)
    world.build(rows)
    assert world.publish().outcome == "published"
    return world


def decide(world: Any, query: str) -> Any:
    world.build(query)
    candidate = world.export()
    world.check(candidate)
    return world.decide(candidate), candidate


def changed_month(rows: str, month: str) -> str:
    """The same rows with one row of a month changed."""
    one = f"(select min(unit_code) from ({rows}) where month = date '{month}')"
    score = f"case unit_code when {one} then 99 else score end::decimal(9, 4) as score"
    return f"select * replace ({score}) from ({rows})"


def revise(world: Any, *revisions: dict[str, Any]) -> None:
    path = world.folder / "open_data" / DATASET / "revisions.yaml"
    path.write_text(yaml.safe_dump(list(revisions), allow_unicode=True), encoding="utf-8")


def revision(replaces: str, *periods: str) -> dict[str, Any]:
    return {
        "replaces": replaces,
        "periods": list(periods),
        "reason": {"vi": "Đếm lại tháng 1", "en": "January counted again"},
        "role": "Phòng Dữ liệu mở",
    }


def result(world: Any, candidate: Any) -> Any:
    return world.ledger.checks(DATASET, candidate.digest)["revision_policy"]


def reasons(decision: Any) -> set[str]:
    return {reason.check for reason in decision.reasons}


def test_the_first_release_has_nothing_to_be_compared_with(
    world: Any, contract_data: dict[str, Any], rows: str
) -> None:
    declare(world, contract_data)
    decision, candidate = decide(world, rows)

    assert decision.publish
    assert "no release to compare with" in result(world, candidate).message


def test_a_contract_without_a_policy_says_so(world: Any, rows: str) -> None:
    world.publish()
    decision, candidate = decide(world, changed_month(rows, JANUARY))

    assert decision.publish
    assert "does not freeze" in result(world, candidate).message


@pytest.mark.parametrize(("month", "frozen"), [(JANUARY, True), (JUNE, True), (JULY, False)])
def test_a_change_is_withheld_from_the_day_its_month_is_frozen(
    released: Any, rows: str, month: str, frozen: bool
) -> None:
    """Three months after its end, June is frozen as of 2026-10-31, July from the next day."""
    decision, candidate = decide(released, changed_month(rows, month))

    assert reasons(decision) == ({"revision_policy"} if frozen else set())
    if frozen:
        said = result(released, candidate)
        assert f"{month} (1 row(s) gone, 1 new)" in said.message
        assert said.sample == ({"period": month, "rows_gone": 1, "rows_new": 1},)
        assert said.dimension == "consistency"


def test_dropped_and_added_rows_are_counted_by_period(released: Any, rows: str) -> None:
    fewer = f"select * from ({rows}) where month <> date '{JANUARY}'"
    added = f"select * replace ('99999' as unit_code) from ({rows}) where month = date '{JUNE}'"
    decision, candidate = decide(released, f"{fewer} union all ({added} limit 1)")

    assert reasons(decision) == {"revision_policy"}
    assert result(released, candidate).sample == (
        {"period": JANUARY, "rows_gone": 5, "rows_new": 0},
        {"period": JUNE, "rows_gone": 0, "rows_new": 1},
    )


def test_a_month_that_was_never_published_may_come_late(
    world: Any, contract_data: dict[str, Any], rows: str
) -> None:
    declare(world, contract_data)
    world.build(f"select * from ({rows}) where month <> date '{JANUARY}'")
    world.publish()

    assert decide(world, rows)[0].publish


def test_the_same_rows_in_another_order_are_no_change(released: Any, rows: str) -> None:
    assert decide(released, f"select * from ({rows}) order by score desc")[0].publish


def test_a_new_column_is_no_change_of_a_period(
    released: Any, contract_data: dict[str, Any], rows: str
) -> None:
    data = deepcopy(contract_data)
    data["schema"][0]["properties"].append(
        {**data["schema"][0]["properties"][8], "name": "remark", "businessName": "Nhận xét"}
    )
    declare(released, data)
    decision, _ = decide(released, f"select *, 'x' as remark from ({rows})")

    assert decision.publish


def test_a_named_revision_lets_its_periods_change_and_is_published(
    released: Any, rows: str
) -> None:
    last = (released.releases / "latest").resolve().name
    revise(released, revision(last, JANUARY))
    decision, candidate = decide(released, changed_month(rows, JANUARY))

    assert decision.publish
    assert f"revised by decision: {JANUARY}" in result(released, candidate).message
    described = json.loads(candidate.descriptor.read_bytes())["khomo"]
    assert described["revisions"] == [revision(last, JANUARY)]
    assert described["revision"] == POLICY
    assert released.release(candidate).outcome == "published"


@pytest.mark.parametrize(
    "entry",
    [
        lambda last: revision(last, JUNE),
        lambda last: revision("2026-10-31-000000000000", JANUARY),
    ],
    ids=["of another month", "of another release"],
)
def test_a_revision_of_something_else_changes_nothing(released: Any, rows: str, entry: Any) -> None:
    revise(released, entry((released.releases / "latest").resolve().name))

    assert reasons(decide(released, changed_month(rows, JANUARY))[0]) == {"revision_policy"}


def test_a_revision_is_for_one_release_only(released: Any, rows: str) -> None:
    first = (released.releases / "latest").resolve().name
    revise(released, revision(first, JANUARY))
    once = changed_month(rows, JANUARY)
    _, candidate = decide(released, once)
    assert released.release(candidate).outcome == "published"

    assert reasons(decide(released, rows)[0]) == {"revision_policy"}


def test_after_a_withdrawal_the_release_that_counts_is_compared_with(
    released: Any, rows: str
) -> None:
    from pipelines.contracts import Text
    from pipelines.publish.withdraw import withdraw

    first = (released.releases / "latest").resolve().name
    revise(released, revision(first, JANUARY))
    _, candidate = decide(released, changed_month(rows, JANUARY))
    second = released.release(candidate)
    withdraw(
        released.home,
        released.ledger,
        DATASET,
        second.version,
        reason=Text("Sai", "Wrong"),
        role="Phòng Dữ liệu mở",
    )

    assert decide(released, rows)[0].publish


def test_a_comparison_with_a_release_that_counts_no_more_does_not_count(
    released: Any, rows: str
) -> None:
    """Checked against one release, decided on when readers see another."""
    from pipelines.contracts import Text
    from pipelines.publish.withdraw import withdraw

    first = (released.releases / "latest").resolve().name
    revise(released, revision(first, JANUARY))
    _, candidate = decide(released, changed_month(rows, JANUARY))
    second = released.release(candidate)
    _, third = decide(released, changed_month(changed_month(rows, JANUARY), JULY))
    assert released.decide(third).publish
    withdraw(
        released.home,
        released.ledger,
        DATASET,
        second.version,
        reason=Text("Sai", "Wrong"),
        role="Phòng Dữ liệu mở",
    )

    decision = released.decide(third)
    assert reasons(decision) == COMPARING  # drift from the other release is not known either
    assert "was not run on these bytes" in decision.reasons[0].problem.en


@pytest.mark.parametrize(
    "policy",
    [
        {"period": "month"},
        {**POLICY, "length": "1 month"},
        {**POLICY, "frozenAfter": "P0M"},
        {**POLICY, "period": "seen_at"},
        {**POLICY, "period": "nothing"},
        "P3M",
    ],
)
def test_a_policy_that_cannot_be_used_fails_the_lint(
    world: Any, contract_data: dict[str, Any], policy: Any
) -> None:
    declare(world, contract_data, policy)

    with pytest.raises(ContractError, match="revision"):
        policy_of(world.contract)
    assert list(problems(world.contract))


def test_a_revision_that_cannot_be_used_names_file_and_field(
    world: Any, contract_data: dict[str, Any]
) -> None:
    declare(world, contract_data)
    revise(world, {**revision("latest", JANUARY)})

    with pytest.raises(ContractError, match=r"revisions.yaml: revision 0.replaces"):
        revisions_of(world.contract)


def test_revisions_without_a_policy_fail_the_lint(world: Any) -> None:
    revise(world, revision("2026-10-31-000000000000", JANUARY))

    assert ["no policy" in problem for problem in problems(world.contract)] == [True]
