"""SIGKILL of a real publishing process at 100 recorded moments never shows a mixed or half release.

Readers see the release before or the new one, each whole, signed and as it was decided on.
"""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.publish.layout import STAGING, release_files
from pipelines.publish.release import latest
from pipelines.publish.signing import known_keys, signer
from pipelines.publish.verify import verify, verify_release
from tests.integration.killable import Zygote, publish

SEED = 20261128
KILLS = 100
INSIDE_WRITES = 80
DATASET = "unit-counts"
ROWS = 6_000
AIMS = ("candidate", "release", "release", "release", "anything")
WHOLE_ROUND = 0.4  # seconds an undisturbed round takes at least; "anything" kills within them


def rows(number: int) -> str:
    """A table of ROWS rows whose every score is the round's number: a mixed release would show."""
    return f"""
        select
            lpad(i::varchar, 5, '0') as unit_code,
            make_date(2026, 1 + i % 12, 1) as month,
            case i % 3 when 0 then 'online' when 1 then 'counter' else 'post' end as channel,
            (20 + i)::bigint as received,
            (5 + i % 7)::bigint as late,
            false as suppressed,
            ({number} / 1000)::decimal(9, 4) as score,
            {number}::double as spread,
            'Xã ' || i as note,
            timestamp '2026-10-01 08:30:00' as seen_at,
            20 + i as private_total
        from range({ROWS}) as t(i)
    """


def being_written(world: Any) -> set[Path]:
    """Everything that is half made now: candidates, releases, decisions, links, the ledger."""
    journal = world.home.ledger.with_name(world.home.ledger.name + "-journal")
    candidates = world.home.candidates
    linked = (candidates / DATASET).resolve()
    return {
        *(
            path
            for path in candidates.glob(f".{DATASET}.*")
            if path != linked and (path.is_symlink() or path.is_dir())
        ),
        *candidates.glob(f".{DATASET}.*/.decision.*"),
        *world.releases.glob(f"{STAGING}*"),
        *world.releases.glob(".latest.*"),
        *([journal] if journal.exists() else []),
    }


def begun(world: Any, aim: str) -> set[Path]:
    """What tells that a child has come to its aim."""
    if aim == "candidate":
        return set(world.home.candidates.glob(f".{DATASET}.*"))
    return set(world.releases.glob(f"{STAGING}*"))


@pytest.fixture
def zygote(world: Any) -> Iterator[Zygote]:
    started = Zygote(world.home, "publish", str(world.folder))
    yield started
    started.end()


def prepare(world: Any, number: int) -> None:
    world.build(rows(number), f"round-{number}")
    (world.folder / "build").write_text(f"round-{number}")


def check_last_good_state(world: Any, before: Path) -> Path:
    """What readers see now is whole, and it is the release before or a newer one."""
    seen = latest(world.home, DATASET)
    assert seen is not None
    assert verify_release(seen, known_keys(world.home)) == []
    for folder in world.releases.iterdir():
        if folder.is_dir() and not folder.is_symlink() and not folder.name.startswith(STAGING):
            assert {path.name for path in folder.iterdir()} == set(release_files(DATASET)), folder
    if seen != before:
        assert seen.stat().st_mtime_ns > before.stat().st_mtime_ns
    return seen


@pytest.mark.timeout(1800)  # a minute on an idle machine; a round waits for others on a busy one
def test_a_hundred_kills_never_show_a_mixed_or_half_release(
    world: Any, zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHOMO_HOME", str(world.home.root))
    moments = random.Random(SEED)
    signer(world.home)
    prepare(world, 1)
    publish(world.folder)
    seen = latest(world.home, DATASET)
    assert seen is not None
    kills = inside = 0
    for number in range(2, 3 * KILLS):
        if kills == KILLS:
            break
        prepare(world, number)
        before = being_written(world)
        aim, delay = moments.choice(AIMS), moments.random()
        at = begun(world, aim)
        child = zygote.begin()
        if aim == "anything":
            time.sleep(delay * WHOLE_ROUND)
        else:
            deadline = time.monotonic() + 10
            while begun(world, aim) <= at and time.monotonic() < deadline:
                pass
            time.sleep(delay * 0.03)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        if zygote.ended() == signal.SIGKILL:
            kills += 1
            inside += not being_written(world) <= before
        seen = check_last_good_state(world, seen)
        if number % 10 == 0:  # otherwise the next round goes on from where this one was cut off
            publish(world.folder)
            seen = latest(world.home, DATASET)
            assert seen is not None
            assert being_written(world) == set()
    assert kills == KILLS
    assert inside >= INSIDE_WRITES, f"only {inside} of {KILLS} kills were inside writes"
    publish(world.folder)
    assert not any(verify(world.home.releases, known_keys(world.home)).values())
    assert being_written(world) == set()
    print(f"{kills} kills, {inside} of them inside writes")
