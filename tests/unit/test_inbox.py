"""Files that others copy into a folder are taken once, whole, and end where they belong."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.arrival import ArrivalError
from pipelines.ingest.connectors import PullError
from pipelines.ingest.landing import RefusedError
from pipelines.ingest.receive import receive
from pipelines.ledger import Ledger
from pipelines.settings import Home
from tests.conftest import write_contract

GOOD = "Mã,Số tiền\n00001,1\n"


class Drop:
    """An inbox source and its folder."""

    def __init__(self, folder: Path, home: Home, **connector: Any) -> None:
        path = write_contract(
            folder,
            "things",
            servers=[
                {"server": "inbox", "type": "local", "path": "{home}/inbox/things", "format": "csv"}
            ],
        )
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        said["customProperties"].append(
            {"property": "connector", "value": {"kind": "inbox", "settle": 0, **connector}}
        )
        path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
        self.sources, self.home, self.ledger = folder, home, Ledger(home.ledger)
        self.folder = home.root / "inbox" / "things"
        self.folder.mkdir(parents=True)

    def put(self, name: str, text: str = GOOD) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def take(self) -> landing.Landing:
        contract = load_sources(self.sources)["things"]
        raw.pull(contract, self.home, self.ledger)
        return receive(contract, self.home, self.ledger)

    def lying(self, where: str = ".") -> list[str]:
        root = self.folder / where
        return sorted(path.name for path in root.rglob("*") if path.is_file())

    def landed(self) -> list[str]:
        found = landing.current(self.home, "things")
        return [file.resource for file in found.files] if found else []


@pytest.fixture
def drop(tmp_path: Path, home: Home) -> Drop:
    return Drop(tmp_path / "sources", home)


def test_complete_files_accumulate_and_are_moved_once_they_are_landed(drop: Drop) -> None:
    drop.put("a.csv")
    drop.take()
    drop.put("b.csv", "Mã,Số tiền\n00002,2\n")
    assert drop.take().accepted == 2
    assert drop.landed() == ["a.csv", "b.csv"]
    assert drop.lying("processed") == ["a.csv", "b.csv"]
    assert [path.name for path in drop.folder.iterdir() if path.is_file()] == []


def test_with_nothing_new_what_was_taken_stays(drop: Drop) -> None:
    drop.put("a.csv")
    drop.take()
    assert drop.take().fresh == 0
    assert drop.landed() == ["a.csv"]


def test_a_file_of_a_known_name_replaces_the_older_one(drop: Drop) -> None:
    drop.put("a.csv")
    drop.take()
    drop.put("a.csv", "Mã,Số tiền\n00007,7\n")
    assert drop.take().accepted == 1
    assert drop.lying("processed") == ["a-2.csv", "a.csv"]


def test_the_same_bytes_again_are_moved_and_change_nothing(drop: Drop) -> None:
    drop.put("a.csv")
    before = drop.take()
    drop.put("a.csv")
    again = drop.take()
    assert (again.fresh, again.digest) == (0, before.digest)
    assert drop.lying("processed") == ["a-2.csv", "a-2.csv.reason.txt", "a.csv"]
    assert [row["outcome"] for row in drop.ledger.rows("select outcome from drops")] == [
        "taken",
        "duplicate",
    ]


@pytest.mark.parametrize("name", ["a.csv.part", "a.csv.filepart", ".a.csv", "~$a.csv", "a.csv.tmp"])
def test_a_file_that_is_still_written_is_left_alone(drop: Drop, name: str) -> None:
    drop.put(name)
    with pytest.raises(PullError, match="no complete file"):
        drop.take()
    assert drop.lying() == [name]


def test_a_file_that_changed_a_moment_ago_is_left_alone(tmp_path: Path, home: Home) -> None:
    drop = Drop(tmp_path / "sources", home, settle=3600)
    drop.put("a.csv")
    with pytest.raises(PullError, match="no complete file"):
        drop.take()


def test_with_markers_a_file_is_complete_when_its_marker_is_there(
    tmp_path: Path, home: Home
) -> None:
    drop = Drop(tmp_path / "sources", home, complete="marker")
    drop.put("a.csv")
    with pytest.raises(PullError, match="no complete file"):
        drop.take()
    drop.put("a.csv.done", "")
    assert drop.take().accepted == 1
    assert drop.lying("processed") == ["a.csv", "a.csv.done"]


def test_links_and_folders_are_not_followed(drop: Drop, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(GOOD, encoding="utf-8")
    (drop.folder / "a.csv").symlink_to(secret)
    (drop.folder / "b.csv").mkdir()
    with pytest.raises(PullError, match="no complete file"):
        drop.take()


def test_a_file_that_fits_no_pattern_is_rejected_with_the_reason_beside_it(drop: Drop) -> None:
    drop.put("a.csv")
    drop.put("notes.txt", "hello")
    drop.take()
    assert drop.lying("rejected") == ["notes.txt", "notes.txt.reason.txt"]


def test_a_file_that_cannot_be_read_is_rejected_and_the_last_good_state_stays(drop: Drop) -> None:
    drop.put("a.csv")
    drop.take()
    drop.put("a.csv", "Mã,Khác\n00001,1\n")
    drop.put("b.csv", "Mã,Số tiền\n00002,2\n")
    with pytest.raises(RefusedError, match=r"a\.csv"):
        drop.take()
    assert drop.landed() == ["a.csv"]
    assert drop.lying("rejected") == ["a.csv", "a.csv.reason.txt"]
    reason = next(drop.folder.rglob("*.reason.txt")).read_text(encoding="utf-8")
    assert "Tệp không đọc được" in reason and "Số tiền" in reason
    assert drop.take().accepted == 2  # the good one of the same drop goes on
    assert drop.landed() == ["a.csv", "b.csv"]


def test_a_file_that_the_arrival_gate_blocks_is_rejected_and_the_last_good_state_stays(
    drop: Drop,
) -> None:
    rows = "".join(f"{number:05},1\n" for number in range(50))
    drop.put("a.csv", "Mã,Số tiền\n" + rows)
    drop.take()
    drop.put("a.csv", "Mã,Số tiền\n" + rows.replace(",1\n", ",một\n"))
    with pytest.raises(ArrivalError):
        drop.take()
    assert drop.lying("rejected") == ["a.csv", "a.csv.reason.txt"]
    assert drop.take().accepted == 50


def test_a_newer_file_that_came_meanwhile_is_not_taken_for_the_one_that_was_landed(
    drop: Drop,
) -> None:
    drop.put("a.csv")
    contract = load_sources(drop.sources)["things"]
    raw.pull(contract, drop.home, drop.ledger)
    drop.put("a.csv", "Mã,Số tiền\n00009,9\n")
    receive(contract, drop.home, drop.ledger)
    assert drop.lying("processed") == []
    assert (drop.folder / "a.csv").exists()
    drop.take()
    assert drop.lying("processed") == ["a.csv"]


def test_a_kill_between_landing_and_moving_is_made_good_by_the_next_run(drop: Drop) -> None:
    drop.put("a.csv")
    contract = load_sources(drop.sources)["things"]
    raw.pull(contract, drop.home, drop.ledger)
    landing.land(contract, drop.home, drop.ledger)
    assert drop.take().fresh == 0
    assert (drop.landed(), drop.lying()) == (["a.csv"], ["a.csv"])
    assert drop.lying("processed") == ["a.csv"]


def test_the_sensor_asks_for_one_run_per_drop(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.orchestration import inbox_sensors as sensors

    monkeypatch.setattr(sensors, "sources_in_use", lambda: load_sources(drop.sources))
    [sensor] = sensors.inbox_sensors()
    assert sensor.name == "inbox_things"
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED

    def tick() -> Any:
        return sensor(dg.build_sensor_context())

    assert isinstance(tick(), dg.SkipReason)
    drop.put("a.csv")
    first, second = tick(), tick()
    assert first.run_key == second.run_key
    drop.put("b.csv", "Mã,Số tiền\n00002,2\n")
    assert tick().run_key != first.run_key
