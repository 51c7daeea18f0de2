"""Two runs at once, readers during a run, and a run that is killed."""

import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable

import duckdb

from pipelines.lock import hold
from pipelines.publish.verify import verify
from pipelines.settings import Home
from tests.end_to_end.conftest import KHOMO, Run, environment, khomo, release_bytes, released

SEED = 20261101
KILLS = 5


def start(home: Home, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*KHOMO, *arguments],
        env=environment(home.root),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def forget_builds(home: Home) -> None:
    """Make the next run build the warehouse again, though nothing changed."""
    with sqlite3.connect(home.ledger) as connection:
        connection.execute("delete from builds")


def test_a_second_run_waits_names_the_holder_and_readers_are_served_meanwhile(
    a_copy: Callable[[], Home],
) -> None:
    home = a_copy()
    with hold(home, "run 1234, started by a test", lambda _message: None):
        second = start(home, "run", "--select", "key:report/data_quality")
        time.sleep(12)
        assert second.poll() is None
        answer = khomo(home.root, "sql", "select 1 as one", "-f", "csv")
        assert answer.stdout.split() == ["one", "1"]
        status = khomo(home.root, "status")
        assert "run 1234, started by a test" in status.stdout
    output, _ = second.communicate(timeout=120)
    assert second.returncode == 0, output
    assert "waiting for run 1234, started by a test" in output


def test_sql_answers_while_a_warehouse_is_being_built(a_copy: Callable[[], Home]) -> None:
    home = a_copy()
    forget_builds(home)
    run = start(home, "run")
    answered = 0
    try:
        for _ in range(300):
            if run.poll() is not None:
                break
            if (home.warehouse / "building").exists():
                done = khomo(home.root, "sql", "select count(*) as n from marts.dim_admin_unit")
                assert done.returncode == 0, done.stdout
                answered += 1
            time.sleep(0.5)
        output, _ = run.communicate(timeout=300)
    finally:
        run.kill()
    assert run.returncode == 0, output[-3000:]
    assert answered >= 1


def test_a_killed_run_leaves_the_last_good_state_and_the_next_one_finishes(
    first_run: Run, a_copy: Callable[[], Home]
) -> None:
    """SIGKILL of the real process at recorded random moments of a run that has everything to do."""
    home = a_copy()
    moments = random.Random(SEED)
    wanted = release_bytes(first_run.home)
    forget_builds(home)
    for folder in (home.landed, home.candidates, home.releases):
        shutil.rmtree(folder)
        folder.mkdir()
    for _ in range(KILLS):
        run = start(home, "run")
        time.sleep(moments.uniform(6, 45))
        run.send_signal(signal.SIGKILL)
        run.communicate(timeout=60)
        for folder, problems in verify(home.releases).items():
            assert problems == [], folder
        for name, version in released(home).items():
            for file in (home.releases / name / version).iterdir():
                assert file.read_bytes() == wanted[f"{name}/{version}/{file.name}"]
        with duckdb.connect(str(home.promoted.resolve()), read_only=True) as connection:
            assert connection.execute("select count(*) from marts.dim_admin_unit").fetchone() == (
                14403,
            )
    done = khomo(home.root, "run")
    assert done.returncode == 0, done.stdout[-3000:]
    assert release_bytes(home) == wanted
    leftovers = [path for path in home.root.rglob("*draft*") if "dagster" not in path.parts]
    assert leftovers == []
