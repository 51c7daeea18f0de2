"""What a contract may say about its server, and what the lint answers to mistakes."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts import archive, ckan, connection, load_sources
from pipelines.contracts.connection import KINDS, Auth, connection_of
from pipelines.ingest import connectors
from pipelines.ingest.connectors.hosts import Hosts
from pipelines.ingest.connectors.redaction import learn, redact
from pipelines.ingest.connectors.refusal import RefusedError
from pipelines.settings import PROJECT_ROOT
from tests.conftest import write_contract

WEB = {"server": "web", "type": "custom", "location": "https://a.vn/", "format": "csv"}


def contract_with(folder: Path, **properties: Any) -> Any:
    path = write_contract(folder, "things")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["servers"] = [WEB]
    data["customProperties"] += [{"property": k, "value": v} for k, v in properties.items()]
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return load_sources(folder)["things"]


def test_every_kind_of_connector_can_be_named_in_a_contract() -> None:
    assert set(KINDS) == set(connectors._KINDS)


def test_a_connection_is_what_the_contract_says_and_patient_otherwise(tmp_path: Path) -> None:
    said = {
        "kind": "http",
        "hosts": ["Files.Example.gov.vn", "10.1.2.3", "fd00::1", "dữliệu.vn"],
        "requestsPerSecond": 2,
        "deadlineSeconds": 60,
        "auth": {"kind": "apiKey", "secret": "LGSP", "in": "query", "name": "key"},
    }
    contract = contract_with(tmp_path, connector=said, maxBytes=1000)
    assert list(connection.problems(contract)) == []
    found = connection_of(contract)
    assert found.hosts == ("files.example.gov.vn", "10.1.2.3", "fd00::1", "dữliệu.vn")
    assert (found.per_second, found.deadline, found.retries) == (2, 60, 4)
    assert found.auth == Auth("apiKey", "LGSP", place="query", name="key")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("http", "must be a mapping"),
        ({"kind": "gopher"}, "kind 'gopher' is not one of"),
        ({"host": "x"}, "host is not one of kind, hosts"),
        ({"hosts": "a.vn"}, "hosts is a list"),
        ({"hosts": ["http://a.vn/"]}, "hosts is a list"),
        ({"hosts": ["a.vn:8080"]}, "hosts is a list"),
        ({"requestsPerSecond": 0}, "requestsPerSecond is a number"),
        ({"retries": 1.5}, "retries is a number"),
        ({"timeoutSeconds": "long"}, "timeoutSeconds is a number"),
        ({"auth": {"kind": "kerberos"}}, "kind out of basic"),
        ({"auth": {"kind": "bearer", "secret": "eyJhbGciOi"}}, "secret is the NAME"),
        ({"auth": {"kind": "basic", "secret": "A_USER"}}, "does not end in _USER"),
        ({"auth": {"kind": "basic", "secret": "A", "password": "x"}}, "belong into the environ"),
        ({"auth": {"kind": "apiKey", "secret": "A", "in": "cookie"}}, "in is not one of"),
        ({"auth": {"kind": "oauth2", "secret": "A"}}, "tokenUrl, the address"),
        (
            {"auth": {"kind": "oauth2", "secret": "A", "tokenUrl": "https://a:b@c.vn/t"}},
            "tokenUrl holds",
        ),
    ],
)
def test_a_mistake_is_a_named_problem(tmp_path: Path, said: Any, complaint: str) -> None:
    found = list(connection.problems(contract_with(tmp_path, connector=said)))
    assert len(found) == 1
    assert complaint in found[0]
    assert "eyJ" not in found[0]


@pytest.mark.parametrize(
    ("location", "complaint"),
    [
        ("https://user:pass@a.vn/", "a user or a password"),
        ("ftp://a.vn/", "not an http(s) address"),
        ("https://a.vn:port/", "not an http(s) address"),
        ("https://[a.vn/", "not an http(s) address"),
        ("https://a.vn/?access_token=x", "access_token in an address looks like a credential"),
    ],
)
def test_a_mistake_in_the_address_is_a_named_problem(
    tmp_path: Path, location: str, complaint: str
) -> None:
    write_contract(tmp_path, "things", servers=[{**WEB, "location": location}])
    found = list(connection.problems(load_sources(tmp_path)["things"]))
    assert len(found) == 1
    assert complaint in found[0]
    assert "pass@" not in found[0]


def test_a_size_limit_is_a_number(tmp_path: Path) -> None:
    assert "maxBytes" in next(connection.problems(contract_with(tmp_path, maxBytes="4 GB")))


@pytest.mark.parametrize(
    ("host", "peer", "allowed"),
    [
        ("lgsp.tinh.vn", "203.113.0.1", True),
        ("lgsp.tinh.vn", "10.20.30.40", True),
        ("lgsp.tinh.vn", "127.0.0.1", False),
        ("lgsp.tinh.vn", "169.254.169.254", False),
        ("lgsp.tinh.vn", "::1", False),
        ("lgsp.tinh.vn", "::ffff:127.0.0.1", False),
        ("lgsp.tinh.vn", "fe80::1%eth0", False),
        ("lgsp.tinh.vn", "0.0.0.0", False),
        ("lgsp.tinh.vn", "224.0.0.1", False),
        ("127.0.0.9", "127.0.0.9", True),
        ("127.0.0.9", "127.0.0.1", False),
        ("localhost", "127.0.0.1", True),
    ],
)
def test_a_name_may_lead_into_the_network_but_not_to_this_machine(
    host: str, peer: str, allowed: bool
) -> None:
    hosts = Hosts(f"http://{host}/")
    if allowed:
        hosts.check_peer(host, peer)
    else:
        with pytest.raises(RefusedError, match="leads to"):
            hosts.check_peer(host, peer)


def test_a_redirect_never_leaves_https() -> None:
    hosts = Hosts("https://a.vn/", ("b.vn",))
    assert hosts.check_redirect("https://a.vn/x", "y") == "https://a.vn/y"
    assert hosts.check_redirect("http://a.vn/x", "https://b.vn/") == "https://b.vn/"
    with pytest.raises(RefusedError, match="from https to http"):
        hosts.check_redirect("https://a.vn/x", "http://a.vn/x")


def test_a_vietnamese_host_name_is_the_same_host_in_both_spellings() -> None:
    hosts = Hosts("https://tỉnh.vn/", ("Dữliệu.vn",))
    for name in ("tỉnh", "xn--tnh-dlz", "dữliệu", "xn--dliu-nw5ark"):
        hosts.check(f"https://{name}.vn/a.csv")
    with pytest.raises(RefusedError, match="is not allowed"):
        hosts.check("https://dulieu.vn/a.csv")


def test_a_secret_is_masked_in_every_form_in_which_it_travels() -> None:
    learn("mật khẩu/+1")
    for form in ("mật khẩu/+1", "m%E1%BA%ADt%20kh%E1%BA%A9u%2F%2B1", "m\\u1eadt kh\\u1ea9u/+1"):
        assert redact(f"GET ?key={form}!") == "GET ?key=***!"


def test_what_the_page_on_servers_shows_is_what_the_lint_accepts(tmp_path: Path) -> None:
    page = (PROJECT_ROOT / "docs" / "how-to" / "connect-to-servers.md").read_text(encoding="utf-8")
    shown = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.S)]
    assert len(shown) > 4
    for example in shown:
        path = write_contract(tmp_path, "things", servers=example.get("servers", [WEB]))
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        data["customProperties"] += example.get("customProperties", [])
        for table in example.get("schema", []):
            data["schema"][0]["customProperties"] += table["customProperties"]
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        contract = load_sources(tmp_path)["things"]
        found = [*connection.problems(contract), *archive.problems(contract)]
        assert [*found, *ckan.problems(contract)] == [], example
