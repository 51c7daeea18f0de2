"""Files below a folder of this machine.

Finding and copying them only; whether a file is complete enough to be taken is `inbox`.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipelines.canonical import CHUNK
from pipelines.contracts import SourceContract
from pipelines.ingest.connectors.base import (
    PullError,
    RawFile,
    Resource,
    Transfer,
    file_state,
    wanted,
)
from pipelines.ingest.partitions import first_month, glob_of, is_month, month_of
from pipelines.settings import Home


class FileConnector:
    """Files below a folder: `path` of the server, relative to the source's own folder.

    `{home}` in the path stands for `$KHOMO_HOME`.
    """

    accumulates = False

    def __init__(self, contract: SourceContract, home: Home) -> None:
        self.contract = contract
        path = str(contract.server.get("path", "")).removeprefix("file://")
        self.folder = (contract.folder / path.replace("{home}", str(home.root))).resolve()

    def resources(self, stored: Sequence[RawFile]) -> Sequence[Resource]:
        del stored
        found: list[Resource] = []
        missing: list[str] = []
        optional = {table.name for table in self.contract.tables if table.may_be_empty}
        for table, pattern in wanted(self.contract):
            files = sorted(path for path in self.folder.glob(glob_of(pattern)) if path.is_file())
            if not files:
                missing.append(table)
            if not files and (table not in optional or len(missing) == len(self.contract.tables)):
                raise PullError(
                    f"source {self.contract.name}: no file matches {self.folder / pattern};"
                    " put the file there, or correct `resource` or `servers` in"
                    f" {self.contract.path}"
                )
            for path in files:
                name = path.relative_to(self.folder).as_posix()
                month = month_of(pattern, name)
                self._check(month, path)
                found.append(Resource(table, name, path.as_uri(), partition=month))
        return found

    def _check(self, month: str | None, path: Path) -> None:
        first = first_month(self.contract)
        if month is None or first is None or (is_month(month) and month >= first):
            return
        raise PullError(
            f"source {self.contract.name}: {path} is of month {month}, but the source's months"
            f" begin with {first}; correct its name, or `partition` in {self.contract.path}"
        )

    def fetch(self, resource: Resource, into: Path, last: RawFile | None) -> Transfer:
        path = Path(unquote(urlsplit(resource.address).path))
        try:
            with path.open("rb") as source:
                state = file_state(os.fstat(source.fileno()))
                if last is not None and last.etag == state:
                    return Transfer(not_modified=True, known_by="stat", etag=state)
                with into.open("xb") as target:
                    shutil.copyfileobj(source, target, CHUNK)
                settled = file_state(os.fstat(source.fileno())) == state
        except OSError as error:
            raise PullError(f"source {self.contract.name}: cannot read {path}: {error}") from error
        if not settled:
            raise PullError(
                f"source {self.contract.name}: {path} was written to while it was copied; run again"
                " when the sender has finished: nothing was changed"
            )
        return Transfer(not_modified=False, etag=state)
