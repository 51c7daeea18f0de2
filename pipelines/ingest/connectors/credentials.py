"""Credentials from the environment, shown to the contract's own server and to nobody else.

A contract names a secret; its value is in the variable `KHOMO_SECRET_<NAME>`, and the user or
client it belongs to in `KHOMO_SECRET_<NAME>_USER`. Values are never written down: `redaction`
masks them in every message.
"""

import base64
import os
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from requests.auth import AuthBase
from requests.sessions import SessionRedirectMixin

from pipelines.contracts.connection import Auth, Connection
from pipelines.ingest.connectors.base import FinalPullError
from pipelines.ingest.connectors.redaction import learn

_RULES: Any = SessionRedirectMixin()
SHORTEST = 4  # letters of a secret
EARLY = 30  # seconds before its end at which a token is renewed


def secret(source: str, name: str) -> str:
    """The value of a secret.

    Raises:
        FinalPullError: its variable is not set; the message names the variable.
    """
    variable = f"KHOMO_SECRET_{name}"
    if not (value := os.environ.get(variable, "")):
        raise FinalPullError(
            f"source {source}: the environment variable {variable} is not set; set it for the user"
            " that runs khomo"
        )
    if not value.isprintable():
        raise FinalPullError(
            f"source {source}: {variable} holds a line break or a control character"
        )
    return value


class Credentials(AuthBase):
    """Nothing to show; the base of those that have something.

    They are added to requests to the server at `base` only: same host and port, and never over
    http where the server is asked over https.
    """

    header = ""  # name of the header they travel in
    parameter = ""  # name of the query parameter they travel in

    def __init__(self, base: str, value: str = "") -> None:
        self.base = base
        self.value = value

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.belongs(str(r.url)):
            self.add(r)
        return r

    def belongs(self, address: str) -> bool:
        """Whether `address` is on the server the credentials are for."""
        return not _RULES.should_strip_auth(self.base, address)

    def carried_by(self, address: str) -> bool:
        """Whether the credentials are in an address."""
        return bool(self.parameter) and any(
            name == self.parameter or value == self.value
            for name, value in parse_qsl(urlsplit(address).query)
        )

    def strip(self, request: requests.PreparedRequest) -> None:
        """Take the credentials out of a request that was copied from an earlier one."""
        for name in ("Authorization", self.header):
            if name:
                request.headers.pop(name, None)

    def add(self, request: requests.PreparedRequest) -> None:
        """Put the credentials into a request."""
        if self.header:
            request.headers[self.header] = self.value


class HeaderCredentials(Credentials):
    """A fixed header: basic, bearer, or an API key."""

    def __init__(self, base: str, header: str, value: str) -> None:
        super().__init__(base, value)
        self.header = header


class QueryCredentials(Credentials):
    """An API key in the address."""

    def __init__(self, base: str, parameter: str, value: str) -> None:
        super().__init__(base, value)
        self.parameter = parameter

    def add(self, request: requests.PreparedRequest) -> None:
        parts = urlsplit(str(request.url))
        others = [
            pair
            for pair in parse_qsl(parts.query, keep_blank_values=True)
            if pair[0] != self.parameter
        ]
        query = urlencode([*others, (self.parameter, self.value)])
        request.url = urlunsplit(parts._replace(query=query))


class TokenCredentials(Credentials):
    """OAuth2 client credentials: a token that is renewed before it expires, and once when it is
    refused all the same.
    """

    header = "Authorization"

    def __init__(self, base: str, renew: Callable[[], tuple[str, float]]) -> None:
        super().__init__(base)
        self._renew = renew
        self._ends = 0.0

    def add(self, request: requests.PreparedRequest) -> None:
        if not self.value or time.monotonic() >= self._ends:
            self._obtain()
        request.headers["Authorization"] = f"Bearer {self.value}"
        if self._again not in request.hooks["response"]:
            request.hooks["response"].append(self._again)

    def _obtain(self) -> None:
        self.value, seconds = self._renew()
        # A token shorter than the margin is used for half its life, not renewed for every request.
        self._ends = time.monotonic() + max(seconds - EARLY, seconds / 2)

    def _again(self, response: requests.Response, **kwargs: Any) -> requests.Response:
        request = response.request
        if response.status_code != requests.codes.unauthorized or not self.belongs(
            str(request.url)
        ):
            return response
        response.close()
        if request.headers.get("Authorization") == f"Bearer {self.value}":
            self._obtain()
        again = request.copy()
        again.headers["Authorization"] = f"Bearer {self.value}"
        answer: requests.Response = response.connection.send(again, **kwargs)
        answer.history.append(response)
        answer.request = again
        return answer


def _token(
    source: str, auth: Auth, user: str, value: str, session: requests.Session
) -> Callable[[], tuple[str, float]]:
    """A function that asks the token server: returns token and seconds it is good for."""

    def renew() -> tuple[str, float]:
        form = {"grant_type": "client_credentials"}
        headers = {"Accept": "application/json"}
        if auth.scope:
            form["scope"] = auth.scope
        if auth.client == "header":
            headers["Authorization"] = f"Basic {_basic(user, value)}"
        else:
            form |= {"client_id": user, "client_secret": value}
        response = session.post(auth.token_url, data=form, headers=headers)
        try:
            answer = response.json()
            token = str(answer["access_token"])
            seconds = float(answer.get("expires_in", 3600))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise FinalPullError(
                f"source {source}: the token server {urlsplit(auth.token_url).hostname} answered"
                f" {response.status_code} without a token; check KHOMO_SECRET_{auth.secret},"
                f" KHOMO_SECRET_{auth.secret}_USER and `tokenUrl`"
            ) from None
        learn(token)
        return token, seconds

    return renew


def _basic(user: str, value: str) -> str:
    pair = f"{user}:{value}"
    learn(pair)
    return base64.b64encode(pair.encode()).decode()


def credentials_of(
    source: str, base: str, limits: Connection, tokens: requests.Session
) -> Credentials | None:
    """The credentials a contract asks for; `tokens` is the session a token is asked over.

    Raises:
        FinalPullError: a variable is not set.
    """
    auth = limits.auth
    if auth is None:
        return None
    value = secret(source, auth.secret)
    if len(value) < SHORTEST:
        raise FinalPullError(
            f"source {source}: KHOMO_SECRET_{auth.secret} has fewer than {SHORTEST} letters: every"
            " message would have to be masked; ask for a longer one"
        )
    learn(value)
    if auth.kind == "basic":
        user = secret(source, f"{auth.secret}_USER")
        return HeaderCredentials(base, "Authorization", f"Basic {_basic(user, value)}")
    in_header = auth.kind == "bearer" or (auth.kind == "apiKey" and auth.place == "header")
    if in_header and not value.isascii():
        raise FinalPullError(
            f"source {source}: KHOMO_SECRET_{auth.secret} holds letters that cannot be sent in a"
            " header; check that it was copied whole"
        )
    if auth.kind == "bearer":
        return HeaderCredentials(base, "Authorization", f"Bearer {value}")
    if auth.kind == "apiKey" and auth.place == "query":
        return QueryCredentials(base, auth.name, value)
    if auth.kind == "apiKey":
        return HeaderCredentials(base, auth.name, value)
    if auth.kind == "oauth2":
        user = secret(source, f"{auth.secret}_USER")
        return TokenCredentials(base, _token(source, auth, user, value, tokens))
    raise FinalPullError(f"source {source}: connector: auth: kind {auth.kind!r} is not known")
