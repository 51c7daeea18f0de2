"""A check that takes too long is stopped, and counts as one that could not run.

DuckDB is asked again and again to give up, because a request that falls between two queries is
lost. What a check does outside DuckDB is not stopped, but does not pass either.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

VARIABLE = "KHOMO_CHECK_SECONDS"
DEFAULT = 600.0
_AGAIN = 0.1  # seconds between two requests to stop


class TimeLimitError(Exception):
    """A check did not finish in its time."""


def limit() -> float:
    """`$KHOMO_CHECK_SECONDS`, by default 600: far more than any bundled check needs.

    Raises:
        ValueError: it is not a positive number of seconds.
    """
    text = os.environ.get(VARIABLE, str(DEFAULT))
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ValueError(f"{VARIABLE}={text!r} is no number of seconds; write it like 600")
    return seconds


@contextmanager
def within(seconds: float, interrupt: Callable[[], None]) -> Iterator[None]:
    """Call `interrupt` repeatedly once `seconds` are over.

    Raises:
        TimeLimitError: the block did not end in time, however it ended.
    """
    done, late = threading.Event(), threading.Event()

    def watch() -> None:
        if done.wait(seconds):
            return
        late.set()
        while not done.wait(_AGAIN):
            interrupt()

    watcher = threading.Thread(target=watch, name="time limit of a check", daemon=True)
    watcher.start()
    try:
        yield
    except Exception as error:
        if late.is_set():
            raise TimeLimitError(f"not finished within {seconds:g} s") from error
        raise
    finally:
        done.set()
        watcher.join()
    if late.is_set():
        raise TimeLimitError(f"not finished within {seconds:g} s")
