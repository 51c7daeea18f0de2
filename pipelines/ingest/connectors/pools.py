"""Connections that are watched over, for the HTTP library to take in place of its own."""

import socket
from typing import Any, ClassVar

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from pipelines.ingest.connectors.hosts import Hosts
from pipelines.ingest.connectors.timing import Timing


class _Guarded(HTTPConnection):
    """A connection that is watched over."""

    hosts: ClassVar[Hosts]
    timing: ClassVar[Timing]

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        if self.proxy is None:  # a proxy is the machine's own setting, and resolves names itself
            try:
                self.hosts.check_peer(self.host, str(sock.getpeername()[0]))
            except BaseException:
                sock.close()
                raise
        return sock

    def connect(self) -> None:
        super().connect()
        self.timing.opened(self.sock)

    def request(self, *arguments: Any, **more: Any) -> None:
        self.timing.pace()
        super().request(*arguments, **more)


def guarded_pools(hosts: Hosts, timing: Timing) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools by scheme whose every connection is watched over."""
    watched = {"hosts": hosts, "timing": timing}
    plain = type("Guarded", (_Guarded,), watched)
    secure = type("GuardedTls", (_Guarded, HTTPSConnection), watched)
    return {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }
