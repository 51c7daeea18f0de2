"""What the report, `khomo status` and Dagster say about arrivals."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines.clock import now
from pipelines.contracts.load import load_sources
from pipelines.ingest import raw
from pipelines.ingest.arrival import ArrivalError
from pipelines.ledger import Ledger
from pipelines.orchestration.ingest_assets import source_assets
from pipelines.orchestration.run_lock import RunLock
from pipelines.report.arrival_attention import arrival_trouble, unlisted_trouble
from pipelines.report.model import Attention
from pipelines.report.sources import source_report
from pipelines.settings import Home
from tests.unit.test_arrival_gate import Sender


@pytest.fixture
def sender(things: Path, home: Home, ledger: Ledger) -> Sender:
    return Sender(things, home, ledger)


def attention(sender: Sender) -> dict[str, Attention]:
    contract = load_sources(sender.folder.parent)["things"]
    report = source_report(contract, sender.home, sender.ledger, now())
    return {item.kind: item for item in arrival_trouble(report)}


def test_a_blocked_arrival_needs_a_person_until_it_is_acknowledged(sender: Sender) -> None:
    sender.send("a.csv", 20)
    sender.send("b.csv", 20, first=100)
    before = sender.land().files
    assert attention(sender) == {}
    sender.take_back("b.csv")
    with pytest.raises(ArrivalError):
        sender.land()
    found = attention(sender)["arrival_blocked"]
    assert found.urgency == "act"
    assert "b.csv: tệp đã có trước đây nay không còn" in found.what.vi
    known = {"finding": "missing_file", "reason": "Gộp", "role": "Sở"}
    sender.declare(acknowledged=[{**known, "sha256": before[1].raw_sha256}])
    sender.land()
    assert attention(sender) == {}
    sender.send("a.csv", 21)
    sender.land()
    assert set(attention(sender)) == {"stale_acknowledgement"}


def test_a_warning_is_told_as_long_as_the_set_of_files_stands(sender: Sender) -> None:
    for amount in ("1", "2", "3"):
        sender.send("a.csv", 100, amount=amount)
        sender.land()
    sender.send("a.csv", 10)
    sender.land()
    sender.land()
    assert attention(sender)["arrival_warning"].urgency == "look"
    sender.send("a.csv", 100, amount="5")
    sender.land()
    assert attention(sender) == {}


def test_what_was_pulled_and_cannot_be_landed_needs_a_person(sender: Sender) -> None:
    sender.send("a.csv", 2)
    raw.pull(load_sources(sender.folder.parent)["things"], sender.home, sender.ledger)
    assert set(attention(sender)) == {"not_landed"}


def test_a_source_that_vanished_is_told(sender: Sender) -> None:
    [found] = unlisted_trouble(["gone"])
    assert "sources/retired.yaml" in found.what.en


def checks(result: dg.ExecuteInProcessResult) -> Iterator[tuple[str, bool, str]]:
    for item in result.get_asset_check_evaluations():
        yield item.check_name, item.passed, item.severity.name


def test_dagster_shows_findings_as_a_check_of_the_landed_table(sender: Sender) -> None:
    def run() -> dg.ExecuteInProcessResult:
        return dg.materialize(
            source_assets(load_sources(sender.folder.parent)["things"]),
            resources={"run_lock": RunLock()},
            raise_on_error=False,
        )

    for amount in ("1", "2", "3"):
        sender.send("a.csv", 100, amount=amount)
        sender.land()
    sender.send("a.csv", 10)
    warned = run()
    assert warned.success
    assert ("arrival", False, "WARN") in list(checks(warned))
    sender.send("a.csv", 100, amount="một")
    blocked = run()
    assert not blocked.success
    assert list(checks(blocked)) == [("arrival", False, "ERROR")]
    sender.send("a.csv", 100, amount="7")
    assert ("arrival", True, "WARN") in list(checks(run()))
