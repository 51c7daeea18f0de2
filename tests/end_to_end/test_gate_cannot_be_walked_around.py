"""Nothing unproven gets out, whatever somebody does between the steps."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.canonical import canonical_json, sha256_file
from pipelines.publish.layout import SUMS, release_files, sums
from pipelines.publish.signing import known_keys, new_key, signer
from pipelines.publish.verify import verify
from pipelines.settings import PROJECT_ROOT, Home
from tests.end_to_end.conftest import KHOMO, environment, khomo, release_bytes, released

PUBLISH_ONLY = "key:candidate/dti_ranks+"


def withheld_reasons(home: Home, dataset: str) -> list[str]:
    with sqlite3.connect(home.ledger) as connection:
        [(outcome, reasons)] = connection.execute(
            "select outcome, reasons from decisions where dataset = ? order by id desc limit 1",
            [dataset],
        ).fetchall()
    assert outcome == "withheld"
    return [reason["check"] for reason in json.loads(reasons)]


@pytest.fixture
def home(a_copy: Callable[[], Home]) -> Home:
    return a_copy()


def change_by_hand(home: Home, statement: str) -> None:
    with duckdb.connect(str(home.promoted.resolve())) as connection:
        connection.execute(statement)


def test_a_change_by_hand_and_a_run_of_the_publishing_assets_only(home: Home) -> None:
    before = release_bytes(home)
    change_by_hand(home, "update marts.mart_dti_ranks set rank = 1 where rank = 37")
    done = khomo(home.root, "run", "--select", PUBLISH_ONLY)
    assert done.returncode == 1, done.stdout
    assert "dti-ranks is withheld" in done.stdout
    assert withheld_reasons(home, "dti-ranks")
    assert release_bytes(home) == before


def test_a_whole_run_heals_a_change_by_hand(home: Home) -> None:
    before = release_bytes(home)
    change_by_hand(home, "delete from marts.mart_dti_ranks")
    done = khomo(home.root, "run")
    assert done.returncode == 0, done.stdout[-3000:]
    assert release_bytes(home) == before


def test_an_exporter_that_corrupts_a_value(home: Home) -> None:
    """The mart is right and tested; the file says something else."""
    before = release_bytes(home)
    (home.candidates / ".dti-ranks.made").unlink()
    corrupt = """
import duckdb, sys
import pipelines.publish.export as export
honest = export.write_parquet, export.write_csv
def faulty(original):
    def write(connection, relation, *rest, **named):
        connection.execute(
            "create or replace temp table faulty as select * replace (rank + 1 as rank) from "
            + relation
        )
        return original(connection, "faulty", *rest, **named)
    return write
export.write_parquet, export.write_csv = map(faulty, honest)
from pipelines.cli import app
app(["run", "--select", sys.argv[1]])
"""
    done = subprocess.run(
        [KHOMO[0], "-c", corrupt, PUBLISH_ONLY],
        env=environment(home.root),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert withheld_reasons(home, "dti-ranks")
    assert release_bytes(home) == before


@pytest.mark.parametrize("engine", ["dbt", "great_expectations", "khomo"])
def test_a_deleted_result(home: Home, engine: str) -> None:
    """One missing result is enough, whatever engine it came from."""
    with sqlite3.connect(home.ledger) as connection:
        [(name,)] = connection.execute(
            "select check_name from check_results where dataset = 'procedures' and engine = ?"
            " order by check_name limit 1",
            [engine],
        ).fetchall()
        connection.execute(
            "delete from check_results where dataset = 'procedures' and check_name = ?", [name]
        )
    done = khomo(home.root, "run", "--select", "key:decision/procedures")
    assert done.returncode == 1, done.stdout
    assert withheld_reasons(home, "procedures") == [name]
    assert "procedures" in released(home)
    # what the message tells people to do must work, where checking again is enough
    if engine != "dbt":
        healed = khomo(home.root, "run", "--select", "key:candidate/procedures+")
        assert healed.returncode == 0, healed.stdout
        assert "procedures: unchanged" in healed.stdout


def test_a_candidate_edited_between_check_and_decision(home: Home) -> None:
    before = release_bytes(home)
    file = (home.candidates / "procedures").resolve() / "procedures.csv"
    file.chmod(0o600)
    file.write_text(file.read_text(encoding="utf-8").replace("Hộ tịch", "Hộ tich", 1))
    done = khomo(home.root, "run", "--select", "key:decision/procedures")
    assert done.returncode == 1, done.stdout
    assert withheld_reasons(home, "procedures")
    assert release_bytes(home) == before


def test_one_flipped_byte_in_a_release_fails_verification_and_names_the_file(home: Home) -> None:
    for path in sorted((home.releases / "dti-ranks" / "latest").resolve().iterdir()):
        good = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(good[:50] + bytes([good[50] ^ 1]) + good[51:])
        done = khomo(home.root, "verify", "--all")
        assert done.returncode == 1, path.name
        assert path.name in done.stdout
        path.write_bytes(good)
    assert khomo(home.root, "verify", "--all").returncode == 0


def test_results_for_other_bytes(home: Home) -> None:
    """Every result there is says passed, but on another digest, as after a forged ledger."""
    before = release_bytes(home)
    with sqlite3.connect(home.ledger) as connection:
        connection.execute(
            "update check_results set subject = ? where dataset = 'procedures'", ["0" * 64]
        )
    done = khomo(home.root, "run", "--select", "key:decision/procedures")
    assert done.returncode == 1, done.stdout
    with sqlite3.connect(home.ledger) as connection:
        required = connection.execute(
            "select count(distinct check_name) from check_results where dataset = 'procedures'"
        ).fetchone()
    assert required == (len(withheld_reasons(home, "procedures")),)
    assert release_bytes(home) == before


def test_stale_results_of_an_earlier_build(home: Home) -> None:
    """What was tested was another build of the same content, from other inputs."""
    with sqlite3.connect(home.ledger) as connection:
        connection.execute(
            "update check_results set build_id = 'earlier'"
            " where dataset = 'procedures' and engine = 'dbt'"
        )
    done = khomo(home.root, "run", "--select", "key:decision/procedures")
    assert done.returncode == 1, done.stdout
    assert "not run on these bytes" in done.stdout
    reasons = withheld_reasons(home, "procedures")
    assert reasons
    assert all(name.startswith("dbt.") for name in reasons)


def test_a_withheld_decision_edited_to_publish(home: Home) -> None:
    """A decision is never read back: the step that releases makes it anew."""
    before = release_bytes(home)
    with sqlite3.connect(home.ledger) as connection:
        connection.execute("delete from check_results where check_name = 'readback_csv'")
    assert khomo(home.root, "run", "--select", "key:decision/procedures").returncode == 1
    path = (home.candidates / "procedures").resolve() / "decision.json"
    said = json.loads(path.read_bytes())
    path.write_bytes(canonical_json(said | {"verdict": "publish", "reasons": []}, indent=2))
    done = khomo(home.root, "run", "--select", "key:release/procedures")
    assert done.returncode == 1, done.stdout
    assert withheld_reasons(home, "procedures") == ["readback_csv"]
    assert json.loads(path.read_bytes())["verdict"] == "withhold"
    assert release_bytes(home) == before


def _edit_release(home: Home, sign: Callable[[bytes], bytes] | None) -> Path:
    """Change what a published decision says and make SHA256SUMS fit, as a forger would."""
    folder = (home.releases / "dti-ranks" / "latest").resolve()
    decision = json.loads((folder / "decision.json").read_bytes())
    decision["code"] = "0.0.0"
    for path in folder.iterdir():
        path.chmod(0o600)
    data = canonical_json(decision, indent=2)
    (folder / "decision.json").write_bytes(data)
    if sign is not None:
        (folder / "decision.sig").write_bytes(sign(data))
    names = [name for name in release_files("dti-ranks") if name != SUMS]
    (folder / SUMS).write_bytes(sums({name: sha256_file(folder / name) for name in names}))
    return folder


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed by another"])
def test_an_edited_decision_in_a_release(home: Home, tmp_path: Path, signed: bool) -> None:
    other = Home(tmp_path / "other").create()
    _edit_release(home, signer(other).sign if signed else None)
    done = khomo(home.root, "verify", "--all")
    assert done.returncode == 1, done.stdout
    assert "dti-ranks" in done.stdout
    assert "decision.sig" in done.stdout
    again = khomo(home.root, "run", "--select", PUBLISH_ONLY)
    assert again.returncode == 1, again.stdout
    assert withheld_reasons(home, "dti-ranks") == ["release.existing"]


def test_a_copy_is_verified_with_nothing_but_the_public_key(home: Home, tmp_path: Path) -> None:
    public, anothers = tmp_path / "ours.pem", tmp_path / "theirs.pem"
    assert khomo(home.root, "key", "export", "--out", str(public)).returncode == 0
    other = Home(tmp_path / "other").create()
    new_key(other)
    anothers.write_bytes(signer(other).public)
    copy = tmp_path / "downloads"
    shutil.copytree(home.releases, copy, symlinks=True)
    nowhere = tmp_path / "no home"
    good = khomo(nowhere, "verify", str(copy), "--key", str(public))
    assert good.returncode == 0, good.stdout
    assert "not proved" not in good.stdout
    assert khomo(nowhere, "verify", str(copy), "--key", str(anothers)).returncode == 1
    unproved = khomo(nowhere, "verify", str(copy))
    assert unproved.returncode == 0
    assert "Origin is not proved" in unproved.stdout
    published = khomo(nowhere, "verify", str(copy), "--key", str(home.catalogue / "keys"))
    assert published.returncode == 0, published.stdout


def test_two_runs_at_once_that_publish_the_same(home: Home) -> None:
    wanted = release_bytes(home)
    shutil.rmtree(home.releases / "dti-ranks")
    runs = [
        subprocess.Popen(
            [*KHOMO, "run", "--select", PUBLISH_ONLY],
            env=environment(home.root),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=300)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    with sqlite3.connect(home.ledger) as connection:
        outcomes = connection.execute(
            "select outcome from decisions where dataset = 'dti-ranks' order by id desc limit 2"
        ).fetchall()
    assert outcomes == [("unchanged",), ("published",)]
    assert release_bytes(home) == wanted
    assert not any(verify(home.releases, known_keys(home)).values())


def test_a_hand_that_writes_while_a_run_publishes(home: Home) -> None:
    """Whoever holds the warehouse open for writing stops the run; nothing half-read gets out."""
    before = release_bytes(home)
    (home.candidates / ".dti-ranks.made").unlink()
    with duckdb.connect(str(home.promoted.resolve())) as connection:
        connection.execute("update marts.mart_dti_ranks set rank = 1 where rank = 37")
        during = khomo(home.root, "run", "--select", PUBLISH_ONLY)
    assert during.returncode == 1, during.stdout
    assert release_bytes(home) == before
    after = khomo(home.root, "run", "--select", PUBLISH_ONLY)
    assert after.returncode == 1, after.stdout
    assert "gate.content" in withheld_reasons(home, "dti-ranks")
    assert release_bytes(home) == before


def test_a_withdrawn_release_does_not_come_back_with_the_next_run(home: Home) -> None:
    version = released(home)["dti-ranks"]
    said = ("--reason", "Sai thứ hạng", "--role", "Sở Khoa học và Công nghệ")
    taken = khomo(home.root, "withdraw", "dti-ranks", version, *said)
    assert taken.returncode == 0, taken.stdout
    again = khomo(home.root, "run", "--select", PUBLISH_ONLY)
    assert again.returncode == 1, again.stdout
    assert withheld_reasons(home, "dti-ranks") == ["release.withdrawn"]
    assert "dti-ranks" not in released(home)
    assert khomo(home.root, "verify", "--all").returncode == 0
    undone = khomo(home.root, "withdraw", "dti-ranks", version, *said, "--undo")
    assert undone.returncode == 0, undone.stdout
    back = khomo(home.root, "run", "--select", PUBLISH_ONLY)
    assert back.returncode == 0, back.stdout
    assert released(home)["dti-ranks"] == version


def test_a_waiver_lets_out_until_its_last_day_and_not_after(home: Home, tmp_path: Path) -> None:
    """In a copy of the project, whose contract has a rule that the data breaks."""
    project = tmp_path / "project"
    project.mkdir()
    for name in ("pipelines", "sources", "open_data", "dbt_project", "province.yaml"):
        target = PROJECT_ROOT / name
        if target.is_dir():
            shutil.copytree(target, project / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(target, project / name)
    folder = project / "open_data" / "procedures"
    contract = yaml.safe_load((folder / "contract.yaml").read_text(encoding="utf-8"))
    contract["schema"][0].setdefault("quality", []).append(
        {
            "name": "nothing_is_listed",
            "description": "Không dòng nào",
            "dimension": "accuracy",
            "severity": "blocker",
            "type": "sql",
            "query": "select count(*) from {object}",
            "mustBe": 0,
        }
    )
    (folder / "contract.yaml").write_text(
        yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8"
    )
    waiver = {
        "check": "rule.nothing_is_listed",
        "reason": {"vi": "Đang rà soát", "en": "Being looked into"},
        "role": "Phòng Dữ liệu mở",
        "expires": "2031-03-31",
    }
    (folder / "waivers.yaml").write_text(
        yaml.safe_dump([waiver], allow_unicode=True), encoding="utf-8"
    )

    def publish(moment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*KHOMO, "run", "--select", "key:candidate/procedures+"],
            cwd=project,
            env=environment(home.root, KHOMO_NOW=moment, PYTHONPATH=str(project)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )

    first = released(home)["procedures"]
    on_its_last_day = publish("2031-03-31T23:00:00+07:00")
    assert on_its_last_day.returncode == 0, on_its_last_day.stdout[-3000:]
    waived = released(home)["procedures"]
    assert waived != first

    the_day_after = publish("2031-04-01T00:30:00+07:00")
    assert the_day_after.returncode == 1, the_day_after.stdout[-3000:]
    assert withheld_reasons(home, "procedures") == ["rule.nothing_is_listed"]
    assert released(home)["procedures"] == waived
    assert "rule.nothing_is_listed" in (home.report / "index.html").read_text(encoding="utf-8")
