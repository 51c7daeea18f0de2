"""Files behind `http(s)://`, pulled conditionally: one address per table.

What is asked and what an answer means; connection, retries and limits are `transport`.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import requests

from pipelines.clock import now
from pipelines.contracts import SourceContract
from pipelines.contracts.connection import base_address
from pipelines.ingest.connectors.base import (
    FinalPullError,
    RawFile,
    Resource,
    Transfer,
    public_address,
    wanted,
)
from pipelines.ingest.connectors.body import receive
from pipelines.ingest.connectors.refusal import RefusedError
from pipelines.ingest.connectors.transport import Session, open_session
from pipelines.ingest.partitions import address_in, first_month, months_between
from pipelines.province import load_province

CEILING = 4 << 30  # bytes; a contract may set `maxBytes`


class HttpConnector:
    """Files behind `http(s)://`, pulled conditionally: one address per table, or one per month.

    The server's `location` is the base address; each table's `resource` is relative to it. Nobody
    can ask a web server for a list: of a source that is parted by month every month until now is
    asked for, and one that was never there may be missing.
    """

    accumulates = False

    def __init__(self, contract: SourceContract) -> None:
        self.contract = contract
        self.session = open_session(contract)
        self._hoped_for: set[str] = set()  # names of months of which nothing was found yet
        self._found = False

    def resources(self, stored: Sequence[RawFile]) -> Sequence[Resource]:
        known = {(file.table, file.resource) for file in stored}
        self._found = bool(known)
        found: list[Resource] = []
        for table, pattern in wanted(self.contract):
            for month in self._months(pattern):
                name = address_in(pattern, month) if month else pattern
                address = urljoin(_folder(base_address(self.contract)), name)
                found.append(Resource(table, name, address, partition=month))
                if month and (table, name) not in known:
                    self._hoped_for.add(name)
        return found

    def fetch(self, resource: Resource, into: Path, last: RawFile | None) -> Transfer:
        hoped_for = resource.name in self._hoped_for
        done = fetch_file(self.session, self.contract, resource, into, last, may_lack=hoped_for)
        self._hoped_for.discard(resource.name)
        self._found = self._found or not done.empty
        if not self._found and not self._hoped_for:
            raise FinalPullError(
                f"source {self.contract.name}: none of its months is at"
                f" {public_address(base_address(self.contract))}; correct `location` or `resource`"
                f" in {self.contract.path}"
            )
        return done

    def _months(self, pattern: str) -> Sequence[str | None]:
        first = first_month(self.contract)
        if first is None or "{yyyy}" not in pattern:
            return [None]
        today = now().astimezone(ZoneInfo(load_province().time_zone))
        return months_between(first, f"{today:%Y-%m}")


def _folder(address: str) -> str:
    return address if address.endswith("/") else address + "/"


def fetch_file(
    session: Session,
    contract: SourceContract,
    resource: Resource,
    into: Path,
    last: RawFile | None,
    declared: str | None = None,
    may_lack: bool = False,
) -> Transfer:
    """Stream one file into `into`, unless the server says that it is still what `last` is.

    `declared` is the time of its last change that upstream states elsewhere, where it does. With
    `may_lack` a file that is not there is no error: the transfer is `empty`.

    Raises:
        PullError: the file is missing, refused, too large or cut short.
    """
    with session.transfer(resource.address):
        return session.persist(
            lambda: _ask(session, contract, resource, into, last, declared, may_lack)
        )


def _ask(
    session: Session,
    contract: SourceContract,
    resource: Resource,
    into: Path,
    last: RawFile | None,
    declared: str | None,
    may_lack: bool,
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
        if may_lack and response.status_code == requests.codes.not_found:
            return Transfer(not_modified=False, http_status=response.status_code, empty=True)
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
    for name, after, before in (
        ("declared", declared, last.declared),
        ("last-modified", modified, last.last_modified),
        ("etag", etag, last.etag),
    ):
        if after and before and after != before:
            return name
    return None
