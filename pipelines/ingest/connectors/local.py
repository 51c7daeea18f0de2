"""Files below a folder of this machine.

Finding and copying them only; whether a file is complete enough to be taken is `inbox`.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipelines.canonical import CHUNK
from pipelines.contracts import SourceContract
from pipelines.ingest.connectors.base import PullError, RawFile, Resource, Transfer, wanted
from pipelines.settings import Home


class FileConnector:
    """Files below a folder: `path` of the server, relative to the source's own folder.

    `{home}` in the path stands for `$KHOMO_HOME`.
    """

    def __init__(self, contract: SourceContract, home: Home) -> None:
        self.contract = contract
        path = str(contract.server.get("path", "")).removeprefix("file://")
        self.folder = (contract.folder / path.replace("{home}", str(home.root))).resolve()

    def resources(self, stored: Sequence[RawFile]) -> Sequence[Resource]:
        del stored
        found: list[Resource] = []
        for table, pattern in wanted(self.contract):
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

    def fetch(self, resource: Resource, into: Path, last: RawFile | None) -> Transfer:
        del last  # a local file is always read: its checksum is the only proof that counts
        path = Path(unquote(urlsplit(resource.address).path))
        try:
            with path.open("rb") as source, into.open("xb") as target:
                shutil.copyfileobj(source, target, CHUNK)
        except OSError as error:
            raise PullError(f"source {self.contract.name}: cannot read {path}: {error}") from error
        return Transfer(not_modified=False)
