"""The inbox folder: which files are complete, and where they go once they were looked at.

A file is taken into the raw store first, landed next, and moved last, to `processed/` or
`rejected/`; a kill at any moment leaves it in the folder or in its place, never nowhere. It leaves
through `.moving`, so that a file which a sender puts in its place meanwhile is never taken for it;
what a kill leaves there goes back. A reason stands beside what was rejected or not needed. No name
in the folder is ever used as a path.
"""

import os
import stat
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.canonical import sync_folder, write_durably
from pipelines.clock import now, stamp
from pipelines.contracts import SourceContract, Text
from pipelines.contracts.inbox import completeness
from pipelines.ingest.connectors.base import file_state
from pipelines.ingest.partitions import glob_of
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.settings import Home

PROCESSED, REJECTED = "processed", "rejected"
REASON = ".reason.txt"
_HOLDING = ".moving"
_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload")
_SUPERSEDED = Text(
    "Một tệp mới hơn cùng tên đã đến khi tệp này đang được chuyển đi.",
    "A newer file of the same name arrived while this one was being moved.",
)


@dataclass(frozen=True)
class Drop:
    """One regular file in the folder. `name` is composed (NFC), `path` as it lies there.

    `state` differs whenever somebody may have changed it. `identity` tells it from the next file of
    its name and survives a move.
    """

    name: str
    path: Path
    state: str
    identity: str


def _drop(path: Path, facts: os.stat_result) -> Drop:
    name = unicodedata.normalize("NFC", path.name)
    return Drop(name, path, file_state(facts), _identity(facts))


def _identity(facts: os.stat_result) -> str:
    return f"{facts.st_ino}:{facts.st_size}:{facts.st_mtime_ns}"


class Inbox:
    """One source's folder, and the record of what became of its files."""

    def __init__(self, contract: SourceContract, home: Home) -> None:
        self.contract = contract
        path = str(contract.server.get("path", "")).removeprefix("file://")
        self.folder = (contract.folder / path.replace("{home}", str(home.root))).resolve()
        self.rule = completeness(contract)
        self.ledger = Ledger(home.ledger)

    def _regular(self) -> dict[str, os.stat_result]:
        """Regular files by their names as they lie there, in name order."""
        found: dict[str, os.stat_result] = {}
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    try:
                        facts = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    if stat.S_ISREG(facts.st_mode):
                        found[entry.name] = facts
        except FileNotFoundError:
            return {}
        return dict(sorted(found.items()))

    def lying(self) -> list[Drop]:
        """The files that lie in the folder now, complete or not, without unfinished names."""
        return [
            _drop(self.folder / name, facts)
            for name, facts in self._regular().items()
            if not self._is_aside(name)
        ]

    def complete(self) -> list[Drop]:
        """The files that nobody is writing any more, in name order."""
        found = self._regular()
        present = time.time()  # not `pipelines.clock`: it is compared with the file system's time
        drops = []
        for name, facts in found.items():
            if self._is_aside(name) or any(other in found for other in _working_copies(name)):
                continue
            if self.rule.companion:
                beside = found.get(name + self.rule.companion)
                # One left over from an earlier file of the name says nothing about this one.
                ready = beside is not None and beside.st_ctime_ns >= facts.st_ctime_ns
            else:
                # The time of the last change of state cannot be set by a sender.
                ready = present - facts.st_ctime >= self.rule.settle
            if ready:
                drops.append(_drop(self.folder / name, facts))
        return drops

    def _is_aside(self, name: str) -> bool:
        """True for names that programs give to files they are writing, and for companions."""
        companion = self.rule.companion
        return (
            name.startswith((".", "~$"))
            or name.lower().endswith(_UNFINISHED)
            or name.endswith(REASON)
            or bool(companion and name.endswith(companion))
        )

    def match(self, name: str) -> tuple[str, str] | None:
        """(table, pattern) of the first table whose `resource` the file's name fits."""
        for table in self.contract.tables:
            pattern = str(table.properties.get("resource", "*"))
            if fnmatchcase(name, glob_of(pattern)):
                return table.name, pattern
        return None

    def accept(self, drop: Drop, sha256: str, run_id: str | None = None) -> str:
        """Move a file that was landed to `processed/<day>/`; returns `taken` or `duplicate`."""
        before = self.ledger.rows(
            "select id from drops where source = ? and name = ? and sha256 = ?"
            " and outcome = 'taken' limit 1",
            self.contract.name,
            drop.name,
            sha256,
        )
        if before:
            self.put_by(drop, sha256, drop.name, run_id)
            return "duplicate"
        self._move(drop, PROCESSED, None)
        self._record(drop, "taken", sha256, None, run_id)
        return "taken"

    def put_by(self, drop: Drop, sha256: str, twin: str, run_id: str | None = None) -> None:
        """Move a file whose bytes were taken before, as `twin`, to `processed/<day>/`."""
        reason = Text(
            f"Giống từng byte với tệp đã nhận trước đây ({twin}); không nhận lần nữa.",
            f"The same bytes as a file that was taken before ({twin}); not taken again.",
        )
        self._move(drop, PROCESSED, reason)
        self._record(drop, "duplicate", sha256, reason, run_id)

    def reject(
        self, drop: Drop, reason: Text, sha256: str | None = None, run_id: str | None = None
    ) -> None:
        """Move a file to `rejected/<day>/`, with a text beside it that says why."""
        self._move(drop, REJECTED, reason)
        self._record(drop, "rejected", sha256, reason, run_id)

    def rejected(self) -> list[str]:
        """Names of the rejected files that nobody has cleared away yet."""
        found = self.folder.glob(f"{REJECTED}/*/*{REASON}")
        return sorted(path.name.removesuffix(REASON) for path in found)

    def recover(self) -> None:
        """Bring back what a kill left on its way: it is looked at once more."""
        holding = self.folder / _HOLDING
        for held in sorted(holding.iterdir()) if holding.is_dir() else ():
            self._give_back(held)

    def _record(
        self, drop: Drop, outcome: str, sha256: str | None, reason: Text | None, run_id: str | None
    ) -> None:
        self.ledger.insert(
            "drops",
            [
                {
                    "source": self.contract.name,
                    "name": drop.name,
                    "identity": drop.identity,
                    "sha256": sha256,
                    "outcome": outcome,
                    "reason": reason.en if reason else "",
                    "at": stamp(),
                    "run_id": run_id,
                }
            ],
        )

    def _move(self, drop: Drop, where: str, reason: Text | None) -> None:
        holding = self.folder / _HOLDING
        holding.mkdir(exist_ok=True)
        held = holding / drop.path.name
        try:
            drop.path.rename(held)
        except FileNotFoundError:
            return  # somebody took it out by hand
        if _identity(held.stat()) == drop.identity:
            self._shelve(held, where, reason)
        else:
            self._give_back(held)

    def _give_back(self, held: Path) -> None:
        """To where it was dropped, unless a newer file has its place."""
        try:
            os.link(held, self.folder / held.name)
        except FileExistsError:
            if (self.folder / held.name).samefile(held):
                held.unlink()
            else:
                self._shelve(held, PROCESSED, _SUPERSEDED)
            return
        held.unlink()
        sync_folder(self.folder)

    def _shelve(self, held: Path, where: str, reason: Text | None) -> None:
        day = now().astimezone(ZoneInfo(load_province().time_zone)).date()
        target = self.folder / where / day.isoformat()
        target.mkdir(parents=True, exist_ok=True)
        place, number = target / held.name, 1
        while place.exists():
            number += 1
            place = target / f"{held.stem}-{number}{held.suffix}"
        if reason is not None:  # first: what was rejected never lies there without its reason
            write_durably(
                place.with_name(place.name + REASON),
                f"{held.name}\n\n{reason.vi}\n\n{reason.en}\n".encode(),
            )
        held.rename(place)
        companion = self.folder / (held.name + self.rule.companion)
        if self.rule.companion and companion.is_file():
            companion.rename(place.with_name(place.name + self.rule.companion))
        for changed in (target, held.parent, self.folder):
            sync_folder(changed)


def _working_copies(name: str) -> Iterator[str]:
    """Names beside `name` that say somebody is writing it."""
    yield from (name + ending for ending in _UNFINISHED)
    yield from (f"~${name}", f"~${name[2:]}")  # Word and Excel shorten long names
    yield f".~lock.{name}#"
