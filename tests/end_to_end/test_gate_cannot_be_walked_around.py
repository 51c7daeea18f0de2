"""Nothing unproven gets out, whatever somebody does between the steps."""

import json
import sqlite3
from collections.abc import Callable

import duckdb
import pytest

from pipelines.settings import Home
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
    import subprocess

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
