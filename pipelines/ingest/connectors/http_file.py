"""Files behind `http(s)://`, pulled conditionally: one address per table.

What is asked and what an answer means; connection, retries and limits are `transport`.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin

import requests

from pipelines.canonical import CHUNK
from pipelines.contracts import SourceContract
from pipelines.ingest.connectors.base import PullError, RawFile, Resource, Transfer, wanted
from pipelines.ingest.connectors.transport import TIMEOUT, open_session


class HttpConnector:
    """Files behind `http(s)://`, pulled conditionally: one address per table.

    The server's `location` is the base address; each table's `resource` is relative to it.
    """

    CEILING = 4 << 30  # bytes; a contract may set `maxBytes`

    def __init__(self, contract: SourceContract) -> None:
        self.contract = contract
        server = contract.server
        self.base = str(server.get("location") or server.get("endpointUrl") or "")
        self.ceiling = int(contract.properties.get("maxBytes", self.CEILING))
        self.session = open_session(contract)

    def resources(self, stored: Sequence[RawFile]) -> Sequence[Resource]:
        del stored
        base = self.base if self.base.endswith("/") else self.base + "/"
        return [Resource(table, name, urljoin(base, name)) for table, name in wanted(self.contract)]

    def fetch(self, resource: Resource, into: Path, last: RawFile | None) -> Transfer:
        headers = {"Accept-Encoding": "identity"}
        if last is not None and last.etag:
            headers["If-None-Match"] = last.etag
        if last is not None and last.last_modified:
            headers["If-Modified-Since"] = last.last_modified
        where = f"source {self.contract.name}: {resource.public_address}"
        try:
            with self.session.get(
                resource.address, headers=headers, stream=True, timeout=TIMEOUT
            ) as response:
                known_by = "etag" if "If-None-Match" in headers else "last-modified"
                return self._store(response, into, where, known_by)
        except requests.RequestException as error:
            raise PullError(
                f"{where}: {type(error).__name__} after retries; check that the server answers,"
                " then run again: nothing was changed"
            ) from None  # the library's own words quote the whole address, secrets included

    def _store(
        self, response: requests.Response, into: Path, where: str, known_by: str
    ) -> Transfer:
        unchanged = response.status_code == requests.codes.not_modified
        transfer = Transfer(
            not_modified=unchanged,
            known_by=known_by if unchanged else None,
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
