"""A folder that others copy files into, such as the landing place of SFTP.

What is complete, what was taken before and where a file goes afterwards is `ingest.inbox`; here the
folder is a connector: the complete files of today, and what earlier ones left in the raw store.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipelines.canonical import CHUNK
from pipelines.contracts import SourceContract
from pipelines.ingest.connectors.base import (
    PullError,
    RawFile,
    Resource,
    Transfer,
    file_state,
)
from pipelines.ingest.inbox import Inbox
from pipelines.settings import Home


class InboxConnector:
    """Complete files of the folder, each for the table whose pattern its name fits.

    Files accumulate: one of a new name joins those taken before, one of a known name replaces it.
    """

    accumulates = True

    def __init__(self, contract: SourceContract, home: Home) -> None:
        self.contract = contract
        self.inbox = Inbox(contract, home)

    def resources(self, stored: Sequence[RawFile]) -> Sequence[Resource]:
        found: list[Resource] = []
        for path in self.inbox.complete():
            table = self.inbox.table_of(path.name)
            if table is None:
                self.inbox.reject(
                    path,
                    "Tên tệp không khớp mẫu nào của hợp đồng dữ liệu.",
                    "The file's name fits no pattern of the contract.",
                )
                continue
            found.append(Resource(table, path.name, path.as_uri(), accumulates=True))
        if not found and not stored:
            raise PullError(
                f"source {self.contract.name}: no complete file is in {self.inbox.folder} and none"
                " was taken before; copy one there, whole, under a name that fits `resource` in"
                f" {self.contract.path}"
            )
        return found

    def fetch(self, resource: Resource, into: Path, last: RawFile | None) -> Transfer:
        del last
        path = self.inbox.folder / resource.name
        try:
            # A link would lead out of the folder; whoever may write there could read anything.
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as source, into.open("xb") as target:
                state = file_state(os.fstat(source.fileno()))
                shutil.copyfileobj(source, target, CHUNK)
                settled = file_state(os.fstat(source.fileno())) == state
        except OSError as error:
            raise PullError(f"source {self.contract.name}: cannot read {path}: {error}") from error
        if not settled:
            raise PullError(
                f"source {self.contract.name}: {path} was written to while it was copied; have the"
                " sender upload under another name and rename it at the end"
            )
        return Transfer(not_modified=False, etag=state)
