"""A check that takes too long is stopped, recorded as one that could not run, and withholds."""

import time
from copy import deepcopy
from typing import Any

import pytest

from pipelines.quality import run
from pipelines.quality.readback import read_back
from pipelines.quality.time_limit import TimeLimitError, limit, within

DATASET = "unit-counts"
ENDLESS = "select count(*) from range(1000000000) as a, range(1000000000) as b, {object} as c"


@pytest.fixture
def endless(world: Any, contract_data: dict[str, Any]) -> Any:
    """A world with one rule that never ends, before others that do."""
    data = deepcopy(contract_data)
    rule = {
        "name": "endless",
        "description": "Không bao giờ xong. Never done.",
        "dimension": "consistency",
        "type": "sql",
        "query": ENDLESS,
        "mustBe": 0,
    }
    data["schema"][0]["quality"].insert(0, rule)
    world.write_contract(data)
    world.build()
    return world


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Great Expectations takes seconds to load; here nothing is about what it finds."""
    monkeypatch.setattr(run, "_expectation_results", lambda *_: {})


@pytest.mark.usefixtures("quick")
def test_an_endless_rule_is_stopped_and_the_next_ones_run(
    endless: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHOMO_CHECK_SECONDS", "1")
    candidate = endless.export()
    started = time.monotonic()
    results = endless.check(candidate)

    assert time.monotonic() - started < 30
    stopped = results["rule.endless"]
    assert stopped.status == "error"
    assert "TimeLimitError: not finished within 1 s" in stopped.message
    assert stopped.seconds is not None and stopped.seconds >= 1
    assert results["rule.late_within_received"].status == "passed"
    assert "rule.endless" in {reason.check for reason in endless.decide(candidate).reasons}


def test_expectations_are_stopped_together_and_tried_once(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def endless(evidence: Any, _suite: Any) -> Any:
        nonlocal tries
        tries += 1
        query = ENDLESS.replace("{object}", "candidate_csv")
        return evidence.data.cursor().execute(query).fetchall()

    monkeypatch.setattr(run, "_expectation_results", endless)
    monkeypatch.setenv("KHOMO_CHECK_SECONDS", "1")
    results = world.check(world.export())

    assert tries == 1
    of_suite = [item for item in results.values() if item.engine == "great_expectations"]
    assert {item.status for item in of_suite} == {"error"}
    assert results["readback_csv"].status == "passed"


def test_what_is_late_does_not_pass_though_it_ended() -> None:
    asked = 0

    def interrupt() -> None:
        nonlocal asked
        asked += 1

    with pytest.raises(TimeLimitError), within(0.2, interrupt):
        time.sleep(0.6)
    assert asked >= 2
    with within(5, interrupt):
        pass


@pytest.mark.timeout(60)
def test_a_closed_cursor_does_not_end_the_asking(world: Any) -> None:
    """Great Expectations closes its cursors; the request to stop may come between two queries."""
    candidate = world.export()
    with read_back(candidate.csv, candidate.parquet) as data:
        data.cursor().close()
        with pytest.raises(TimeLimitError), within(0.2, data.interrupt):
            time.sleep(0.6)
            data.connection.execute(ENDLESS.replace("{object}", "candidate_csv"))


@pytest.mark.parametrize("text", ["0", "-1", "soon", "inf", "nan"])
def test_a_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KHOMO_CHECK_SECONDS", text)

    with pytest.raises(ValueError, match="KHOMO_CHECK_SECONDS"):
        limit()


def test_without_a_usable_limit_nothing_passes(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHOMO_CHECK_SECONDS", "soon")

    assert {result.status for result in world.check(world.export()).values()} == {"error"}
