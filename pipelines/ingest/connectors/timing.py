"""How patient a session is: one deadline per transfer, its pace, and its retries."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from pipelines.contracts.connection import Connection
from pipelines.ingest.connectors.refusal import LateError, RefusedError

RETRY_AFTER = 120  # seconds; the longest wait that is granted to a server that asks for one
_STATUSES = (429, 500, 502, 503, 504)  # worth asking again


class Timing:
    """The time of the transfer that is running, and the connections to cut when it is over."""

    def __init__(self, limits: Connection) -> None:
        self.limits = limits
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()
        self._ends: float | None = None
        self._next = 0.0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """One transfer: when its time is over, its connections are cut."""
        if self._ends is not None:
            yield
            return
        self._ends = time.monotonic() + self.limits.deadline
        timer = threading.Timer(self.limits.deadline, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self._ends = None

    @property
    def remaining(self) -> float:
        """Seconds that are left of the running transfer."""
        return float("inf") if self._ends is None else self._ends - time.monotonic()

    def check(self) -> None:
        """Raises: LateError when the transfer's time is over."""
        if self.remaining <= 0:
            raise LateError

    def wait(self, seconds: float) -> None:
        """Wait, unless that is longer than there is time.

        Raises:
            LateError: there is not enough time left.
        """
        if seconds >= self.remaining:
            raise LateError
        time.sleep(seconds)

    def pace(self) -> None:
        """Wait until the next request may leave."""
        self.check()
        if self.limits.per_second is None:
            return
        now = time.monotonic()
        start = max(now, self._next)
        self._next = start + 1 / self.limits.per_second
        if start > now:
            self.wait(start - now)

    def opened(self, sock: Any) -> None:
        """Remember a connection, to be cut when time is over."""
        if isinstance(sock, socket.socket):
            with self._lock:
                self._sockets.add(sock)

    def _cut(self) -> None:
        """End every read that waits: a server that sends a byte a minute never times out."""
        with self._lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    # The plain one: that of TLS would let another thread read undeciphered bytes.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Patience(Retry):
    """Retries with back-off and `Retry-After`, within what is left of the transfer's time."""

    timing: Timing

    @classmethod
    def of(cls, timing: Timing) -> "Patience":
        """The patience a contract asks for. POST is as good as GET: nothing here changes data."""
        made = cls(
            total=timing.limits.retries,
            backoff_factor=timing.limits.backoff,
            backoff_max=RETRY_AFTER,
            status_forcelist=_STATUSES,
            allowed_methods=("GET", "HEAD", "POST"),
            raise_on_status=False,
        )
        made.timing = timing
        return made

    def new(self, **changes: Any) -> "Patience":
        made = super().new(**changes)
        made.timing = self.timing
        return made

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        asked = None
        if response is not None:
            with contextlib.suppress(Exception):  # a header that is no time asks for nothing
                asked = self.get_retry_after(response)
        if asked is not None and asked > RETRY_AFTER:
            # Neither does a run wait for hours, nor is a server asked before it wants to be.
            raise RefusedError(
                f"asks us to wait for more than {RETRY_AFTER} seconds; run again later"
            )
        self.timing.wait(self.get_backoff_time() if asked is None else asked)
