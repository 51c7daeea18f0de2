"""Where bytes are: list a source's resources and stream one of them into a file.

A connector knows addresses and transfer; it never looks inside a file. One module per kind of
server. A contract names its kind by the property `connector: {kind: …}`; without it a server with a
`path` is a folder and one with an `http(s)://` location is a web server. S3 and SQL join here: a
module that implements `Connector`, and a line in `_KINDS`.
"""

from collections.abc import Callable

from pipelines.contracts import SourceContract
from pipelines.ingest.connectors.base import (
    Connector,
    FinalPullError,
    PullError,
    RawFile,
    Resource,
    Transfer,
    public_address,
)
from pipelines.settings import Home

__all__ = [
    "Connector",
    "FinalPullError",
    "PullError",
    "RawFile",
    "Resource",
    "Transfer",
    "connector_for",
    "kind_of",
    "public_address",
]


def _file(contract: SourceContract, home: Home) -> Connector:
    from pipelines.ingest.connectors.local import FileConnector

    return FileConnector(contract, home)


def _http(contract: SourceContract, home: Home) -> Connector:
    from pipelines.ingest.connectors.http_file import HttpConnector

    del home
    return HttpConnector(contract)


def _ckan(contract: SourceContract, home: Home) -> Connector:
    from pipelines.ingest.connectors.ckan import CkanConnector

    del home
    return CkanConnector(contract)


def _inbox(contract: SourceContract, home: Home) -> Connector:
    from pipelines.ingest.connectors.inbox import InboxConnector

    return InboxConnector(contract, home)


def _rest(contract: SourceContract, home: Home) -> Connector:
    from pipelines.ingest.connectors.rest import RestConnector

    return RestConnector(contract, home)


_KINDS: dict[str, Callable[[SourceContract, Home], Connector]] = {
    "file": _file,
    "http": _http,
    "ckan": _ckan,
    "inbox": _inbox,
    "rest": _rest,
}


def kind_of(contract: SourceContract) -> str:
    """Which kind of connector a contract asks for, by name or by its server's address.

    Raises:
        PullError: the contract says neither.
    """
    if named := (contract.properties.get("connector") or {}).get("kind"):
        return str(named)
    server = contract.server
    address = str(server.get("location") or server.get("endpointUrl") or "")
    if address.startswith(("http://", "https://")):
        return "http"
    if server.get("path"):
        return "file"
    raise PullError(
        f"{contract.path}: server {server.get('server')!r} has neither a `path` (files) nor a"
        " `location` that starts with http:// or https://"
    )


def connector_for(contract: SourceContract, home: Home) -> Connector:
    """The connector for the contract's server.

    Raises:
        PullError: the server is of a kind nobody can read.
    """
    kind = kind_of(contract)
    if kind not in _KINDS:
        raise PullError(
            f"{contract.path}: connector kind {kind!r} is not one of {', '.join(_KINDS)}"
        )
    return _KINDS[kind](contract, home)
