"""What was set aside is listed, shown, sent to its owner and taken back."""

import csv
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from pipelines import settings
from pipelines.cli import app
from pipelines.contracts import in_use, load
from pipelines.contracts.load import load_sources
from pipelines.ingest import raw
from pipelines.ingest.quarantine import MASK, groups, rows
from pipelines.ingest.receive import receive
from pipelines.ledger import Ledger
from pipelines.settings import Home

TEXT = "Mã,Số tiền\n00001,1\nNguyễn Văn A,2\n00003,nhiều\n00004,=1+1\n00005,5,6\n"


@pytest.fixture
def set_aside(things: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A landed source whose code is personal, four of whose five rows are quarantined."""
    path = things / "contract.yaml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    said["schema"][0]["properties"][0]["classification"] = "personal"
    path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    monkeypatch.setattr(settings, "SOURCES", things.parent)
    monkeypatch.setattr(load.load_sources, "__defaults__", (things.parent,))
    monkeypatch.setattr(in_use.sources_in_use, "__defaults__", (things.parent,))
    (things / "sample" / "a.csv").write_text(TEXT, encoding="utf-8")
    contract = load_sources(things.parent)["things"]
    raw.pull(contract, home, Ledger(home.ledger))
    receive(contract, home, Ledger(home.ledger))
    return things


def khomo(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["quarantine", *arguments], env={"COLUMNS": "200"})
    return done.exit_code, done.output


def test_reasons_are_counted_and_explained(set_aside: Path, home: Home) -> None:
    found = groups(load_sources(set_aside.parent)["things"], home)
    assert [(group.reason, group.rows) for group in found] == [
        ("amount: type", 2),
        ("code: pattern", 1),
        ("columns: columns", 1),
    ]
    code, output = khomo("list")
    assert code == 0 and "không đúng mẫu đã khai báo" in output


def test_personal_values_are_masked_until_they_are_asked_for(set_aside: Path, home: Home) -> None:
    contract = load_sources(set_aside.parent)["things"]
    shown = [(row.number, row.header, row.value) for row in rows(contract, home)]
    assert shown == [
        (3, "Mã", MASK),
        (4, "Số tiền", "nhiều"),
        (5, "Số tiền", "=1+1"),
        (6, "(cả dòng)", MASK),
    ]
    assert "Nguyễn" not in khomo("show", "things")[1]
    assert "Nguyễn Văn A" in khomo("show", "things", "--personal")[1]
    assert khomo("show", "things", "-r", "amount: type")[1].count("row") == 2


def test_the_export_says_where_what_and_how_to_mend_and_runs_no_formula(
    set_aside: Path, tmp_path: Path
) -> None:
    target = tmp_path / "for-the-owner.csv"
    assert khomo("export", "things", "--out", str(target))[0] == 0
    assert target.stat().st_mode & 0o777 == 0o600
    data = target.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and "Nguyễn".encode() not in data
    lines = list(csv.reader(data.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert lines[2][:6] == [
        *("a.csv", "4", "Số tiền", "nhiều", "không đúng kiểu hoặc định dạng đã khai báo"),
        "Viết lại đúng kiểu và định dạng đã thống nhất.",
    ]
    assert lines[3][3] == "'=1+1"
    assert khomo("export", "things", "--out", str(target))[0] == 2


def test_a_replay_after_a_correction_says_what_was_mended(set_aside: Path) -> None:
    (set_aside / "corrections.yaml").write_text(
        yaml.safe_dump(
            [
                {
                    "id": "amount-of-3",
                    "table": "things",
                    "key": {"code": "00003"},
                    "action": "override",
                    "set": {"amount": "3"},
                    "reason": {"vi": "Gõ nhầm", "en": "Typing error"},
                    "evidence": "Công văn 12/STC",
                    "role": "Trưởng phòng",
                    "date": "2026-11-01",
                }
            ],
            allow_unicode=True,
        ),
        encoding="utf-8",
    )
    code, output = khomo("replay", "things")
    assert code == 0 and "amount: type: 2 → 1" in output, output


def test_a_source_that_does_not_exist_leaves_with_two(set_aside: Path) -> None:
    assert khomo("show", "nothing")[0] == 2
