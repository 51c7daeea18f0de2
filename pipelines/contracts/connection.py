"""What a contract says about reaching its server: the property `connector`, parsed and judged.

Its words and defaults live here because connectors and the lint share them. What a kind of
connector asks beyond this (a portal's data set, an API's pages) is in a property of its own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pipelines.contracts.model import SourceContract

KINDS = ("file", "http", "ckan", "inbox", "rest")  # as the connectors are registered
AUTH_KINDS = ("basic", "bearer", "apiKey", "oauth2")
_PLAIN = ("kind", "hosts", "auth", "complete", "settle")
_AUTH = {
    "basic": ("kind", "secret"),
    "bearer": ("kind", "secret"),
    "apiKey": ("kind", "secret", "in", "name"),
    "oauth2": ("kind", "secret", "tokenUrl", "scope", "client"),
}
_CHOICES = {"in": ("header", "query"), "client": ("header", "body")}
_SECRET = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_SECRETIVE = re.compile(r"(?i).*(token|password|passwd|secret|api_?-?key|access_?key)|key|auth")
_HOST = re.compile(r"\w([\w.-]*\w)?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")  # a name, IPv4, or IPv6


@dataclass(frozen=True)
class Auth:
    """How a server knows us; the secret itself is in the environment, under the name `secret`.

    `place` is where an API key goes: `header` or `query`, called `name`. `client` says how an
    OAuth2 client shows its secret: in the `header` (basic) or in the `body`.
    """

    kind: str
    secret: str
    place: str = "header"
    name: str = "X-API-Key"
    token_url: str = ""
    scope: str | None = None
    client: str = "header"


@dataclass(frozen=True)
class Connection:
    """Where a source may connect to, and how patiently. Times in seconds.

    `hosts` are those the contract allows besides that of its own `location`. `timeout` is the
    longest silence, `deadline` the longest time of one transfer, its retries included.
    """

    hosts: tuple[str, ...] = ()
    auth: Auth | None = None
    timeout: float = 60.0
    deadline: float = 3600.0
    retries: int = 4
    backoff: float = 0.5
    per_second: float | None = None


_NUMBERS = {
    "timeoutSeconds": "timeout",
    "deadlineSeconds": "deadline",
    "retries": "retries",
    "backoffSeconds": "backoff",
    "requestsPerSecond": "per_second",
}


def base_address(contract: SourceContract) -> str:
    """The address of the contract's server; empty where it has none."""
    server = contract.server
    return str(server.get("location") or server.get("endpointUrl") or "")


def connection_of(contract: SourceContract) -> Connection:
    """The `connector` property; what it does not say is at its default."""
    said = contract.properties.get("connector") or {}
    numbers = {field: said[name] for name, field in _NUMBERS.items() if name in said}
    hosts = tuple(str(host).lower() for host in said.get("hosts") or ())
    return Connection(hosts=hosts, auth=_auth(said.get("auth")), **numbers)


def _auth(said: Mapping[str, Any] | None) -> Auth | None:
    if not said:
        return None
    given = {
        "place": said.get("in"),
        "name": said.get("name"),
        "token_url": said.get("tokenUrl"),
        "scope": said.get("scope"),
        "client": said.get("client"),
    }
    known = {name: str(value) for name, value in given.items() if value is not None}
    return Auth(kind=str(said.get("kind")), secret=str(said.get("secret")), **known)


def problems(contract: SourceContract) -> Iterator[str]:
    """What is wrong with the `connector` property and the server's address, for the lint."""
    yield from _address_problems(contract)
    limit = contract.properties.get("maxBytes")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        yield f"maxBytes is a number of bytes, not {limit!r}"
    said = contract.properties.get("connector")
    if said is None:
        return
    if not isinstance(said, Mapping):
        yield "connector: must be a mapping such as {kind: http}"
        return
    if unknown := sorted(str(name) for name in said if name not in (*_PLAIN, *_NUMBERS)):
        yield f"connector: {', '.join(unknown)} is not one of {', '.join((*_PLAIN, *_NUMBERS))}"
    if said.get("kind") is not None and said["kind"] not in KINDS:
        yield f"connector: kind {said['kind']!r} is not one of {', '.join(KINDS)}"
    for name in _NUMBERS:
        least = 0 if name in ("retries", "backoffSeconds") else 0.001
        value = said.get(name, 1)
        wanted = int if name == "retries" else int | float
        if not isinstance(value, wanted) or isinstance(value, bool) or value < least:
            yield f"connector: {name} is a number greater than 0, not {value!r}"
    hosts = said.get("hosts") or []
    if not isinstance(hosts, list) or not all(_HOST.fullmatch(str(host)) for host in hosts):
        yield "connector: hosts is a list of host names or addresses, without scheme or path"
    yield from _auth_problems(said.get("auth"))


def _address_problems(contract: SourceContract) -> Iterator[str]:
    said = contract.properties.get("connector")
    kind = said.get("kind") if isinstance(said, Mapping) else None
    places = [base_address(contract)]
    if not places[0]:
        if kind not in (None, "file", "inbox"):
            yield f"servers: a connector of kind {kind} needs a location"
        return
    try:
        parts = urlsplit(places[0])
        if parts.port == 0 or not parts.hostname or parts.scheme not in ("http", "https"):
            raise ValueError
    except ValueError:
        yield "servers: the location is not an http(s) address"
        return
    if "@" in parts.netloc:
        yield "servers: the location holds a user or a password; use `connector: {auth: …}`"
    places += [str(table.properties.get("resource", "")) for table in contract.tables]
    for place in places:
        query = place.partition("?")[2]
        named = {pair.partition("=")[0] for pair in query.split("&")}
        if found := sorted(name for name in named if _SECRETIVE.fullmatch(name)):
            yield (
                f"servers: {', '.join(found)} in an address looks like a credential; use"
                " `connector: {auth: {kind: apiKey, in: query, …}}`"
            )


def _auth_problems(said: Any) -> Iterator[str]:
    if said is None:
        return
    if not isinstance(said, Mapping) or said.get("kind") not in AUTH_KINDS:
        yield f"connector: auth is a mapping with a kind out of {', '.join(AUTH_KINDS)}"
        return
    kind = str(said["kind"])
    if unknown := sorted(str(name) for name in said if name not in _AUTH[kind]):
        # Not shown: somebody may have written the secret itself.
        yield (
            f"connector: auth: {', '.join(unknown)} is not one of {', '.join(_AUTH[kind])}; secrets"
            " belong into the environment"
        )
    secret = str(said.get("secret") or "")
    if not _SECRET.fullmatch(secret) or secret.endswith("_USER"):
        yield (
            "connector: auth: secret is the NAME of the secret, in capitals, such as LGSP for the"
            " variable KHOMO_SECRET_LGSP, and does not end in _USER"
        )
    for name, choices in _CHOICES.items():
        if said.get(name, choices[0]) not in choices:
            yield f"connector: auth: {name} is not one of {', '.join(choices)}"
    token_url = urlsplit(str(said.get("tokenUrl") or ""))
    if kind == "oauth2" and token_url.scheme not in ("http", "https"):
        yield "connector: auth: tokenUrl, the address that gives tokens, is missing"
    if token_url.username or token_url.password or token_url.query:
        yield "connector: auth: tokenUrl holds a user, a password or a query"
