"""What a session may connect to, and for how long.

Hosts are judged twice: by name before a request leaves, and by the address really connected to,
because a name may lead somewhere else a second later. What is sent is `transport`.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, ClassVar
from urllib.parse import SplitResult, urljoin, urlsplit
from weakref import WeakSet

from requests import Request, RequestException
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from pipelines.contracts.connection import Connection

RETRY_AFTER = 120  # seconds; the longest wait that is granted to a server that asks for one
_STATUSES = (429, 500, 502, 503, 504)  # worth asking again


class RefusedError(Exception):
    """A connection or an answer is refused; the message has no address in it.

    `passing` is true where another try in a minute may end otherwise.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class CutError(RefusedError):
    """A body broke off; it is worth asking again at once."""

    def __init__(self, message: str) -> None:
        super().__init__(message, passing=True)


class LateError(Exception):
    """A transfer took longer than its contract allows."""


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """`host` as an address, where it is one; a mapped IPv4 address is that IPv4 address."""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def plain_host(host: str) -> str:
    """A host as addresses name it: lower case, letters outside ASCII in their IDNA form."""
    host = host.strip("[]").lower()
    if host.isascii():
        return host
    try:
        return urlsplit(str(Request("GET", f"http://{host}/").prepare().url)).hostname or host
    except RequestException:
        return host  # no address can name it


class Guard:
    """Watches over the connections of one session.

    Only hosts the contract names are connected to. A host named by its address means that address;
    a host named by name may be public or in a private network, where a province's sharing platform
    is, but never this machine itself, link-local (where clouds keep their credentials) or
    multicast.
    """

    def __init__(self, base: str, limits: Connection) -> None:
        self.base = base
        self.limits = limits
        own = urlsplit(base).hostname or ""
        self.hosts = {plain_host(host) for host in (own, *limits.hosts) if host}
        self._addresses = {_address(host) for host in self.hosts} - {None}
        if "localhost" in self.hosts:
            self._addresses |= {IPv4Address("127.0.0.1"), IPv6Address("::1")}
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()
        self._ends: float | None = None
        self._next = 0.0

    def check(self, address: str) -> None:
        """Judge an address before it is asked.

        Raises:
            RefusedError: another scheme than http(s), or a host the contract does not allow.
        """
        parts = _parts(address)
        if parts.scheme not in ("http", "https"):
            raise RefusedError(f"an address of scheme {parts.scheme or '(none)'} is refused")
        if "@" in parts.netloc:
            raise RefusedError("an address with a user or a password in it is refused")
        if plain_host(parts.hostname or "") not in self.hosts:
            raise RefusedError(
                f"host {parts.hostname} is not allowed; if it is right, add it to the contract:"
                f" connector: {{hosts: [{parts.hostname}]}}"
            )

    def check_redirect(self, before: str, target: str) -> str:
        """Judge where a server sends us; returns the whole address.

        Raises:
            RefusedError: as `check`, or from https back to http.
        """
        try:
            after = urljoin(before, target)
            self.check(after)
        except ValueError:
            raise RefusedError("it redirects elsewhere: the address cannot be read") from None
        except RefusedError as error:
            raise RefusedError(f"it redirects elsewhere: {error}") from None
        if _parts(before).scheme == "https" and _parts(after).scheme != "https":
            raise RefusedError("it redirects from https to http, where everybody can read along")
        return after

    def check_peer(self, host: str, peer: str) -> None:
        """Judge the address that `host` turned out to be.

        Raises:
            RefusedError: it is this machine, link-local, multicast or nobody's.
        """
        address = _address(peer)
        if address in self._addresses:
            return
        if (
            address is None
            or address.is_loopback
            or address.is_link_local
            or address.is_multicast
            or address.is_unspecified
            or address.is_reserved
        ):
            raise RefusedError(
                f"host {host} leads to {peer}, which is refused; if it is right, name that address"
                " in the contract: connector: {hosts: […]}"
            )

    # Time and pace

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

    def check_time(self) -> None:
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
        self.check_time()
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


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        raise RefusedError("the address cannot be read") from None


class _Guarded(HTTPConnection):
    """A connection that is watched over."""

    guard: ClassVar[Guard]

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        if self.proxy is None:  # a proxy is the machine's own setting, and resolves names itself
            try:
                self.guard.check_peer(self.host, str(sock.getpeername()[0]))
            except BaseException:
                sock.close()
                raise
        return sock

    def connect(self) -> None:
        super().connect()
        self.guard.opened(self.sock)

    def request(self, *arguments: Any, **more: Any) -> None:
        self.guard.pace()
        super().request(*arguments, **more)


def guarded_pools(guard: Guard) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools by scheme whose every connection `guard` watches."""
    plain = type("Guarded", (_Guarded,), {"guard": guard})
    secure = type("GuardedTls", (_Guarded, HTTPSConnection), {"guard": guard})
    return {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


class Patience(Retry):
    """Retries with back-off and `Retry-After`, within what is left of the transfer's time."""

    guard: Guard

    @classmethod
    def of(cls, guard: Guard) -> "Patience":
        """The patience a contract asks for. POST is as good as GET: nothing here changes data."""
        made = cls(
            total=guard.limits.retries,
            backoff_factor=guard.limits.backoff,
            backoff_max=RETRY_AFTER,
            status_forcelist=_STATUSES,
            allowed_methods=("GET", "HEAD", "POST"),
            raise_on_status=False,
        )
        made.guard = guard
        return made

    def new(self, **changes: Any) -> "Patience":
        made = super().new(**changes)
        made.guard = self.guard
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
        self.guard.wait(self.get_backoff_time() if asked is None else asked)
