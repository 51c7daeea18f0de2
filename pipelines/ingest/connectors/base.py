"""What all connectors share: the shapes of a resource, a stored file and a transfer.

How a kind of server is asked is each connector's own module; how bytes are kept is `raw`.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from pipelines.contracts import SourceContract


class PullError(Exception):
    """A resource cannot be pulled; the message names source, address and remedy."""


class FinalPullError(PullError):
    """A pull that fails in the same way when it is tried again at once: a refusal, not a hitch."""


def public_address(address: str) -> str:
    """An address without user, password, query or fragment, which may hold secrets."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return urlunsplit((parts.scheme, host + port, parts.path, "", ""))


@dataclass(frozen=True)
class Resource:
    """One file of a source. `name` is its identity over time, `address` where it is now.

    `partition` is the month (`2026-10`) it belongs to, where the contract parts the source.
    `accumulates` is true where the file adds to those stored before it instead of replacing the
    one of its name: an increment of an API.
    """

    table: str
    name: str
    address: str
    partition: str | None = None
    accumulates: bool = False

    @property
    def public_address(self) -> str:
        """The address without user, password or query, which may hold secrets."""
        return public_address(self.address)


@dataclass(frozen=True)
class RawFile:
    """One stored resource of a source.

    `etag` is whatever tells cheaply that the resource is still the same: a server's entity tag, a
    file's size and times. `watermark` is the greatest value of the contract's watermark column in
    it, as upstream writes it; None where the source is not pulled in increments. `declared` is when
    upstream itself says the content was last changed.
    """

    table: str
    resource: str
    sha256: str
    bytes: int
    etag: str | None = None
    last_modified: str | None = None
    partition: str | None = None
    watermark: str | None = None
    declared: str | None = None


@dataclass(frozen=True)
class Transfer:
    """How a transfer went. `not_modified` means nothing was written: the last bytes still hold.

    `known_by` says what told that nothing changed, or that something did: `declared` (a day
    upstream states), `last-modified`, `etag`, `stat`, …; None where only the checksum can tell.
    `empty` means upstream has nothing new to add: nothing was written and nothing is stored.
    `declared` is the day or time upstream itself states for the content, where it states one.
    `pages` is how many answers of an API the file is made of. `remarks` are for the log.
    """

    not_modified: bool
    known_by: str | None = None
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    declared: str | None = None
    watermark: str | None = None
    empty: bool = False
    pages: int | None = None
    remarks: tuple[str, ...] = ()


class Connector(Protocol):
    """What every connector offers.

    `accumulates` is true where what was stored stays although the server no longer shows it.
    """

    accumulates: bool

    def resources(self, stored: Sequence[RawFile]) -> Sequence[Resource]:
        """The source's resources now, in name order; `stored` is what the raw store holds of it.

        Raises:
            PullError: there is none.
        """

    def fetch(self, resource: Resource, into: Path, last: RawFile | None) -> Transfer:
        """Stream `resource` into the new file `into`.

        `last` is what is stored of this resource, if its bytes are still there.

        Raises:
            PullError: the resource is missing, refused, too large or cut short.
        """


def file_state(facts: os.stat_result) -> str:
    """Differs whenever somebody may have changed a file; reading years of files to find that none
    changed would make each new month cost its history.

    The time of the last change of state (ctime) cannot be set back by the tools that preserve the
    time of modification.
    """
    return f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}:{facts.st_ino}"


def wanted(contract: SourceContract) -> list[tuple[str, str]]:
    """(table, glob or relative address) of each table of the contract."""
    return [(table.name, str(table.properties.get("resource", "*"))) for table in contract.tables]
