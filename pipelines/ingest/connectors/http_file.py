"""Files behind `http(s)://`, pulled conditionally: one address per table.

What is asked and what an answer means; connection, retries and limits are `transport`.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin

import requests

from pipelines.contracts import SourceContract
from pipelines.contracts.connection import base_address
from pipelines.ingest.connectors.base import RawFile, Resource, Transfer, wanted
from pipelines.ingest.connectors.body import receive
from pipelines.ingest.connectors.guard import RefusedError
from pipelines.ingest.connectors.transport import Session, open_session

CEILING = 4 << 30  # bytes; a contract may set `maxBytes`


class HttpConnector:
    """Files behind `http(s)://`, pulled conditionally: one address per table.

    The server's `location` is the base address; each table's `resource` is relative to it.
    """

    def __init__(self, contract: SourceContract) -> None:
        self.contract = contract
        self.session = open_session(contract)

    def resources(self, stored: Sequence[RawFile]) -> Sequence[Resource]:
        del stored
        base = base_address(self.contract)
        base = base if base.endswith("/") else base + "/"
        return [Resource(table, name, urljoin(base, name)) for table, name in wanted(self.contract)]

    def fetch(self, resource: Resource, into: Path, last: RawFile | None) -> Transfer:
        return fetch_file(self.session, self.contract, resource, into, last)


def fetch_file(
    session: Session,
    contract: SourceContract,
    resource: Resource,
    into: Path,
    last: RawFile | None,
    declared: str | None = None,
) -> Transfer:
    """Stream one file into `into`, unless the server says that it is still what `last` is.

    `declared` is the time of its last change that upstream states elsewhere, where it does.

    Raises:
        PullError: the file is missing, refused, too large or cut short.
    """
    with session.transfer(resource.address):
        return session.persist(lambda: _ask(session, contract, resource, into, last, declared))


def _ask(
    session: Session,
    contract: SourceContract,
    resource: Resource,
    into: Path,
    last: RawFile | None,
    declared: str | None,
) -> Transfer:
    conditions = {}
    if last is not None and last.etag:
        conditions["If-None-Match"] = last.etag
    if last is not None and last.last_modified:
        conditions["If-Modified-Since"] = last.last_modified
    with session.get(resource.address, headers=conditions, stream=True) as response:
        etag = response.headers.get("ETag")
        modified = response.headers.get("Last-Modified")
        if response.status_code == requests.codes.not_modified:
            if not conditions or last is None:
                raise RefusedError("answered that nothing changed, but it was never pulled")
            return Transfer(
                not_modified=True,
                known_by="etag" if "If-None-Match" in conditions else "last-modified",
                http_status=response.status_code,
                etag=etag or last.etag,
                last_modified=modified or last.last_modified,
                declared=declared,
            )
        form = form_of(contract, resource)
        receive(session, response, into, ceiling=ceiling_of(contract), form=form)
        return Transfer(
            not_modified=False,
            known_by=_sign_of_change(last, declared, modified, etag),
            http_status=response.status_code,
            etag=etag,
            last_modified=modified,
            declared=declared,
        )


def ceiling_of(contract: SourceContract) -> int:
    """The most bytes a file of the contract may have."""
    return int(contract.properties.get("maxBytes", CEILING))


def form_of(contract: SourceContract, resource: Resource) -> str:
    """The format the contract expects of a resource."""
    tables = {table.name: table for table in contract.tables}
    return str(tables[resource.table].properties.get("format") or contract.server.get("format", ""))


def _sign_of_change(
    last: RawFile | None, declared: str | None, modified: str | None, etag: str | None
) -> str | None:
    """What told first that the file may have changed; None where only its checksum can."""
    if last is None:
        return None
    for name, now, before in (
        ("declared", declared, last.declared),
        ("last-modified", modified, last.last_modified),
        ("etag", etag, last.etag),
    ):
        if now and before and now != before:
            return name
    return None
