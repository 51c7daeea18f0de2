"""Known errors of a source are corrected by a file beside it, counted, and never silently lost."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.contracts import ContractError
from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.landing import LandingError
from pipelines.ledger import Ledger
from pipelines.settings import Home

ROWS = "Mã,Số tiền\n00001,1\n00002,nhiều\n00003,3\n00003,4\n00004,4\n"


def correction(name: str, action: str, key: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "table": "things",
        "key": key,
        "action": action,
        "reason": {"vi": "Gõ nhầm", "en": "Typing error"},
        "evidence": "Công văn 12/STC",
        "role": "Trưởng phòng dữ liệu",
        "date": "2026-11-01",
        **more,
    }


@pytest.fixture
def corrected(things: Path) -> Path:
    (things / "sample" / "a.csv").write_text(ROWS, encoding="utf-8")
    return things


def declare(folder: Path, *corrections: dict[str, Any]) -> None:
    (folder / "corrections.yaml").write_text(
        yaml.safe_dump(list(corrections), allow_unicode=True), encoding="utf-8"
    )


def land(folder: Path, home: Home, ledger: Ledger) -> landing.Landing:
    contract = load_sources(folder.parent)["things"]
    raw.pull(contract, home, ledger)
    return landing.land(contract, home, ledger)


def rows(home: Home, where: str, query: str) -> list[tuple[Any, ...]]:
    files = [str(path) for path in (home.root / where).rglob("*.parquet")]
    return duckdb.sql(f"select {query} from read_parquet({files}) order by _row").fetchall()


OVERRIDE = correction("amount-of-2", "override", {"code": "00002"}, set={"amount": "2.000"})
DROP = correction("twin-of-3", "drop", {"code": "00003", "amount": "4"})
FLAG = correction("doubt-about-4", "flag", {"code": "00004"})


def test_an_override_is_judged_like_any_row_a_drop_is_quarantined_a_flag_is_kept(
    corrected: Path, home: Home, ledger: Ledger
) -> None:
    declare(corrected, OVERRIDE, DROP, FLAG)
    done = land(corrected, home, ledger)
    assert (done.pulled, done.accepted, done.quarantined) == (5, 4, 1)
    assert done.corrected == {"amount-of-2": 1, "doubt-about-4": 1, "twin-of-3": 1}
    assert rows(home, "landed", "code, amount::int, _correction") == [
        ("00001", 1, None),
        ("00002", 2000, "amount-of-2"),
        ("00003", 3, None),
        ("00004", 4, "doubt-about-4"),
    ]
    [(row, reasons, original)] = rows(home, "quarantine", "_row, _reasons, _original")
    assert (row, reasons, json.loads(original)["Số tiền"]) == (5, ["correction: dropped"], "4")
    [kept] = ledger.rows("select corrected_rows from landings")
    assert json.loads(kept["corrected_rows"]) == done.corrected


def test_an_override_that_is_wrong_itself_is_quarantined(
    corrected: Path, home: Home, ledger: Ledger
) -> None:
    declare(corrected, {**OVERRIDE, "set": {"amount": "nhiều hơn"}})
    assert land(corrected, home, ledger).reasons["amount: type"] == 1


def test_a_correction_that_matches_nothing_stops_the_landing_and_the_last_one_stays(
    corrected: Path, home: Home, ledger: Ledger
) -> None:
    before = land(corrected, home, ledger)
    declare(corrected, OVERRIDE, correction("gone", "drop", {"code": "99999"}))
    with pytest.raises(LandingError, match=r"match no row: gone \(code = '99999'\)"):
        land(corrected, home, ledger)
    now = landing.current(home, "things")
    assert now is not None and now.files == before.files
    assert rows(home, "landed", "code") == [("00001",), ("00004",)]


def test_only_files_that_a_correction_may_concern_are_landed_again(
    corrected: Path, home: Home, ledger: Ledger
) -> None:
    (corrected / "sample" / "b.csv").write_text("Mã,Số tiền\n00009,9\n", encoding="utf-8")
    land(corrected, home, ledger)
    declare(corrected, {**OVERRIDE, "file": "a*.csv"})
    assert land(corrected, home, ledger).fresh == 1
    (corrected / "corrections.yaml").unlink()
    undone = land(corrected, home, ledger)
    assert (undone.fresh, undone.corrected) == (1, {})


def test_the_same_corrections_give_the_same_digest_and_others_another(
    corrected: Path, home: Home, ledger: Ledger
) -> None:
    plain = land(corrected, home, ledger).digest
    declare(corrected, OVERRIDE)
    first = land(corrected, home, ledger).digest
    declare(corrected, {**OVERRIDE, "reason": {"vi": "Khác", "en": "Other words"}})
    assert land(corrected, home, ledger).digest == first != plain


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": {"nothing": "1"}}, "no column 'nothing'"),
        ({"table": "things2"}, "no table 'things2'"),
        ({"set": {}}, "`set` is what an override sets"),
        ({"key": {"code": 2}}, "text: write them in quotes"),
        ({"reason": "typing error"}, "reason"),
        ({"action": "guess"}, "action"),
    ],
)
def test_a_correction_that_cannot_be_used_names_the_entry(
    corrected: Path, home: Home, ledger: Ledger, changes: dict[str, Any], said: str
) -> None:
    declare(corrected, {**OVERRIDE, **changes})
    with pytest.raises(ContractError, match=said):
        land(corrected, home, ledger)
