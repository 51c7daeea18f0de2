"""SIGKILL of a real ingesting process at 100 recorded moments loses and duplicates nothing."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.canonical import sha256_file
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.settings import Home
from tests.integration.killable import Zygote, ingest

SEED = 20261127
KILLS = 100
INSIDE_WRITES = 80
FILES, ROWS, BAD = 4, 30_000, 7
AIMS = ("raw", "landed", "landed", "landed", "anything")
WHOLE_ROUND = 0.25  # seconds an undisturbed round takes at least; "anything" kills within them


@pytest.fixture
def zygote(things: Path, home: Home) -> Iterator[Zygote]:
    started = Zygote(home, "ingest", str(things.parent), "things")
    yield started
    started.end()


def upstream(things: Path, file: int, version: int) -> None:
    """File `file` in its `version`: ROWS rows, BAD of them with a broken code."""
    rows = [f"bad {number},{version}\n" for number in range(BAD)]
    rows += [f"{number:05},{version}\n" for number in range(ROWS - BAD)]
    path = things / "sample" / f"{file}.csv"
    path.write_text("Mã,Số tiền\n" + "".join(rows), encoding="utf-8")


def unfinished(home: Home, where: str) -> set[Path]:
    """Drafts of the stage `where`: what a write leaves behind when it is cut off."""
    return {
        path
        for path in (home.root / where / "things").iterdir()
        if path.name.startswith((".incoming-", ".draft-", ".current.json."))
    }


def being_written(home: Home) -> set[Path]:
    """Everything that is half written now."""
    journal = home.ledger.with_name(home.ledger.name + "-journal")
    return {
        *unfinished(home, "raw"),
        *unfinished(home, "landed"),
        *([journal] if journal.exists() else []),
    }


def rows_of(home: Home, landed: landing.Landing) -> list[tuple[object, ...]]:
    """(resource, rows, different codes, sum of amounts) of what counts as landed now."""
    files = [str(home.landed / "things" / file.file) for file in landed.files]
    return duckdb.sql(
        "select _resource, count(*), count(distinct code), sum(amount)::bigint"
        f" from read_parquet({files}) group by 1 order by 1"
    ).fetchall()


def check_last_good_state(home: Home, versions: dict[int, set[int]]) -> None:
    """Whatever counts now is whole: each file is one version that upstream really had."""
    pulled, landed = raw.current(home, "things"), landing.current(home, "things")
    assert pulled is not None and landed is not None
    for file in pulled.files:
        assert sha256_file(raw.blob(home, "things", file.sha256)) == file.sha256
    found = rows_of(home, landed)
    assert len(found) == FILES
    for resource, count, codes, total in found:
        assert (count, codes) == (ROWS - BAD, ROWS - BAD)
        assert total in {
            version * (ROWS - BAD) for version in versions[int(str(resource).removesuffix(".csv"))]
        }


def test_a_hundred_kills_lose_and_duplicate_nothing(
    things: Path, home: Home, ledger: Ledger, zygote: Zygote
) -> None:
    moments = random.Random(SEED)
    versions: dict[int, set[int]] = {file: {1} for file in range(FILES)}
    newest = dict.fromkeys(range(FILES), 1)
    for file in range(FILES):
        upstream(things, file, 1)
    ingest(things.parent, "things")
    kills = inside = 0
    for version in range(2, 2 * KILLS):
        if kills == KILLS:
            break
        for file in moments.sample(range(FILES), 2):
            upstream(things, file, version)
            versions[file].add(version)
            newest[file] = version
        before = being_written(home)
        aim, delay = moments.choice(AIMS), moments.random()
        child = zygote.begin()
        if aim == "anything":
            time.sleep(delay * WHOLE_ROUND)
        else:
            deadline = time.monotonic() + 10
            while unfinished(home, aim) <= before and time.monotonic() < deadline:
                pass
            time.sleep(delay * 0.01)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        if zygote.ended() == signal.SIGKILL:
            kills += 1
            inside += not being_written(home) <= before
        check_last_good_state(home, versions)
        if version % 4 == 0:  # otherwise the next round goes on from where this one was cut off
            done = ingest(things.parent, "things")
            assert rows_of(home, done) == [
                (f"{file}.csv", ROWS - BAD, ROWS - BAD, newest[file] * (ROWS - BAD))
                for file in range(FILES)
            ]
            assert (done.pulled, done.quarantined) == (FILES * ROWS, FILES * BAD)
            assert being_written(home) == set()
    assert kills == KILLS
    assert inside >= INSIDE_WRITES, f"only {inside} of {KILLS} kills were inside writes"
    twice = ledger.rows(
        "select resource, raw_sha256 from landings group by 1, 2 having count(*) > 1"
    )
    assert twice == []
    print(f"{kills} kills, {inside} of them inside writes")
