"""Every row pulled is accepted or quarantined with a reason, and they add up."""

import json
import sqlite3
import unicodedata
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.contracts import SourceContract
from pipelines.contracts.lint import lint_all
from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.readers import ReadError
from pipelines.ledger import MIGRATIONS, Ledger, LedgerError
from pipelines.settings import Home
from tests.conftest import write_contract


def contract_of(folder: Path) -> SourceContract:
    return load_sources(folder.parent)[folder.name]


def land(folder: Path, home: Home, ledger: Ledger) -> landing.Landing:
    contract = contract_of(folder)
    raw.pull(contract, home, ledger)
    return landing.land(contract, home, ledger)


def rows(home: Home, where: str, query: str = "*") -> list[tuple[Any, ...]]:
    files = sorted(str(path) for path in (home.root / where).rglob("*.parquet"))
    return duckdb.sql(f"select {query} from read_parquet({files}) order by _row").fetchall()


def test_good_rows_are_typed_and_know_their_row(things: Path, home: Home, ledger: Ledger) -> None:
    (things / "sample" / "a.csv").write_text("Mã,Số tiền\n00004,1.234\n00007,\n", encoding="utf-8")
    done = land(things, home, ledger)
    assert (done.pulled, done.accepted, done.quarantined) == (2, 2, 0)
    assert rows(home, "landed", "code, amount::varchar, _row, _resource") == [
        ("00004", "1234.00", 2, "a.csv"),
        ("00007", None, 3, "a.csv"),
    ]


def test_a_bad_row_is_quarantined_with_column_rule_row_and_original(
    things: Path, home: Home, ledger: Ledger
) -> None:
    (things / "sample" / "a.csv").write_text(
        "Mã,Số tiền\n00004,1\n4,nhiều\n00007,2\n", encoding="utf-8"
    )
    done = land(things, home, ledger)
    assert (done.pulled, done.accepted, done.quarantined) == (3, 2, 1)
    assert done.reasons == {"amount: type": 1, "code: pattern": 1}
    [(row, reasons, original)] = rows(home, "quarantine", "_row, _reasons, _original")
    assert (row, reasons) == (3, ["code: pattern", "amount: type"])
    assert json.loads(original) == {"Mã": "4", "Số tiền": "nhiều"}
    assert [row for (row,) in rows(home, "landed", "_row")] == [2, 4]


def test_lines_that_cannot_be_split_are_counted_and_shift_no_row_number(
    things: Path, home: Home, ledger: Ledger
) -> None:
    (things / "sample" / "a.csv").write_text(
        'Mã,Số tiền\n00001,1\n00002,2,3\n00003,"3\n"\n00004\n00005,5\n', encoding="utf-8"
    )
    done = land(things, home, ledger)
    assert (done.pulled, done.accepted, done.quarantined) == (5, 3, 2)
    assert rows(home, "landed", "code, _row") == [("00001", 2), ("00003", 4), ("00005", 6)]
    assert [(row, reason) for row, reason in rows(home, "quarantine", "_row, _reasons")] == [
        (3, ["columns: columns"]),
        (5, ["columns: columns"]),
    ]


def test_an_exact_repetition_keeps_one_row_and_a_conflict_keeps_none(
    things: Path, home: Home, ledger: Ledger
) -> None:
    (things / "sample" / "a.csv").write_text(
        "Mã,Số tiền\n00001,1\n00001,1\n00002,1\n00002,2\n00003,3\n", encoding="utf-8"
    )
    done = land(things, home, ledger)
    assert [code for (code,) in rows(home, "landed", "code")] == ["00001", "00003"]
    assert done.reasons == {"code: conflict": 2, "code: duplicate": 1}
    assert done.pulled == done.accepted + done.quarantined == 5


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(
    things: Path, home: Home, ledger: Ledger
) -> None:
    (things / "sample" / "a.csv").write_bytes("\ufeffMã,Số tiền\r\n00004,1\r\n".encode())
    assert land(things, home, ledger).accepted == 1
    assert rows(home, "landed", "code") == [("00004",)]


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("Mã,Tiền", "columns that seem to have been renamed: Số tiền → Tiền"),
        ("Mã,Xã", "missing columns: Số tiền; columns the contract does not know: Xã"),
        ("Mã,Số tiền,Ghi chú", "columns the contract does not know: Ghi chú"),
        ("Mã,Mã,Số tiền", "columns that occur twice: Mã"),
    ],
)
def test_a_header_that_does_not_fit_is_refused_by_name_and_lands_nothing(
    things: Path, home: Home, ledger: Ledger, header: str, complaint: str
) -> None:
    (things / "sample" / "a.csv").write_text(f"{header}\n00001,1,2\n", encoding="utf-8")
    with pytest.raises(ReadError, match=complaint) as caught:
        land(things, home, ledger)
    assert "file a.csv" in str(caught.value)
    assert landing.current(home, "things") is None


def test_columns_may_come_in_another_order(things: Path, home: Home, ledger: Ledger) -> None:
    (things / "sample" / "a.csv").write_text("Số tiền,Mã\n5,00001\n", encoding="utf-8")
    land(things, home, ledger)
    assert rows(home, "landed", "code, amount::varchar") == [("00001", "5.00")]


def test_an_unchanged_file_is_not_landed_again(things: Path, home: Home, ledger: Ledger) -> None:
    for month in ("01", "02"):
        (things / "sample" / f"{month}.csv").write_text(
            f"Mã,Số tiền\n000{month},1\n", encoding="utf-8"
        )
    assert land(things, home, ledger).fresh == 2
    assert land(things, home, ledger).fresh == 0
    (things / "sample" / "03.csv").write_text("Mã,Số tiền\n00003,1\n", encoding="utf-8")
    assert land(things, home, ledger).fresh == 1
    outcomes = ledger.rows("select resource, outcome from pulls order by id desc limit 3")
    assert {row["resource"]: row["outcome"] for row in outcomes} == {
        "01.csv": "unchanged",
        "02.csv": "unchanged",
        "03.csv": "new",
    }


def test_a_changed_contract_lands_the_same_bytes_again(
    things: Path, home: Home, ledger: Ledger
) -> None:
    (things / "sample" / "a.csv").write_text("Mã,Số tiền\n00001,1\n", encoding="utf-8")
    first = land(things, home, ledger)
    write_contract(things.parent, "things", version="1.1.0")
    second = land(things, home, ledger)
    assert second.fresh == 1
    assert first.files[0].raw_sha256 == second.files[0].raw_sha256


def test_the_same_bytes_land_as_the_same_bytes(things: Path, tmp_path: Path) -> None:
    (things / "sample" / "a.csv").write_text("Mã,Số tiền\n00001,1\n4,x\n", encoding="utf-8")
    found = []
    for name in ("one", "two"):
        home = Home(tmp_path / name).create()
        land(things, home, Ledger(home.ledger))
        found.append(
            {
                path.relative_to(home.root): path.read_bytes()
                for folder in (home.landed, home.quarantine)
                for path in folder.rglob("*.*")
            }
        )
    assert found[0] == found[1]
    assert len(found[0]) == 3


def test_private_stages_are_closed_to_others(things: Path, home: Home, ledger: Ledger) -> None:
    (things / "sample" / "a.csv").write_text("Mã,Số tiền\n00001,1\n", encoding="utf-8")
    land(things, home, ledger)
    for folder in (home.root, *home.private):
        assert folder.stat().st_mode & 0o077 == 0, folder


def test_raw_bytes_are_kept_even_when_they_cannot_be_landed(
    things: Path, home: Home, ledger: Ledger
) -> None:
    (things / "sample" / "a.csv").write_bytes(b"\xff\xfe nothing we can read")
    with pytest.raises(ReadError, match="not valid UTF-8"):
        land(things, home, ledger)
    [file] = raw.current(home, "things").files  # type: ignore[union-attr]
    assert raw.blob(home, "things", file.sha256).read_bytes() == b"\xff\xfe nothing we can read"


def test_a_file_of_many_read_buffers_keeps_its_order(
    things: Path, home: Home, ledger: Ledger
) -> None:
    filler = "0" * 12
    with (things / "sample" / "a.csv").open("w", encoding="utf-8") as file:
        file.write("Mã,Số tiền\n")
        file.writelines(f"{n:05d},{n}{filler}\n" for n in range(100_000))
        file.writelines(f"bad {n} {'x' * 300},1\n" for n in range(150_000))
    done = land(things, home, ledger)
    assert (done.accepted, done.quarantined) == (100_000, 150_000)
    wrong = duckdb.sql(
        f"select count(*) from read_parquet('{home.landed}/*/*/*.parquet')"
        " where code::int + 2 <> _row"
    ).fetchone()
    assert wrong == (0,)
    wrong = duckdb.sql(
        f"select count(*) from read_parquet('{home.quarantine}/*/*/*.parquet')"
        " where split_part(_original->>'Mã', ' ', 2)::int + 100002 <> _row"
    ).fetchone()
    assert wrong == (0,)


def test_a_header_in_decomposed_letters_is_the_same_header(
    things: Path, home: Home, ledger: Ledger
) -> None:
    header = unicodedata.normalize("NFD", "Mã,Số tiền")
    (things / "sample" / "a.csv").write_text(f"{header}\n00001,1\n", encoding="utf-8")
    assert land(things, home, ledger).accepted == 1


def test_a_lost_ledger_learns_again_what_is_landed(
    things: Path, home: Home, ledger: Ledger
) -> None:
    (things / "sample" / "a.csv").write_text("Mã,Số tiền\n00001,1\n4,x\n", encoding="utf-8")
    land(things, home, ledger)
    ledger.path.unlink()
    assert land(things, home, ledger).fresh == 0
    [row] = ledger.rows("select * from landings")
    assert (row["pulled_rows"], row["accepted_rows"], row["quarantined_rows"]) == (2, 1, 1)
    land(things, home, ledger)
    assert len(ledger.rows("select * from landings")) == 1


def test_a_ledger_of_a_newer_version_is_refused_with_the_remedy(home: Home, ledger: Ledger) -> None:
    with sqlite3.connect(home.ledger) as connection:
        connection.execute("pragma user_version = 99")
    with pytest.raises(LedgerError, match=r"newer version of Kho Mở.*move the ledger away"):
        ledger.rows("select * from builds")


def test_a_ledger_of_the_first_version_is_brought_forward_with_what_it_holds(
    home: Home, ledger: Ledger
) -> None:
    with sqlite3.connect(home.ledger) as connection:
        connection.executescript(MIGRATIONS[0] + "pragma user_version = 1;")
        connection.execute(
            "insert into landings (source, table_name, resource, raw_sha256, contract_digest,"
            " pulled_rows, accepted_rows, quarantined_rows, reasons, landed_at)"
            " values ('things', 'things', 'a.csv', 'x', 'y', 2, 1, 1, '{}', '2026-01-01')"
        )
    [row] = ledger.rows("select pulled_rows, corrected_rows from landings")
    assert row == {"pulled_rows": 2, "corrected_rows": "{}"}
    assert ledger.rows("select * from arrivals") == []
    with sqlite3.connect(home.ledger) as connection:
        assert connection.execute("pragma user_version").fetchone() == (len(MIGRATIONS),)


def test_the_part_of_a_personal_code_that_is_no_secret_is_landed(
    tmp_path: Path, home: Home, ledger: Ledger
) -> None:
    path = write_contract(tmp_path / "sources", "things")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    code = document["schema"][0]["properties"][0]
    code["classification"] = "personal"
    code["logicalTypeOptions"] = {}
    code["customProperties"] += [
        {"property": "pseudonymise", "value": True},
        {"property": "keptPart", "value": {"name": "agency", "pattern": "^(.+)-[0-9]{4}$"}},
    ]
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    (path.parent / "sample").mkdir()
    (path.parent / "sample" / "a.csv").write_text(
        "Mã,Số tiền\n000.00.17.H28-0001,1\nH28.17-0002,2\nnothing,3\n", encoding="utf-8"
    )
    assert land(path.parent, home, ledger).accepted == 3
    assert rows(home, "landed", "agency, amount::integer") == [
        ("000.00.17.H28", 1),
        ("H28.17", 2),
        (None, 3),
    ]
    landed = next((home.root / "landed").rglob("*.parquet"))
    assert b"H28.17-0002" not in landed.read_bytes()


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"name": "agency", "pattern": "^.+$"}, "must have one group"),
        ({"name": "Agency", "pattern": "^(.+)$"}, "lower-case English"),
        ({"name": "agency", "pattern": "^(.+$"}, "no regular expression"),
        ({"pattern": "^(.+)$"}, "must be {name"),
        ({"name": "agency", "pattern": "^(.+)$", "plain": True}, "must be {name"),
    ],
)
def test_a_kept_part_names_one_group_of_a_pseudonymised_code(
    tmp_path: Path, said: dict[str, Any], problem: str
) -> None:
    path = write_contract(tmp_path / "sources", "things")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    code = document["schema"][0]["properties"][0]
    code["classification"] = "personal"
    code["customProperties"] += [
        {"property": "pseudonymise", "value": True},
        {"property": "keptPart", "value": said},
    ]
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    (tmp_path / "open_data").mkdir()
    found = lint_all(path.parent.parent, tmp_path / "open_data")[1]
    assert any(problem in text for text in found), found
