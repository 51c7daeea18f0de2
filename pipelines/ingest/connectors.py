"""Where bytes are: list a source's resources and stream one of them into a file.

A connector knows addresses and transfer; it never looks inside a file. `file://` and `http(s)://`
exist; S3 and SQL join here by implementing `Connector`.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from pipelines.canonical import CHUNK
from pipelines.contracts import SourceContract
from pipelines.settings import Home


class PullError(Exception):
    """A resource cannot be pulled; the message names source, address and remedy."""


@dataclass(frozen=True)
class Resource:
    """One file of a source. `name` is its identity over time, `address` where it is now."""

    table: str
    name: str
    address: str

    @property
    def public_address(self) -> str:
        """The address without user, password or query, which may hold secrets."""
        parts = urlsplit(self.address)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        return urlunsplit((parts.scheme, host + port, parts.path, "", ""))


@dataclass(frozen=True)
class Transfer:
    """How a transfer went. `not_modified` means nothing was written: the last bytes still hold."""

    not_modified: bool
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None


class Connector(Protocol):
    """What every connector offers."""

    def resources(self) -> Sequence[Resource]:
        """The source's resources now, in name order.

        Raises:
            PullError: there is none.
        """

    def fetch(self, resource: Resource, into: Path, known: Mapping[str, str]) -> Transfer:
        """Stream `resource` into the new file `into`.

        `known` holds the `etag` and `last_modified` of the bytes already stored, if any.

        Raises:
            PullError: the resource is missing, refused, too large or cut short.
        """


def _wanted(contract: SourceContract) -> list[tuple[str, str]]:
    """(table, glob or relative address) of each table of the contract."""
    return [(table.name, str(table.properties.get("resource", "*"))) for table in contract.tables]


class FileConnector:
    """Files below a folder: `path` of the server, relative to the source's own folder.

    `{home}` in the path stands for `$KHOMO_HOME`.
    """

    def __init__(self, contract: SourceContract, home: Home) -> None:
        self.contract = contract
        path = str(contract.server.get("path", "")).removeprefix("file://")
        self.folder = (contract.folder / path.replace("{home}", str(home.root))).resolve()

    def resources(self) -> Sequence[Resource]:
        found: list[Resource] = []
        for table, pattern in _wanted(self.contract):
            files = sorted(path for path in self.folder.glob(pattern) if path.is_file())
            if not files:
                raise PullError(
                    f"source {self.contract.name}: no file matches {self.folder / pattern};"
                    " put the file there, or correct `resource` or `servers` in"
                    f" {self.contract.path}"
                )
            found += [
                Resource(table, path.relative_to(self.folder).as_posix(), path.as_uri())
                for path in files
            ]
        return found

    def fetch(self, resource: Resource, into: Path, known: Mapping[str, str]) -> Transfer:
        del known  # a local file is always read: its checksum is the only proof that counts
        path = Path(unquote(urlsplit(resource.address).path))
        try:
            with path.open("rb") as source, into.open("xb") as target:
                shutil.copyfileobj(source, target, CHUNK)
        except OSError as error:
            raise PullError(f"source {self.contract.name}: cannot read {path}: {error}") from error
        return Transfer(not_modified=False)


class HttpConnector:
    """Files behind `http(s)://`, pulled conditionally: one address per table.

    The server's `location` is the base address; each table's `resource` is relative to it.
    """

    TIMEOUT = (10, 60)  # seconds to connect, and between two pieces of a body
    CEILING = 4 << 30  # bytes; a contract may set `maxBytes`

    def __init__(self, contract: SourceContract) -> None:
        self.contract = contract
        server = contract.server
        self.base = str(server.get("location") or server.get("endpointUrl") or "")
        self.ceiling = int(contract.properties.get("maxBytes", self.CEILING))
        retry = Retry(
            total=4,
            backoff_factor=0.5,
            status_forcelist=(429, 500, 502, 503, 504),
            allowed_methods=("GET",),
            respect_retry_after_header=True,
        )
        self.session = requests.Session()
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=retry))

    def resources(self) -> Sequence[Resource]:
        base = self.base if self.base.endswith("/") else self.base + "/"
        return [
            Resource(table, name, urljoin(base, name)) for table, name in _wanted(self.contract)
        ]

    def fetch(self, resource: Resource, into: Path, known: Mapping[str, str]) -> Transfer:
        headers = {"Accept-Encoding": "identity"}
        if etag := known.get("etag"):
            headers["If-None-Match"] = etag
        if modified := known.get("last_modified"):
            headers["If-Modified-Since"] = modified
        where = f"source {self.contract.name}: {resource.public_address}"
        try:
            with self.session.get(
                resource.address, headers=headers, stream=True, timeout=self.TIMEOUT
            ) as response:
                return self._store(response, into, where)
        except requests.RequestException as error:
            raise PullError(
                f"{where}: {type(error).__name__} after retries; check that the server answers,"
                " then run again: nothing was changed"
            ) from None  # the library's own words quote the whole address, secrets included

    def _store(self, response: requests.Response, into: Path, where: str) -> Transfer:
        transfer = Transfer(
            not_modified=response.status_code == requests.codes.not_modified,
            http_status=response.status_code,
            etag=response.headers.get("ETag"),
            last_modified=response.headers.get("Last-Modified"),
        )
        if transfer.not_modified:
            return transfer
        if not response.ok:
            raise PullError(f"{where} answered {response.status_code} {response.reason}")
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("text/html"):
            raise PullError(
                f"{where} answered an HTML page, not a data file; the address may need a log-in"
            )
        received = 0
        with into.open("xb") as target:
            for piece in response.iter_content(CHUNK):
                received += len(piece)
                if received > self.ceiling:
                    raise PullError(
                        f"{where} is larger than {self.ceiling} bytes;"
                        " raise `maxBytes` in the contract if that is right"
                    )
                target.write(piece)
        promised = response.headers.get("Content-Length")
        if promised is not None and int(promised) != received:
            raise PullError(f"{where} was cut short: {received} of {promised} bytes arrived")
        return transfer


def connector_for(contract: SourceContract, home: Home) -> Connector:
    """The connector for the contract's server.

    Raises:
        PullError: the server is of a kind nobody can read.
    """
    server = contract.server
    address = str(server.get("location") or server.get("endpointUrl") or "")
    if address.startswith(("http://", "https://")):
        return HttpConnector(contract)
    if server.get("path"):
        return FileConnector(contract, home)
    raise PullError(
        f"{contract.path}: server {server.get('server')!r} has neither a `path` (files) nor a"
        " `location` that starts with http:// or https://"
    )
