"""One HTTP session for every connector: hosts, time limits, retries, credentials, clear errors.

Whatever goes wrong in it comes out as a `PullError` without a secret in it. What is asked is each
connector's business, whom may be connected to is `hosts`, for how long is `timing`, how a body
is stored is `body`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from pipelines.contracts import SourceContract
from pipelines.contracts.connection import Connection, base_address, connection_of
from pipelines.ingest.connectors.base import FinalPullError, PullError, public_address
from pipelines.ingest.connectors.credentials import Credentials, credentials_of
from pipelines.ingest.connectors.hosts import Hosts
from pipelines.ingest.connectors.pools import guarded_pools
from pipelines.ingest.connectors.redaction import redact
from pipelines.ingest.connectors.refusal import CutError, LateError, RefusedError
from pipelines.ingest.connectors.timing import Patience, Timing

CONNECT = 10.0  # seconds to connect
REDIRECTS = 5
ANSWER = 64 << 20  # bytes of an answer that is held in memory
_PIECE = 1 << 16

T = TypeVar("T")


class _Adapter(HTTPAdapter):
    """Sends over connections that are watched over."""

    def __init__(self, hosts: Hosts, timing: Timing) -> None:
        self._pools = guarded_pools(hosts, timing)
        super().__init__(max_retries=Patience.of(timing))

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, **more)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: Any, **more: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **more)
        manager.pool_classes_by_scheme = self._pools
        return manager


class Session(requests.Session):
    """A session for the servers of one source.

    Every method raises `PullError` where `requests` would raise its own, naming the source, the
    address without query, and the remedy. Statuses of 400 and more are answers, not errors: after
    the retries they are returned. An answer that is not streamed holds at most `ANSWER` bytes.
    """

    def __init__(
        self, source: str, base: str, limits: Connection, credentials: Credentials | None = None
    ) -> None:
        super().__init__()
        self.source = source
        self.base = base
        self.limits = limits
        self.hosts = Hosts(base, limits.hosts)
        self.timing = Timing(limits)
        self.max_redirects = REDIRECTS
        # Not None even without credentials: `requests` would look into ~/.netrc.
        self.credentials = credentials or Credentials(base)
        self.auth = self.credentials
        self.headers["Accept-Encoding"] = "identity"
        self.headers["User-Agent"] = "khomo"
        adapter = _Adapter(self.hosts, self.timing)
        for scheme in ("http://", "https://"):
            self.mount(scheme, adapter)

    @contextmanager
    def transfer(self, address: str) -> Iterator[None]:
        """What happens inside counts as one transfer: one deadline, and clear errors.

        Transfers can be nested; the outermost one has the deadline.

        Raises:
            PullError: whatever went wrong, in words without secrets.
        """
        where = f"source {self.source}: {public_address(address)}"
        try:
            with self.timing.running():
                try:
                    yield
                except (requests.RequestException, HTTPError, CutError):
                    self.timing.check()  # a connection that was cut is late, not broken
                    raise
                self.timing.check()
        except RefusedError as error:
            kind = PullError if error.passing else FinalPullError
            raise kind(redact(f"{where}: {error}")) from None
        except LateError:
            raise PullError(
                f"{where} took longer than {self.limits.deadline:g} seconds; nothing was"
                " changed. Run again later, or raise `connector: {deadlineSeconds: …}` in the"
                " contract"
            ) from None
        except (requests.RequestException, HTTPError) as error:
            # Not the library's own words: they quote the whole address, secrets included.
            raise PullError(
                f"{where} {_words(error)}; check that the server answers, then run again:"
                " nothing was changed"
            ) from None

    def persist(self, attempt: Callable[[], T]) -> T:
        """Do again what broke off in the middle, as often as the contract says.

        Requests that are not answered at all are already sent again by themselves.
        """
        for number in range(self.limits.retries):
            try:
                return attempt()
            except CutError:
                self.timing.wait(self.limits.backoff * 2**number)
        return attempt()

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request and whatever it is redirected to."""
        address = str(request.url)
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = (CONNECT, self.limits.timeout)
        streamed = bool(kwargs.get("stream"))
        kwargs["stream"] = True
        ask = super().send

        def attempt() -> requests.Response:
            response: requests.Response = ask(request, **kwargs)
            if not streamed:
                _hold(response)
            return response

        with self.transfer(address):
            self.hosts.check(address)
            return self.persist(attempt)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where a redirect leads, if we may go there; its body is not read."""
        target = super().get_redirect_target(resp)
        if target is not None:
            after = self.hosts.check_redirect(str(resp.url), target)
            if self.credentials.carried_by(after) and not self.credentials.belongs(after):
                raise RefusedError("it redirects to another host with our credentials in it")
            resp.close()
            _keep(resp, b"")
        return target

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Show credentials again after a redirect, where they belong, and nowhere else."""
        del response
        self.credentials.strip(prepared_request)
        self.credentials(prepared_request)


def _hold(response: requests.Response) -> None:
    """Read an answer into memory, up to the limit."""
    held = bytearray()
    try:
        for piece in response.iter_content(_PIECE):
            held += piece
            if len(held) > ANSWER:
                response.close()
                raise RefusedError(f"the answer is larger than {ANSWER >> 20} MiB")
    except requests.RequestException as error:
        response.close()
        raise CutError(_words(error)) from None
    _keep(response, bytes(held))


def _keep(response: Any, body: bytes) -> None:
    """Make `body` what the response holds; `requests` has no public way to bound a body."""
    response._content, response._content_consumed = body, True


def _words(error: Exception) -> str:
    """What happened, in words without an address."""
    chain = f"{type(error).__name__} {error}"
    for sign, words in (
        ("CERTIFICATE_VERIFY_FAILED", "has a certificate that cannot be trusted"),
        ("TooManyRedirects", "redirects too often"),
        ("NameResolutionError", "has a name that cannot be resolved"),
        ("IncompleteRead", "was cut short"),
        ("InvalidChunkLength", "was cut short"),
        ("imeout", "did not answer in time"),
        ("timed out", "did not answer in time"),
        ("Connection refused", "cannot be connected to"),
        ("RemoteDisconnected", "hung up before it answered"),
        ("ConnectionReset", "hung up in the middle"),
    ):
        if sign in chain:
            return f"{words} ({type(error).__name__}, after retries)"
    return f"failed with {type(error).__name__}, after retries"


def open_session(contract: SourceContract) -> Session:
    """A session for the server of `contract`, with its credentials.

    Raises:
        PullError: a secret the contract asks for is not in the environment, or the address holds
            a user or a password.
    """
    given, limits = base_address(contract), connection_of(contract)
    try:
        # As requests will write it: a name outside ASCII becomes its IDNA form.
        base = str(requests.Request("GET", given).prepare().url)
        parts = requests.compat.urlparse(given)
    except (requests.RequestException, ValueError):
        raise FinalPullError(
            f"source {contract.name}: the location of the server is not an http(s) address; correct"
            f" it in {contract.path}"
        ) from None
    if "@" in parts.netloc:
        raise FinalPullError(
            f"source {contract.name}: the location of the server holds a user or a password; take"
            f" it out of {contract.path} and use `connector: {{auth: …}}`"
        )
    if limits.auth is None:
        return Session(contract.name, base, limits)
    tokens = Session(contract.name, limits.auth.token_url or base, limits)
    tokens.max_redirects = 0  # the body that asks for a token holds the secret
    return Session(contract.name, base, limits, credentials_of(contract.name, base, limits, tokens))
