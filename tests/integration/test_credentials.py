"""Credentials reach the server they are for, and nobody and nothing else."""

import base64
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from pipelines.contracts import load_sources
from pipelines.ingest import raw
from pipelines.ingest.connectors import PullError
from pipelines.ingest.connectors.transport import open_session
from pipelines.ledger import Ledger
from pipelines.settings import Home
from tests.integration.upstream import Answer, Asked, Upstream, as_json, serve, write_remote

SECRET = "s3cr&t/đồng+key"
TOKENS = ["first-t0ken-value", "second-t0ken-value"]
GOOD = Answer(body="Mã,Số tiền\n00001,1\n".encode())
Pull = Callable[..., raw.Pull]


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serve() as server:
        yield server


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHOMO_SECRET_LGSP", SECRET)
    monkeypatch.setenv("KHOMO_SECRET_LGSP_USER", "province")


@pytest.fixture
def pull(tmp_path: Path, upstream: Upstream, home: Home, ledger: Ledger) -> Pull:
    """Pull once with the `auth` property; keyword arguments change `connector`."""

    def run(auth: dict[str, str], **connector: object) -> raw.Pull:
        auth = {"secret": "LGSP", **auth}
        source = write_remote(
            tmp_path / "sources", upstream.address, connector={"auth": auth, **connector}
        )
        return raw.pull(load_sources(source.parent)["things"], home, ledger)

    return run


BASIC = "Basic " + base64.b64encode(f"province:{SECRET}".encode()).decode()


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "basic"}, "Authorization", BASIC),
        ({"kind": "apiKey"}, "X-API-Key", "plain-key"),
        ({"kind": "apiKey", "name": "apikey"}, "apikey", "plain-key"),
        ({"kind": "bearer"}, "Authorization", "Bearer plain-key"),
    ],
)
def test_a_secret_of_the_environment_is_shown_to_the_server(
    pull: Pull,
    upstream: Upstream,
    monkeypatch: pytest.MonkeyPatch,
    auth: dict[str, str],
    header: str,
    value: str,
) -> None:
    if auth["kind"] != "basic":
        monkeypatch.setenv("KHOMO_SECRET_LGSP", "plain-key")
    upstream.on("/a.csv", GOOD)
    assert pull(auth).new == 1
    assert upstream.asked[0].headers[header] == value


def test_a_key_in_the_query_keeps_what_is_already_there(pull: Pull, upstream: Upstream) -> None:
    upstream.on("/a.csv", Answer(status=302, headers={"Location": "/b.csv?part=1&key=old"}))
    upstream.on("/b.csv", GOOD)
    pull({"kind": "apiKey", "in": "query", "name": "key"})
    assert upstream.asked[0].query == {"key": SECRET}
    assert upstream.asked[1].query == {"part": "1", "key": SECRET}


@pytest.mark.parametrize("variable", ["KHOMO_SECRET_LGSP", "KHOMO_SECRET_LGSP_USER"])
def test_a_missing_variable_is_named(
    pull: Pull, upstream: Upstream, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv(variable)
    with pytest.raises(PullError, match=f"{variable} is not set"):
        pull({"kind": "basic"})
    assert upstream.asked == []


@pytest.mark.parametrize("value", ["abc", "abcdef\r\nHost: evil"])
def test_a_secret_that_cannot_be_kept_is_refused(
    pull: Pull, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("KHOMO_SECRET_LGSP", value)
    with pytest.raises(PullError, match="KHOMO_SECRET_LGSP ") as caught:
        pull({"kind": "bearer"})
    assert value not in str(caught.value)


def test_a_secret_that_no_header_can_carry_is_refused(pull: Pull) -> None:
    with pytest.raises(PullError, match="KHOMO_SECRET_LGSP holds letters that cannot be sent"):
        pull({"kind": "bearer"})


def test_a_password_in_the_address_is_refused_and_not_shown(tmp_path: Path) -> None:
    source = write_remote(tmp_path / "sources", "https://user:hunter2@data.example.vn/")
    with pytest.raises(PullError, match="holds a user or a password") as caught:
        open_session(load_sources(source.parent)["things"])
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "auth",
    [
        {"kind": "basic"},
        {"kind": "bearer"},
        {"kind": "apiKey"},
        {"kind": "apiKey", "in": "query", "name": "key"},
    ],
)
def test_another_host_gets_no_credentials(
    pull: Pull, upstream: Upstream, auth: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHOMO_SECRET_LGSP", "plain-key")
    with serve("127.0.0.2") as other:
        other.on("/c.csv", GOOD)
        upstream.on("/a.csv", Answer(status=302, headers={"Location": other.address + "c.csv"}))
        pull(auth, hosts=["127.0.0.2"])
        shown = str(other.asked)
        assert "plain-key" not in shown
        assert "Authorization" not in shown
        assert upstream.asked[0] != other.asked[0]


def test_a_server_that_hands_our_key_on_is_refused(pull: Pull, upstream: Upstream) -> None:
    with serve("127.0.0.2") as other:
        upstream.on(
            "/a.csv",
            lambda asked: Answer(
                status=302,
                headers={"Location": other.address + "c.csv?k=" + quote(asked.query["key"])},
            ),
        )
        other.on("/c.csv", GOOD)
        auth = {"kind": "apiKey", "in": "query", "name": "key"}
        with pytest.raises(PullError, match="our credentials"):
            pull(auth, hosts=["127.0.0.2"])
        assert other.asked == []


def token_server(upstream: Upstream, seconds: int = 3600) -> None:
    given = iter(TOKENS)
    upstream.on(
        "/token", lambda _asked: as_json({"access_token": next(given), "expires_in": seconds})
    )


OAUTH = {"kind": "oauth2", "scope": "read"}


@pytest.mark.parametrize("client", ["header", "body"])
def test_a_client_gets_a_token_and_uses_it(pull: Pull, upstream: Upstream, client: str) -> None:
    token_server(upstream)
    upstream.on("/a.csv", Answer(status=302, headers={"Location": "b.csv"}))
    upstream.on("/b.csv", GOOD)
    pull({**OAUTH, "client": client, "tokenUrl": upstream.address + "token"})
    assert upstream.paths() == ["/token", "/a.csv", "/b.csv"]
    token, *others = upstream.asked
    form = token.body.decode()
    assert "grant_type=client_credentials" in form
    assert "scope=read" in form
    assert ("client_secret" in form) == (client == "body")
    assert (token.headers.get("Authorization") == BASIC) == (client == "header")
    assert {asked.headers["Authorization"] for asked in others} == {f"Bearer {TOKENS[0]}"}


def test_a_token_that_was_revoked_is_renewed_once(pull: Pull, upstream: Upstream) -> None:
    token_server(upstream)

    def guarded(asked: Asked) -> Answer:
        fits = asked.headers["Authorization"] == f"Bearer {TOKENS[1]}"
        return GOOD if fits else Answer(status=401)

    upstream.on("/a.csv", guarded)
    assert pull({**OAUTH, "tokenUrl": upstream.address + "token"}).new == 1
    assert upstream.paths() == ["/token", "/a.csv", "/token", "/a.csv"]


def test_a_token_is_not_renewed_for_ever(pull: Pull, upstream: Upstream) -> None:
    token_server(upstream)
    upstream.on("/a.csv", Answer(status=401))
    with pytest.raises(PullError, match="answered 401"):
        pull({**OAUTH, "tokenUrl": upstream.address + "token"})
    assert upstream.paths() == ["/token", "/a.csv", "/token", "/a.csv"]


def test_a_token_that_expires_is_renewed_before_the_next_request(
    upstream: Upstream, tmp_path: Path
) -> None:
    token_server(upstream, seconds=0)
    upstream.on("/a.csv", GOOD)
    auth = {"secret": "LGSP", **OAUTH, "tokenUrl": upstream.address + "token"}
    source = write_remote(tmp_path / "sources", upstream.address, connector={"auth": auth})
    session = open_session(load_sources(source.parent)["things"])
    for _ in range(2):
        assert session.get(upstream.address + "a.csv").ok
    assert upstream.paths() == ["/token", "/a.csv", "/token", "/a.csv"]


@pytest.mark.parametrize(
    "answer",
    [
        as_json({"error": "invalid_client", "error_description": SECRET}, 401),
        Answer(body=b"<html>", kind="text/html"),
        as_json({"token": "x"}),
        as_json([]),
    ],
)
def test_a_token_server_that_gives_none_is_named(
    pull: Pull, upstream: Upstream, answer: Answer
) -> None:
    upstream.on("/token", answer)
    with pytest.raises(PullError, match="without a token") as caught:
        pull({**OAUTH, "tokenUrl": upstream.address + "token"})
    assert "KHOMO_SECRET_LGSP" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_the_secret_does_not_follow_a_redirect_of_the_token_server(
    pull: Pull, upstream: Upstream
) -> None:
    upstream.on("/token", Answer(status=307, headers={"Location": upstream.address + "elsewhere"}))
    with pytest.raises(PullError):
        pull({**OAUTH, "client": "body", "tokenUrl": upstream.address + "token"})
    assert upstream.paths() == ["/token"]


def test_libraries_log_no_secret(
    pull: Pull, upstream: Upstream, caplog: pytest.LogCaptureFixture, home: Home
) -> None:
    """urllib3 logs each address it asks, and each one it asks again."""
    caplog.set_level(logging.DEBUG)
    upstream.on("/a.csv", Answer(reset=True, promised=9, kind=None), Answer(status=503))
    auth = {"kind": "apiKey", "in": "query", "name": "key"}
    with pytest.raises(PullError) as caught:
        pull(auth, retries=2)
    assert "GET /a.csv?key=***" in caplog.text
    told = caplog.text + str(caught.value) + repr(caught.value.__cause__)
    for form in (SECRET, "s3cr", "%C4%91"):
        assert form not in told
    assert not [path for path in home.root.rglob("*") if path.is_file() and has_secret(path)]


def has_secret(path: Path) -> bool:
    return b"s3cr" in path.read_bytes() or b"t0ken" in path.read_bytes()


def test_no_secret_is_in_the_home_after_runs_that_failed_and_succeeded(
    upstream: Upstream, tmp_path: Path, home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    """Through Dagster: ledger, event log, metadata, compute logs and what the terminal shows."""
    import dagster as dg

    from pipelines.orchestration.ingest_assets import source_assets
    from pipelines.orchestration.run_lock import RunLock

    token_server(upstream)
    token = {"secret": "LGSP", **OAUTH, "tokenUrl": upstream.address + "token"}
    key = {"secret": "LGSP", "kind": "apiKey", "in": "query", "name": "key"}
    asked_back = Answer(status=403, body=SECRET.encode(), headers={"X-Told": quote(SECRET)})
    broken = Answer(reset=True, promised=9, kind=None)  # urllib3 warns, with the whole address
    outcomes = []
    with dg.DagsterInstance.local_temp(str(home.dagster)) as instance:
        for auth, replies in ((token, [GOOD]), (key, [GOOD]), (key, [broken, asked_back])):
            upstream.on("/a.csv", *replies)
            source = write_remote(tmp_path / "sources", upstream.address, connector={"auth": auth})
            done = dg.materialize(
                source_assets(load_sources(source.parent)["things"]),
                instance=instance,
                resources={"run_lock": RunLock()},
                raise_on_error=False,
            )
            outcomes.append(done.success)
    assert outcomes == [True, True, False]
    shown = "".join(capfd.readouterr())
    assert f"Bearer {TOKENS[0]}" in str(upstream.asked)
    assert "answered 403" in shown
    written = [path for path in home.root.rglob("*") if path.is_file()]
    assert [path for path in written if b"answered 403" in path.read_bytes()]
    assert not [path for path in written if has_secret(path)]
    assert not [form for form in ("s3cr", "t0ken") if form in shown]
