"""What arrived replaces what is landed only where the contract lets it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.arrival import ArrivalError
from pipelines.ingest.readers import ReadError
from pipelines.ledger import Ledger
from pipelines.settings import Home


class Sender:
    """A source whose files and contract a test changes."""

    def __init__(self, folder: Path, home: Home, ledger: Ledger) -> None:
        self.folder, self.home, self.ledger = folder, home, ledger

    def send(self, name: str, rows: int, *, amount: str = "1", first: int = 1) -> None:
        lines = [f"{number:05},{amount}\n" for number in range(first, first + rows)]
        (self.folder / "sample" / name).write_text(
            "Mã,Số tiền\n" + "".join(lines), encoding="utf-8"
        )

    def take_back(self, name: str) -> None:
        (self.folder / "sample" / name).unlink()

    def declare(self, **arrival: Any) -> None:
        path = self.folder / "contract.yaml"
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        said["customProperties"] = [
            item for item in said["customProperties"] if item["property"] != "arrival"
        ] + [{"property": "arrival", "value": arrival}]
        path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")

    def land(self) -> landing.Landing:
        contract = load_sources(self.folder.parent)["things"]
        raw.pull(contract, self.home, self.ledger)
        return landing.land(contract, self.home, self.ledger)

    def now(self) -> tuple[landing.LandedFile, ...]:
        found = landing.current(self.home, "things")
        return found.files if found else ()

    def findings(self) -> list[tuple[str, str]]:
        rows = self.ledger.rows("select finding, action from arrivals order by id")
        return [(row["finding"], row["action"]) for row in rows]


@pytest.fixture
def sender(things: Path, home: Home, ledger: Ledger) -> Sender:
    return Sender(things, home, ledger)


def test_a_first_arrival_has_nothing_to_be_compared_with(sender: Sender) -> None:
    sender.send("a.csv", 20)
    assert sender.land().accepted == 20
    assert sender.findings() == []


def test_a_missing_file_blocks_and_the_last_good_landing_stays(sender: Sender) -> None:
    sender.send("a.csv", 20)
    sender.send("b.csv", 20, first=100)
    before = sender.land().files
    sender.take_back("b.csv")
    with pytest.raises(ArrivalError, match=r"file b\.csv: missing_file.*the 20 accepted rows"):
        sender.land()
    assert sender.now() == before
    assert sender.findings() == [("missing_file", "block")]


def test_what_the_contract_accepts_replaces_and_is_on_record(sender: Sender) -> None:
    sender.send("a.csv", 20)
    sender.send("b.csv", 20, first=100)
    sender.land()
    sender.take_back("b.csv")
    sender.declare(missing_file="accept")
    assert [file.resource for file in sender.land().files] == ["a.csv"]
    assert sender.findings() == [("missing_file", "accept")]


def test_an_acknowledgement_holds_for_exactly_these_bytes(sender: Sender) -> None:
    sender.send("a.csv", 20)
    sender.send("b.csv", 20, first=100)
    before = sender.land().files
    sender.take_back("b.csv")
    known = {"finding": "missing_file", "reason": "Gộp vào a.csv", "role": "Trưởng phòng"}
    sender.declare(acknowledged=[{**known, "sha256": "0" * 64}])
    with pytest.raises(ArrivalError):
        sender.land()
    sender.declare(acknowledged=[{**known, "sha256": before[1].raw_sha256}])
    assert len(sender.land().files) == 1


def test_a_row_count_outside_the_band_of_its_history_warns_or_blocks_as_declared(
    sender: Sender,
) -> None:
    for amount in ("1", "2", "3", "4"):
        sender.send("a.csv", 100, amount=amount)
        sender.land()
    sender.send("a.csv", 10)
    sender.declare(row_count={"action": "block", "band": 0.3})
    with pytest.raises(ArrivalError, match=r"row_count.*10 rows; expected .*median 100"):
        sender.land()
    assert sender.now()[0].accepted == 100
    sender.declare(row_count="warn", size="accept")
    assert sender.land().accepted == 10
    assert ("row_count", "warn") in sender.findings()


def test_a_file_in_which_everything_is_quarantined_never_replaces_a_good_one(
    sender: Sender,
) -> None:
    sender.send("a.csv", 100)
    sender.land()
    sender.send("a.csv", 100, amount="nhiều")
    with pytest.raises(ArrivalError, match=r"retyped_column.*column amount"):
        sender.land()
    assert sender.now()[0].accepted == 100


def test_a_renamed_column_is_refused_with_the_name_it_seems_to_have_now(sender: Sender) -> None:
    sender.send("a.csv", 5)
    sender.land()
    (sender.folder / "sample" / "a.csv").write_text(
        "Mã,Số tiền (đồng)\n00001,1\n00002,2\n", encoding="utf-8"
    )
    with pytest.raises(ReadError, match=r"renamed: Số tiền → Số tiền \(đồng\)"):
        sender.land()
    assert sender.findings() == [("renamed_column", "block")]
    assert sender.now()[0].accepted == 5


def test_an_added_column_that_is_accepted_is_left_out_and_on_record(sender: Sender) -> None:
    sender.declare(added_column="warn")
    (sender.folder / "sample" / "a.csv").write_text(
        "Mã,Ghi chú,Số tiền\n00001,x,1\n", encoding="utf-8"
    )
    assert sender.land().accepted == 1
    assert ("added_column", "warn") in sender.findings()


def yearly(sender: Sender, **arrival: Any) -> None:
    """Make the source one of yearly figures per code."""
    path = sender.folder / "contract.yaml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    columns = said["schema"][0]["properties"]
    year = {**columns[0], "name": "year", "physicalName": "Năm", "physicalType": "INTEGER"}
    year.pop("logicalTypeOptions")
    columns.insert(1, {**year, "primaryKeyPosition": 2})
    path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    sender.declare(**arrival)


def figures(sender: Sender, name: str, *years: tuple[int, int]) -> None:
    lines = [
        f"{code:05},{year},{1000 * code + change}\n"
        for year, change in years
        for code in (1, 2, 3, 4)
    ]
    (sender.folder / "sample" / name).write_text(
        "Mã,Năm,Số tiền\n" + "".join(lines), encoding="utf-8"
    )


def test_figures_that_repeat_last_year_to_the_digit_are_found(sender: Sender) -> None:
    rule = {"action": "block", "column": "year", "measures": ["amount"], "by": ["code"]}
    yearly(sender, repeated_values=rule)
    figures(sender, "all.csv", (2023, 0))
    sender.land()
    figures(sender, "all.csv", (2023, 0), (2024, 7))
    sender.land()
    figures(sender, "all.csv", (2023, 0), (2024, 7), (2025, 7))
    with pytest.raises(ArrivalError, match="repeated_values"):
        sender.land()


def test_a_period_that_went_missing_from_a_file_blocks(sender: Sender) -> None:
    yearly(sender, missing_period={"column": "year"})
    figures(sender, "all.csv", (2023, 0), (2024, 7))
    sender.land()
    figures(sender, "all.csv", (2024, 7), (2025, 9))
    with pytest.raises(ArrivalError, match="no row for 2023"):
        sender.land()


def test_an_acknowledgement_lands_no_file_again(sender: Sender) -> None:
    sender.declare()
    sender.send("a.csv", 20)
    sender.land()
    sender.declare(acknowledged=[{"finding": "size", "sha256": "0" * 64}])
    assert sender.land().fresh == 0
    sender.declare(size="accept")
    assert sender.land().fresh == 1


def test_a_file_of_another_size_than_its_neighbours_is_told_by_them(sender: Sender) -> None:
    for month in range(1, 5):
        sender.send(f"{month}.csv", 100, first=1000 * month)
    sender.land()
    sender.send("5.csv", 5, first=5000)
    sender.land()
    assert ("row_count", "warn") in sender.findings()
    assert ("size", "warn") in sender.findings()


def test_without_enough_history_there_is_no_band_and_the_log_says_so(sender: Sender) -> None:
    sender.send("a.csv", 100)
    said: list[str] = []
    contract = load_sources(sender.folder.parent)["things"]
    raw.pull(contract, sender.home, sender.ledger)
    landing.land(contract, sender.home, sender.ledger, report=said.append)
    assert any("1 new file(s) without a band" in line for line in said)


def test_more_and_more_rows_with_one_key_are_found(sender: Sender) -> None:
    sender.send("a.csv", 100)
    sender.land()
    twins = "".join(f"{number:05},1\n" * 2 for number in range(1, 51))
    (sender.folder / "sample" / "a.csv").write_text("Mã,Số tiền\n" + twins, encoding="utf-8")
    sender.declare(quarantined_rows="accept")
    sender.land()
    assert ("duplicate_keys", "warn") in sender.findings()


def test_a_finding_is_recorded_once_however_often_the_same_set_is_landed(sender: Sender) -> None:
    sender.send("a.csv", 20)
    sender.send("b.csv", 20, first=100)
    sender.land()
    sender.take_back("b.csv")
    for _ in range(3):
        with pytest.raises(ArrivalError):
            sender.land()
    assert sender.findings() == [("missing_file", "block")]


def test_the_gate_reads_no_data_of_the_history(sender: Sender) -> None:
    rule = {"action": "warn", "column": "year", "measures": ["amount"], "by": ["code"]}
    yearly(sender, repeated_values=rule, missing_period={"column": "year"})
    for year in (2020, 2021, 2022):
        figures(sender, f"{year}.csv", (year, year))
    sender.land()
    found = landing.current(sender.home, "things")
    assert found is not None
    for file in found.files:  # a gate that opened one of them would fail
        (sender.home.landed / "things" / file.file).write_bytes(b"no parquet")
    figures(sender, "2023.csv", (2023, 7))
    assert sender.land().fresh == 1
