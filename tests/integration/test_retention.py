"""Raw personal data goes when its time is over; keys change; nothing that rests on them breaks."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from pipelines import settings
from pipelines.cli import app
from pipelines.contracts import load
from pipelines.contracts.lint import lint_all
from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.landing import LandingError
from pipelines.ingest.receive import receive
from pipelines.ledger import Ledger
from pipelines.settings import Home

RULE = {"raw": "24 months", "reason": {"vi": "Dữ liệu cá nhân", "en": "Personal data"}}


class Personal:
    """A keyed source whose code is personal, and the command over it."""

    def __init__(self, folder: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.home, self.ledger = folder, home, Ledger(home.ledger)
        path = folder / "contract.yaml"
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        code = said["schema"][0]["properties"][0]
        code["classification"] = "personal"
        code["customProperties"].append({"property": "pseudonymise", "value": True})
        said["customProperties"].append({"property": "retention", "value": RULE})
        path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
        for module in (settings, load):
            monkeypatch.setattr(module, "SOURCES", folder.parent)
        monkeypatch.setattr(load.load_sources, "__defaults__", (folder.parent,))
        from pipelines.contracts import in_use

        monkeypatch.setattr(in_use.sources_in_use, "__defaults__", (folder.parent,))

    def put(self, name: str, text: str) -> None:
        (self.folder / "sample" / name).write_text(text, encoding="utf-8")

    def take(self) -> landing.Landing:
        contract = load_sources(self.folder.parent)["things"]
        raw.pull(contract, self.home, self.ledger)
        return receive(contract, self.home, self.ledger)

    def khomo(self, *arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*arguments])
        return done.exit_code, done.output + str(done.exception or "")

    def keys(self) -> list[str]:
        files = [str(path) for path in self.home.landed.rglob("*.parquet")]
        rows = duckdb.sql(f"select code_key from read_parquet({files}) order by _row").fetchall()
        return [str(key) for (key,) in rows]

    def rows(self, where: str, query: str) -> list[tuple[Any, ...]]:
        files = [str(path) for path in (self.home.root / where).rglob("*.parquet")]
        return duckdb.sql(f"select {query} from read_parquet({files})").fetchall()


@pytest.fixture
def personal(things: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> Personal:
    source = Personal(things, home, monkeypatch)
    source.put("a.csv", "Mã,Số tiền\n00001,1\nNguyễn Văn A,2\n")
    return source


def test_a_purge_removes_bytes_and_originals_and_leaves_rows_and_ledger(personal: Personal) -> None:
    before = personal.take()
    code, output = personal.khomo(
        "purge", "things", "--before", "2027-01-01", "--reason", "hết hạn"
    )
    assert (code, "1 file(s) purged" in output) == (0, True), output
    assert not raw.blob(personal.home, "things", before.files[0].raw_sha256).exists()
    assert personal.rows("quarantine", "_row, _reasons, _original") == [
        (3, ["code: pattern"], None)
    ]
    [entry] = personal.ledger.rows("select purged_at, purge_reason, bytes from pulls")
    assert entry["purged_at"] and entry["purge_reason"] == "hết hạn" and entry["bytes"] > 0
    assert personal.rows("landed", "amount::int") == [(1,)]


def test_a_purged_file_is_not_fetched_again_until_it_changes(personal: Personal) -> None:
    first = personal.take()
    personal.khomo("purge", "things", "--before", "2027-01-01")
    (personal.folder / "sample" / "a.csv").touch()
    again = personal.take()
    assert (again.files, again.fresh) == (first.files, 0)
    assert not raw.blob(personal.home, "things", first.files[0].raw_sha256).exists()
    personal.put("a.csv", "Mã,Số tiền\n00002,2\n")
    assert personal.take().fresh == 1


def test_a_dry_run_and_a_file_within_its_time_change_nothing(personal: Personal) -> None:
    done = personal.take()
    assert "would go" in personal.khomo("purge", "things", "--before", "2027-01-01", "--dry-run")[1]
    assert "0 file(s) purged" in personal.khomo("purge", "things")[1]
    assert raw.blob(personal.home, "things", done.files[0].raw_sha256).exists()


def test_a_changed_contract_over_purged_bytes_says_so_and_keeps_the_last_landing(
    personal: Personal,
) -> None:
    before = personal.take()
    personal.khomo("purge", "things", "--before", "2027-01-01")
    path = personal.folder / "contract.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("1.0.0", "1.0.1"), encoding="utf-8")
    with pytest.raises(LandingError, match=r"a\.csv must be landed again.*raw bytes are gone"):
        personal.take()
    now = landing.current(personal.home, "things")
    assert now is not None and now.files == before.files


def test_a_new_key_changes_every_pseudonym_and_nothing_else(personal: Personal) -> None:
    before = personal.take()
    old = personal.keys()
    code, output = personal.khomo("secrets", "rotate")
    assert code == 0, output
    now = landing.current(personal.home, "things")
    assert now is not None and now.digest == before.digest
    assert len(personal.keys()) == len(old) == 1 and personal.keys() != old


def test_a_rotation_that_was_cut_off_is_finished_by_the_next_run(personal: Personal) -> None:
    personal.take()
    old = personal.keys()
    from pipelines.ingest.pseudonym import new_key

    new_key(personal.home)  # killed right after the key was replaced
    assert personal.keys() == old
    assert personal.take().fresh == 1
    assert personal.keys() != old


def test_a_rotation_over_purged_bytes_is_refused_before_anything_changes(
    personal: Personal,
) -> None:
    personal.take()
    key = (personal.home.secrets / "pseudonym.key").read_bytes()
    personal.khomo("purge", "things", "--before", "2027-01-01")
    code, output = personal.khomo("secrets", "rotate")
    assert code == 2 and "were purged" in output, output
    assert (personal.home.secrets / "pseudonym.key").read_bytes() == key


def test_a_key_from_the_environment_is_changed_there(
    personal: Personal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHOMO_PSEUDONYM_KEY", "from outside")
    assert "KHOMO_PSEUDONYM_KEY" in personal.khomo("secrets", "rotate")[1]


def test_lint_asks_for_a_rule_where_persons_are_identified(personal: Personal) -> None:
    path = personal.folder / "contract.yaml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    said["customProperties"] = [
        item for item in said["customProperties"] if item["property"] != "retention"
    ]
    path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    _, problems = lint_all(personal.folder.parent, personal.folder / "none")
    assert any("says not how long raw bytes are kept" in problem for problem in problems)
