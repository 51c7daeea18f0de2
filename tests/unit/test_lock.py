"""One run at a time over a home."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

from pipelines.lock import hold, holder
from pipelines.settings import Home


def _hold(root: Path, ready: "multiprocessing.synchronize.Event") -> None:
    with hold(Home(root), "the first run", lambda _message: None):
        ready.set()
        time.sleep(60)


def test_nobody_holds_a_free_lock(home: Home) -> None:
    assert holder(home) is None
    with hold(home, "me", lambda _message: None):
        pass
    assert holder(home) is None


def test_the_second_is_told_who_is_first_and_a_kill_frees_the_lock(home: Home) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    first = context.Process(target=_hold, args=(home.root, ready))
    first.start()
    try:
        assert ready.wait(30)
        said: list[str] = []

        def on_wait(message: str) -> None:
            said.append(message)
            assert first.pid is not None
            os.kill(first.pid, signal.SIGKILL)

        with hold(home, "the second run", on_wait):
            assert "the first run" in said[0]
            assert str(first.pid) in said[0]
    finally:
        first.kill()
        first.join()
