"""A folder that others copy files into, such as the landing place of SFTP.

What is complete and where a file goes afterwards is `ingest.inbox`; here the folder is a connector:
the complete files of today, and what earlier ones left in the raw store.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from pipelines.canonical import CHUNK
from pipelines.contracts import SourceContract, Text
from pipelines.ingest.connectors.base import (
    PullError,
    RawFile,
    Resource,
    Transfer,
    file_state,
)
from pipelines.ingest.inbox import Drop, Inbox
from pipelines.ingest.partitions import first_month, is_month, month_of
from pipelines.settings import Home

_NAME = Text(
    "Tên tệp không khớp mẫu nào của hợp đồng dữ liệu: ",
    "The file's name fits no pattern of the contract: ",
)
_MONTH = Text(
    "Tháng trong tên tệp không thuộc các tháng của nguồn.",
    "The month in the file's name is none of the source's.",
)
_CHECKSUM = Text(
    "SHA-256 của tệp khác với mã trong tệp đi kèm; hãy gửi lại tệp.",
    "The file's SHA-256 is not the one in its companion; send the file again.",
)


class InboxConnector:
    """Complete files of the folder, each for the table whose pattern its name fits.

    Files accumulate: one of a new name joins those taken before, one of a known name replaces it.
    The bytes of a file that is part of the source already are not taken under a second name.
    """

    accumulates = True

    def __init__(self, contract: SourceContract, home: Home) -> None:
        self.contract = contract
        self.inbox = Inbox(contract, home)
        self.raw = home.raw / contract.name
        self.drops: dict[str, Drop] = {}
        self.stored: dict[tuple[str, str], str] = {}  # (table, SHA-256) → name
        self.fetched: set[tuple[str, str]] = set()

    def resources(self, stored: Sequence[RawFile]) -> Sequence[Resource]:
        self.inbox.recover()
        self.stored = {
            (file.table, file.sha256): file.resource
            for file in stored
            if (self.raw / file.sha256).exists()
        }
        found: list[Resource] = []
        for drop in self.inbox.complete():
            resource = self._resource(drop)
            if resource is not None and drop.name not in self.drops:
                self.drops[drop.name] = drop
                found.append(resource)
        optional = all(table.may_be_empty for table in self.contract.tables)
        if not found and not stored and not optional:
            raise PullError(
                f"source {self.contract.name}: no complete file is in {self.inbox.folder} and none"
                " was taken before; copy one there, whole, under a name that fits `resource` in"
                f" {self.contract.path}"
            )
        return found

    def _resource(self, drop: Drop) -> Resource | None:
        """The file as a resource; one whose name says that it is none of ours is rejected."""
        match = self.inbox.match(drop.name)
        if match is None:
            patterns = ", ".join(
                str(table.properties.get("resource", "*")) for table in self.contract.tables
            )
            self.inbox.reject(drop, Text(_NAME.vi + patterns, _NAME.en + patterns))
            return None
        table, pattern = match
        month, first = month_of(pattern, drop.name), first_month(self.contract)
        if month and first and not (is_month(month) and month >= first):
            self.inbox.reject(drop, _MONTH)
            return None
        return Resource(table, drop.name, drop.path.as_uri(), partition=month, accumulates=True)

    def fetch(self, resource: Resource, into: Path, last: RawFile | None) -> Transfer:
        del last
        drop = self.drops[resource.name]
        later = Transfer(not_modified=False, empty=True, known_by="inbox")
        hasher = hashlib.sha256()
        try:
            # A link would lead out of the folder; whoever may write there could read anything.
            handle = os.open(drop.path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            return later  # taken out again, or replaced by a link
        with os.fdopen(handle, "rb") as source, into.open("xb") as target:
            while piece := source.read(CHUNK):
                hasher.update(piece)
                target.write(piece)
            settled = file_state(os.fstat(source.fileno())) == drop.state
        digest = hasher.hexdigest()
        if not settled:
            return later  # it was not complete after all; the others need not wait for it
        if self.inbox.rule.rule == "checksum" and self._attested(drop) != digest:
            self.inbox.reject(drop, _CHECKSUM, digest)
            return later
        key = (resource.table, digest)
        twin = self.stored.get(key, resource.name)
        if twin != resource.name:
            self.inbox.put_by(drop, digest, twin)
            return later
        if key in self.fetched:
            return later  # a twin of one that is only being taken: its turn comes when that is kept
        self.fetched.add(key)
        return Transfer(not_modified=False, etag=drop.state)

    def _attested(self, drop: Drop) -> str:
        """The digest in the companion, as `sha256sum` writes it or alone; empty without one."""
        path = drop.path.with_name(drop.path.name + self.inbox.rule.companion)
        try:
            with path.open("rb") as file:
                words = file.read(1024).decode("utf-8-sig", "replace").split()
        except OSError:
            return ""
        return words[0].lower().lstrip("\\") if words else ""
