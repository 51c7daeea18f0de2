"""One run at a time over a home, whoever starts it; a second one waits and is told for whom.

The operating system drops the lock with the process that holds it, however that process ends. The
holder's name is written beside it, for people only: nothing decides by it.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines.canonical import canonical_json, write_durably
from pipelines.clock import stamp
from pipelines.settings import Home

POLL = 0.5  # seconds between two tries
REMIND = 30.0  # seconds between two messages while waiting


def _note(home: Home) -> Path:
    return home.root / "khomo.lock.holder.json"


def holder(home: Home) -> str | None:
    """Who holds the lock now, in words, or None where nobody does."""
    if not home.lock.exists():
        return None
    try:
        with FileLock(str(home.lock), timeout=0):
            return None
    except Timeout:
        try:
            facts = json.loads(_note(home).read_bytes())
            return f"{facts['who']} (process {facts['pid']}, since {facts['since']})"
        except (OSError, ValueError, KeyError):
            return "a run that has only just started"


@contextmanager
def hold(home: Home, who: str, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock; while another run has it, wait and say whose it is."""
    home.create()
    lock = FileLock(str(home.lock))
    told = float("-inf")
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            if time.monotonic() - told >= REMIND:
                told = time.monotonic()
                on_wait(f"waiting for {holder(home) or 'another run'} to finish")
            time.sleep(POLL)
    try:
        write_durably(
            _note(home), canonical_json({"who": who, "pid": os.getpid(), "since": stamp()})
        )
        yield
    finally:
        _note(home).unlink(missing_ok=True)
        lock.release()
