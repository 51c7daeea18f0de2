"""Pulling files over HTTP from a server that behaves, and from one that does not."""

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.contracts import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.connectors import PullError
from pipelines.ledger import Ledger
from pipelines.settings import Home
from tests.integration.upstream import Answer, Asked, Upstream, serve, write_remote

BODY = "Mã,Số tiền\n00001,1\n00002,2\n".encode()
GOOD = Answer(body=BODY)
Pull = Callable[..., raw.Pull]


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serve() as server:
        yield server


@pytest.fixture
def pull(tmp_path: Path, upstream: Upstream, home: Home, ledger: Ledger) -> Pull:
    """Pull once; keyword arguments change the contract's `connector` property."""

    def run(**connector: object) -> raw.Pull:
        source = write_remote(
            tmp_path / "sources", upstream.address + "files/", connector=connector
        )
        return raw.pull(load_sources(source.parent)["things"], home, ledger)

    return run


def stored(home: Home, done: raw.Pull) -> bytes:
    return raw.blob(home, "things", done.files[0].sha256).read_bytes()


def refused(pull: Pull, home: Home, complaint: str, **connector: object) -> str:
    """The message of a pull that is refused and leaves nothing behind."""
    with pytest.raises(PullError, match=complaint) as caught:
        pull(**connector)
    assert raw.current(home, "things") is None
    assert not list((home.raw / "things").iterdir())
    assert "source things: http://127.0.0.1" in str(caught.value)
    return str(caught.value)


def known(ledger: Ledger) -> list[str]:
    return [row["known_by"] for row in ledger.rows("select known_by from pulls order by id")]


def conditional(tag: str, body: bytes = BODY) -> Callable[[Asked], Answer]:
    """A file with an entity tag, as a server keeps it."""

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("If-None-Match") == tag:
            return Answer(status=304, kind=None)
        return Answer(body=body, headers={"ETag": tag})

    return answer


def test_a_file_is_pulled_once_and_then_only_asked_about(
    pull: Pull, upstream: Upstream, home: Home, ledger: Ledger, tmp_path: Path
) -> None:
    upstream.on("/files/a.csv", conditional('"v1"'))
    assert pull().new == 1
    assert pull().new == 0
    assert upstream.asked[1].headers["If-None-Match"] == '"v1"'
    contract = load_sources(tmp_path / "sources")["things"]
    assert landing.land(contract, home, ledger).accepted == 2
    assert known(ledger) == ["first", "etag"]


def test_the_ledger_says_how_a_change_was_known(
    pull: Pull, upstream: Upstream, ledger: Ledger
) -> None:
    days = [{"Last-Modified": f"Sun, 0{day} Nov 2026 00:00:00 GMT"} for day in (1, 8)]
    upstream.on(
        "/files/a.csv",
        conditional('"v1"'),
        conditional('"v2"', BODY + b"00003,3\n"),
        Answer(body=BODY, headers=days[0]),
        Answer(body=BODY + b"00004,4\n", headers=days[1]),
        Answer(body=BODY + b"00005,5\n"),
        Answer(body=BODY + b"00005,5\n"),
    )
    outcomes = [pull().new for _ in range(6)]
    assert outcomes == [1, 1, 1, 1, 1, 0]
    assert known(ledger) == ["first", "etag", "checksum", "last-modified", "checksum", "checksum"]


def test_an_unchanged_file_without_tag_is_known_by_its_date(
    pull: Pull, upstream: Upstream, ledger: Ledger
) -> None:
    day = "Sun, 01 Nov 2026 00:00:00 GMT"
    upstream.on(
        "/files/a.csv",
        Answer(body=BODY, headers={"Last-Modified": day}),
        lambda asked: Answer(status=304 if asked.headers["If-Modified-Since"] == day else 500),
    )
    pull()
    assert pull().new == 0
    assert known(ledger) == ["first", "last-modified"]


def test_of_a_source_parted_by_month_every_month_until_now_is_asked_for(
    upstream: Upstream, home: Home, ledger: Ledger, tmp_path: Path
) -> None:
    source = write_remote(
        tmp_path / "sources",
        upstream.address,
        resource="{yyyy}/d-{mm}.csv",
        partition={"by": "month", "start": "2026-08"},
    )
    contract = load_sources(source.parent)["things"]
    with pytest.raises(PullError, match="none of its months is at"):
        raw.pull(contract, home, ledger)
    upstream.asked.clear()
    for month in ("08", "10"):
        upstream.on(f"/2026/d-{month}.csv", conditional(f'"{month}"', BODY + month.encode()))
    done = raw.pull(contract, home, ledger)
    assert [file.partition for file in done.files] == ["2026-08", "2026-10"]
    assert upstream.paths() == [f"/2026/d-{month}.csv" for month in ("08", "09", "10", "11")]
    upstream.on("/2026/d-11.csv", GOOD)
    assert raw.pull(contract, home, ledger, months=["2026-11"]).new == 1
    upstream.on("/2026/d-08.csv", Answer(status=404))
    with pytest.raises(PullError, match="answered 404"):  # it was there: that is no gap
        raw.pull(contract, home, ledger)


def test_a_server_that_recovers_is_asked_again(pull: Pull, upstream: Upstream) -> None:
    soon = {"Retry-After": "0"}
    upstream.on(
        "/files/a.csv",
        Answer(status=500),
        Answer(status=429, headers=soon),
        Answer(status=503, headers={"Retry-After": "soon"}),
        GOOD,
    )
    assert pull().new == 1
    assert len(upstream.asked) == 4


def test_a_body_that_breaks_off_is_asked_for_again(
    pull: Pull, upstream: Upstream, home: Home
) -> None:
    long = BODY + b"00009,9\n" * 100_000
    whole = Answer(body=long)
    upstream.on(
        "/files/a.csv",
        replace(whole, body=long[:300_000], promised=len(long), reset=True),
        replace(whole, promised=len(long) + 10),
        replace(whole, chunked=True, cut=True),
        whole,
    )
    assert stored(home, pull()) == long
    assert len(upstream.asked) == 4


def test_a_server_that_asks_for_a_second_gets_it(pull: Pull, upstream: Upstream) -> None:
    upstream.on("/files/a.csv", Answer(status=429, headers={"Retry-After": "1"}), GOOD)
    begin = time.monotonic()
    pull()
    assert time.monotonic() - begin >= 1


def test_a_server_that_asks_for_a_day_does_not_hold_up_the_run(
    pull: Pull, upstream: Upstream, home: Home
) -> None:
    begin = time.monotonic()
    upstream.on("/files/a.csv", Answer(status=503, headers={"Retry-After": "86400"}))
    refused(pull, home, "asks us to wait for more than 120 seconds")
    upstream.on("/files/a.csv", Answer(status=503, headers={"Retry-After": "60"}))
    refused(pull, home, r"took longer than 2 seconds.*deadlineSeconds", deadlineSeconds=2)
    assert len(upstream.asked) == 2
    assert time.monotonic() - begin < 2


def test_a_server_that_stays_down_leaves_the_last_pull(
    pull: Pull, upstream: Upstream, home: Home
) -> None:
    upstream.on("/files/a.csv", GOOD, Answer(status=502))
    before = pull()
    with pytest.raises(PullError, match="answered 502"):
        pull(retries=2)
    assert len(upstream.asked) == 4
    after = raw.current(home, "things")
    assert after is not None
    assert after.files == before.files


def test_requests_keep_the_pace_the_contract_sets(pull: Pull, upstream: Upstream) -> None:
    upstream.on("/files/a.csv", Answer(status=500), Answer(status=500), GOOD)
    begin = time.monotonic()
    pull(requestsPerSecond=10)
    assert time.monotonic() - begin >= 0.2


PAGE = b"\xef\xbb\xbf\n <!-- portal --><!DOCTYPE html><html><body>Dang nhap</body></html>"
PAGE_UTF16 = "\ufeff<html><head></head></html>".encode("utf-16-le")


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (Answer(body=BODY, kind="text/html; charset=utf-8"), "HTML page"),
        (Answer(body=PAGE), "HTML page"),
        (Answer(body=PAGE, kind=None), "HTML page"),
        (Answer(body=PAGE, chunked=True, pieces=len(PAGE)), "HTML page"),
        (Answer(body=PAGE_UTF16, kind="application/octet-stream"), "HTML page"),
        (Answer(body=b'{"success": false, "error": "quota"}'), "JSON"),
        (Answer(body=b"no data", kind="application/json"), "JSON"),
        (Answer(body=b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"), "XML"),
        (Answer(body=b"%PDF-1.7 ..."), "not a CSV file"),
        (Answer(body=b""), "empty"),
        (Answer(status=204), "answered 204"),
        (Answer(status=206, body=BODY), "answered 206"),
        (Answer(status=404), "answered 404.*`resource`"),
        (Answer(status=401), "answered 401.*auth"),
        (Answer(status=304, kind=None), "never pulled"),
        (Answer(body=BODY, promised=len(BODY) + 10), "cut short"),
        (Answer(body=BODY, promised=len(BODY) - 10), "more than the"),
        (Answer(body=BODY, promised=len(BODY) + 10, reset=True), "hung up|cut short"),
        (Answer(body=BODY, chunked=True, pieces=3, cut=True), "cut short"),
        (Answer(body=BODY, chunked=True, pieces=3, reset=True, cut=True), "hung up|cut short"),
        (Answer(body=BODY, headers={"Content-Encoding": "br"}), "coding br"),
        (Answer(body=BODY, headers={"Content-Encoding": "gzip"}), "cannot be read"),
        (Answer(body=gzip.compress(BODY)[:-9], headers={"Content-Encoding": "gzip"}), "cut short"),
        (Answer(body=zlib.compress(BODY)[:-5], headers={"Content-Encoding": "deflate"}), "cut"),
    ],
)
def test_an_answer_that_is_not_the_whole_file_is_refused(
    pull: Pull, upstream: Upstream, home: Home, answer: Answer, complaint: str
) -> None:
    upstream.on("/files/a.csv", answer)
    refused(pull, home, complaint, retries=0)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY[:10]) + gzip.compress(BODY[10:])),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY)[2:-4]),
    ],
)
def test_a_file_is_the_same_however_it_was_transferred(
    pull: Pull, upstream: Upstream, home: Home, coding: str, body: bytes
) -> None:
    upstream.on("/files/a.csv", Answer(body=body, headers={"Content-Encoding": coding}, pieces=5))
    assert stored(home, pull()) == BODY
    assert upstream.asked[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("how", [{"chunked": True, "pieces": 7}, {"unstated": True}])
def test_a_body_without_a_stated_length_is_whole(
    pull: Pull, upstream: Upstream, home: Home, how: dict[str, object]
) -> None:
    upstream.on("/files/a.csv", replace(GOOD, **how))
    assert stored(home, pull()) == BODY


def test_a_file_has_a_greatest_size(
    upstream: Upstream, home: Home, ledger: Ledger, tmp_path: Path
) -> None:
    bomb = gzip.compress(b"1" * 1_000_000)
    source = write_remote(tmp_path / "sources", upstream.address, maxBytes=10_000)
    for answer in (
        Answer(body=b"1" * 10_001),
        Answer(body=b"1" * 10_001, chunked=True, pieces=4),
        Answer(body=bomb, headers={"Content-Encoding": "gzip"}),
    ):
        upstream.on("/a.csv", answer)
        with pytest.raises(PullError, match=r"larger than 10000 bytes.*maxBytes"):
            raw.pull(load_sources(source.parent)["things"], home, ledger)


@pytest.mark.parametrize("how", [{"chunked": True}, {"unstated": True}, {}])
def test_a_body_that_trickles_is_cut_off_in_time(
    pull: Pull, upstream: Upstream, home: Home, how: dict[str, object]
) -> None:
    slow = replace(GOOD, pieces=len(BODY), pause=0.1, **how)
    upstream.on("/files/a.csv", slow)
    begin = time.monotonic()
    refused(pull, home, "took longer than 0.3 seconds", deadlineSeconds=0.3)
    assert time.monotonic() - begin < 1


def test_a_silent_server_is_given_up(pull: Pull, upstream: Upstream, home: Home) -> None:
    upstream.on("/files/a.csv", lambda _asked: time.sleep(0.5) or GOOD)
    refused(pull, home, "did not answer in time", timeoutSeconds=0.1, retries=1)
    assert len(upstream.asked) == 2
    assert "took longer" in refused(
        pull, home, "deadline", timeoutSeconds=5, deadlineSeconds=0.1, retries=1
    )


@pytest.mark.parametrize(
    "where",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/a.csv",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.2:{port}/files/b.csv",
        "http://[::1]:{port}/files/b.csv",
        "http://2130706433:{port}/files/b.csv",
        "http://10.0.0.1/",
        "//data.example.org/b.csv",
        "http://u:p@127.0.0.1:{port}/files/b.csv",
        "http://[broken",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(
    pull: Pull, upstream: Upstream, home: Home, where: str
) -> None:
    location = where.format(port=upstream.port)
    upstream.on("/files/a.csv", Answer(status=302, headers={"Location": location}))
    upstream.on("/files/b.csv", GOOD)
    refused(pull, home, "redirects elsewhere")
    assert upstream.paths() == ["/files/a.csv"]


def test_redirects_on_the_server_and_to_hosts_of_the_contract_are_followed(
    pull: Pull, upstream: Upstream, home: Home
) -> None:
    with serve("127.0.0.2") as other:
        upstream.on("/files/a.csv", Answer(status=301, headers={"Location": "../b.csv"}))
        upstream.on("/b.csv", Answer(status=307, headers={"Location": other.address + "c.csv"}))
        other.on("/c.csv", GOOD)
        assert stored(home, pull(hosts=["127.0.0.2"])) == BODY


def test_a_server_that_redirects_in_a_circle_is_refused(
    pull: Pull, upstream: Upstream, home: Home
) -> None:
    upstream.on("/files/a.csv", Answer(status=302, headers={"Location": "/files/a.csv"}))
    refused(pull, home, "redirects too often")
    assert len(upstream.asked) <= 7


def test_a_name_that_leads_to_this_machine_is_refused(
    upstream: Upstream,
    home: Home,
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A host may be allowed by name and lead elsewhere a second later: the address counts."""
    import socket

    real = socket.getaddrinfo

    def rebound(host: str, *more: object, **named: object) -> object:
        return real("127.0.0.1" if host == "data.example.vn" else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    upstream.on("/a.csv", GOOD)
    address = f"http://data.example.vn:{upstream.port}/"
    source = write_remote(tmp_path / "sources", address)
    with pytest.raises(PullError, match=r"data\.example\.vn leads to 127\.0\.0\.1"):
        raw.pull(load_sources(source.parent)["things"], home, ledger)
    assert upstream.asked == []
    write_remote(tmp_path / "sources", address, connector={"hosts": ["127.0.0.1"]})
    assert raw.pull(load_sources(source.parent)["things"], home, ledger).new == 1


def test_a_proxy_of_the_machine_is_used_and_resolves_the_names(
    upstream: Upstream,
    home: Home,
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, upstream.address)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    upstream.on("/a.csv", GOOD)
    source = write_remote(tmp_path / "sources", "http://data.example.vn/")
    assert raw.pull(load_sources(source.parent)["things"], home, ledger).new == 1
    assert upstream.asked[0].headers["Host"] == "data.example.vn"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 in one file, signed by itself."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_https_is_guarded_like_http(
    certificate: Path,
    home: Home,
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serve(certificate=certificate) as secure:
        source = write_remote(
            tmp_path / "sources", secure.address, connector={"deadlineSeconds": 0.5, "retries": 0}
        )
        contract = load_sources(source.parent)["things"]
        secure.on("/a.csv", GOOD)
        with pytest.raises(PullError, match="certificate that cannot be trusted"):
            raw.pull(contract, home, ledger)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert stored(home, raw.pull(contract, home, ledger)) == BODY
        plain = secure.address.replace("https", "http")
        secure.on("/a.csv", Answer(status=302, headers={"Location": plain + "b.csv"}))
        with pytest.raises(PullError, match="from https to http"):
            raw.pull(contract, home, ledger)
        secure.on("/a.csv", replace(GOOD, unstated=True, pieces=len(BODY), pause=0.1))
        begin = time.monotonic()
        with pytest.raises(PullError, match=r"took longer than 0\.5 seconds"):
            raw.pull(contract, home, ledger)
        assert time.monotonic() - begin < 1.5
