"""Pulling over HTTP from a server that behaves, and from one that does not."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipelines.contracts import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.connectors import PullError
from pipelines.ledger import Ledger
from pipelines.settings import Home
from tests.conftest import write_contract

BODY = "Mã,Số tiền\n00001,1\n".encode()


@dataclass
class Upstream:
    """What the server will do next, and what it was asked."""

    body: bytes = BODY
    content_type: str = "text/csv"
    statuses: list[int] = field(default_factory=list)  # answered before the body is
    promised: int | None = None
    etag: str | None = '"v1"'
    asked: list[dict[str, str]] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    plan = Upstream()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            plan.asked.append(dict(self.headers))
            if plan.statuses:
                self.send_response(plan.statuses.pop(0))
                self.send_header("Retry-After", "0")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if plan.etag and self.headers.get("If-None-Match") == plan.etag:
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", plan.content_type)
            length = len(plan.body) if plan.promised is None else plan.promised
            self.send_header("Content-Length", str(length))
            if plan.etag:
                self.send_header("ETag", plan.etag)
            self.end_headers()
            self.wfile.write(plan.body)
            self.close_connection = True

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    plan.address = f"http://user:secret@127.0.0.1:{server.server_port}/files/"
    yield plan
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


@pytest.fixture
def source(tmp_path: Path, upstream: Upstream) -> Path:
    path = write_contract(
        tmp_path / "sources",
        "things",
        servers=[
            {"server": "remote", "type": "api", "location": upstream.address, "format": "csv"}
        ],
    )
    path.write_text(path.read_text(encoding="utf-8").replace("*.csv", "a.csv"), encoding="utf-8")
    return path.parent


def pull(source: Path, home: Home, ledger: Ledger) -> raw.Pull:
    return raw.pull(load_sources(source.parent)["things"], home, ledger)


def test_a_file_is_pulled_once_and_then_only_asked_about(
    source: Path, upstream: Upstream, home: Home, ledger: Ledger
) -> None:
    assert pull(source, home, ledger).new == 1
    assert pull(source, home, ledger).new == 0
    assert upstream.asked[1]["If-None-Match"] == '"v1"'
    contract = load_sources(source.parent)["things"]
    assert landing.land(contract, home, ledger).accepted == 1
    known = [row["known_by"] for row in ledger.rows("select known_by from pulls order by id")]
    assert known == ["first", "etag"]


def test_a_server_that_recovers_is_asked_again(
    source: Path, upstream: Upstream, home: Home, ledger: Ledger
) -> None:
    upstream.statuses = [500, 429, 503]
    assert pull(source, home, ledger).new == 1
    assert len(upstream.asked) == 4


def test_a_server_that_stays_down_leaves_the_last_pull(
    source: Path, upstream: Upstream, home: Home, ledger: Ledger
) -> None:
    before = pull(source, home, ledger)
    upstream.statuses = [500] * 20
    with pytest.raises(PullError, match="things"):
        pull(source, home, ledger)
    after = raw.current(home, "things")
    assert after is not None
    assert after.files == before.files


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"content_type": "text/html; charset=utf-8"}, "HTML page"),
        ({"promised": len(BODY) + 10}, "source things"),
    ],
)
def test_a_page_or_a_cut_body_is_refused(
    source: Path,
    upstream: Upstream,
    home: Home,
    ledger: Ledger,
    change: dict[str, object],
    complaint: str,
) -> None:
    for name, value in change.items():
        setattr(upstream, name, value)
    with pytest.raises(PullError, match=complaint):
        pull(source, home, ledger)
    assert raw.current(home, "things") is None
    assert not list((home.raw / "things").glob(".incoming-*"))


def test_secrets_in_the_address_reach_no_ledger_and_no_error(
    source: Path, upstream: Upstream, home: Home, ledger: Ledger
) -> None:
    pull(source, home, ledger)
    upstream.statuses = [404]
    with pytest.raises(PullError) as caught:
        pull(source, home, ledger)
    assert "secret" not in str(caught.value)
    assert b"secret" not in ledger.path.read_bytes()
