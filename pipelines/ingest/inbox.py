"""The inbox folder: which files are complete, and what becomes of them once they were looked at.

A file is taken into the raw store first, landed next, and moved last, to `processed/` or
`rejected/`; a kill at any moment leaves it in the folder or in its place, never nowhere. A reason
stands beside what was rejected. No name in the folder is ever used as a path.
"""

import os
import stat
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pipelines.canonical import sync_folder, write_durably
from pipelines.clock import now
from pipelines.contracts import SourceContract
from pipelines.ingest.connectors.base import RawFile, file_state
from pipelines.ingest.partitions import glob_of
from pipelines.settings import Home

PROCESSED, REJECTED = "processed", "rejected"
DONE = ".done"
REASON = ".reason.txt"
_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", DONE, REASON)
_SETTLE = 30.0  # seconds without a change after which a file without a marker is complete


class Inbox:
    """One source's folder. `connector: {kind: inbox, complete: marker|settled, settle: 30}`.

    `marker`: a file is complete when `<name>.done` stands beside it. `settled`: when it has not
    changed for `settle` seconds.
    """

    def __init__(self, contract: SourceContract, home: Home) -> None:
        self.contract = contract
        path = str(contract.server.get("path", "")).removeprefix("file://")
        self.folder = (contract.folder / path.replace("{home}", str(home.root))).resolve()
        said: dict[str, Any] = contract.properties.get("connector") or {}
        self.by_marker = said.get("complete", "settled") == "marker"
        self.settle = float(said.get("settle", _SETTLE))

    def complete(self) -> list[Path]:
        """The regular files that nobody is writing any more, in name order."""
        if not self.folder.is_dir():
            return []
        found = []
        present = time.time()
        for entry in sorted(os.scandir(self.folder), key=lambda item: item.name):
            facts = entry.stat(follow_symlinks=False)
            if not stat.S_ISREG(facts.st_mode) or _is_unfinished(entry.name):
                continue
            path = Path(entry.path)
            if self.by_marker:
                ready = path.with_name(path.name + DONE).exists()
            else:
                ready = present - max(facts.st_mtime, facts.st_ctime) >= self.settle
            if ready:
                found.append(path)
        return found

    def table_of(self, name: str) -> str | None:
        """The table whose `resource` pattern a file's name fits, the first in the contract."""
        for table in self.contract.tables:
            if fnmatchcase(name, glob_of(str(table.properties.get("resource", "*")))):
                return table.name
        return None

    def state(self) -> str:
        """Differs whenever another complete file is there; empty where none is."""
        parts = []
        for path in self.complete():
            facts = path.stat()
            parts.append(f"{path.name}:{facts.st_size}:{facts.st_mtime_ns}")
        return "|".join(parts)

    def holds(self, file: RawFile) -> bool:
        """True where the very file that was pulled still lies in the folder, and no newer one."""
        try:
            return file_state((self.folder / file.resource).lstat()) == file.etag
        except OSError:
            return False

    def accept(self, name: str) -> None:
        """Move a file that was landed to `processed/<day>/`."""
        self._move(self.folder / name, PROCESSED)

    def reject(self, path: Path, vi: str, en: str) -> None:
        """Move a file to `rejected/<day>/` and write beside it why."""
        target = self._move(path, REJECTED)
        write_durably(
            target.with_name(target.name + REASON),
            f"{path.name}\n\n{vi}\n\n{en}\n".encode(),
        )

    def _move(self, path: Path, where: str) -> Path:
        folder = self.folder / where / f"{now():%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / path.name
        number = 1
        while target.exists():
            number += 1
            target = folder / f"{path.stem}-{number}{path.suffix}"
        path.rename(target)
        path.with_name(path.name + DONE).unlink(missing_ok=True)
        for changed in (folder, self.folder):
            sync_folder(changed)
        return target


def _is_unfinished(name: str) -> bool:
    """True for the names that programs give to files they are still writing, and for markers."""
    return name.startswith((".", "~$")) or name.lower().endswith(_UNFINISHED)
