"""A real server on the loopback that answers as it is told, and misbehaves as real ones do.

For tests of connectors. It counts nothing and checks nothing: a test reads `asked`.
"""

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

from tests.conftest import write_contract


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """One answer. `promised` is a Content-Length other than the body's, None sends none of its own.

    `pieces` of a body are sent `pause` seconds apart; `reset` breaks the connection after the body.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = "text/csv"
    promised: int | None = None
    unstated: bool = False  # no Content-Length at all: the body ends with the connection
    chunked: bool = False
    cut: bool = False  # a chunked body without its last chunk
    reset: bool = False
    pieces: int = 1
    pause: float = 0.0


Reply = Answer | Callable[[Asked], Answer]


def as_json(value: Any, status: int = 200, **more: Any) -> Answer:
    """An answer that holds `value` as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status=status, body=body, kind="application/json", **more)


class Upstream:
    """What the server will answer by path, and what it was asked.

    A path has one reply or a list of them; of a list each is used once, and the last one stays.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[Asked] = []
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        return int(urlsplit(self.address).port or 0)

    def on(self, path: str, *replies: Reply) -> None:
        """Answer `path` (with its leading slash) with these, one after the other."""
        self.replies[path] = list(replies)

    def paths(self) -> list[str]:
        """The paths that were asked, in order."""
        return [asked.path for asked in self.asked]

    def reply(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            waiting = self.replies.get(asked.path)
            if not waiting:
                return Answer(status=404, body=b"nothing here", kind="text/plain")
            chosen = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return chosen if isinstance(chosen, Answer) else chosen(asked)


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                dict(self.headers),
                self.rfile.read(length),
            )
            try:
                self.answer(upstream.reply(asked))
            except OSError:
                self.close_connection = True  # the client had enough

        do_POST = do_GET

        def answer(self, answer: Answer) -> None:
            self.send_response(answer.status)
            if answer.kind is not None:
                self.send_header("Content-Type", answer.kind)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            elif not answer.unstated:
                promised = len(answer.body) if answer.promised is None else answer.promised
                self.send_header("Content-Length", str(promised))
            if answer.unstated or answer.promised is not None or answer.cut or answer.reset:
                self.close_connection = True
            self.end_headers()
            step = max(1, -(-len(answer.body) // answer.pieces))
            for start in range(0, len(answer.body), step):
                piece = answer.body[start : start + step]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if answer.chunked else piece)
                self.wfile.flush()
                time.sleep(answer.pause)
            if answer.chunked and not answer.cut:
                self.wfile.write(b"0\r\n\r\n")
            if answer.reset:
                self.connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
                self.connection.close()

        def log_message(self, *_args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_args: object) -> None:
        pass  # clients that hang up are part of the tests


@contextmanager
def serve(host: str = "127.0.0.1", certificate: Path | None = None) -> Iterator[Upstream]:
    """A server on a port of its own; `host` is another loopback address to be another server.

    `certificate` is a file with key and certificate, for https.
    """
    upstream = Upstream("")
    server = _Server((host, 0), _handler(upstream))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    upstream.address = f"{scheme}://{host}:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def write_remote(
    folder: Path,
    address: str,
    *,
    connector: Mapping[str, Any] | None = None,
    resource: str | None = "a.csv",
    table: Mapping[str, Any] | None = None,
    **properties: Any,
) -> Path:
    """A source `things` (`tests.conftest.write_contract`) whose server is at `address`.

    `connector` adds to quick time limits, `table` and `properties` to the custom properties of the
    table and of the contract. Returns the source's folder.
    """
    servers = [{"server": "remote", "type": "api", "location": address, "format": "csv"}]
    path = write_contract(folder, "things", servers=servers)
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    quick = {"backoffSeconds": 0.005, "timeoutSeconds": 5, "deadlineSeconds": 20}
    of_table = {"resource": resource, **(table or {})}
    for owner, given in (
        (contract, {"connector": {**quick, **(connector or {})}, **properties}),
        (contract["schema"][0], of_table),
    ):
        kept = [item for item in owner["customProperties"] if item["property"] not in given]
        added = [{"property": name, "value": v} for name, v in given.items() if v is not None]
        owner["customProperties"] = [*kept, *added]
    path.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    return path.parent
