"""Pages of an API on their way to being one raw file, kept so that a kill costs one page at most.

A folder `.pages-<table>` beside the raw files of a source: each page exactly as it was received,
and a journal with a line per page. A page counts once its line is whole and on disk; what lies
there beyond the journal is asked for again. What is asked is `rest`.
"""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.canonical import (
    canonical_json,
    sha256_bytes,
    sha256_file,
    sync_folder,
    write_durably,
)
from pipelines.clock import now, stamp

KEPT = timedelta(days=1)  # older pages may no longer fit those that are still to come
_JOURNAL = "progress.jsonl"
_DAY = (1980, 1, 1, 0, 0, 0)  # the first a zip archive can name: its bytes tell no time
_LEVEL = 6
_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Page:
    """One page that is on disk.

    `at` is where it was asked for and `next` where the one after it is: a number, a cursor or an
    address; `next` is None of the last one. `content` stands for its records, `total` is how many
    records the answer says there are in all; `sha256` is filled in when it is kept.
    """

    number: int
    at: int | str | None
    next: int | str | None
    records: int
    content: str
    total: int | None = None
    last: bool = False
    sha256: str = ""


class PageStore:
    """The pages of one table, holding `records` in all. Only one process at a time may use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages: list[Page] = []
        self.records = 0
        self._by_content: dict[str, int] = {}
        self._places: set[int | str | None] = set()

    def resume(self, asked: Mapping[str, Any]) -> str | None:
        """Take up what an earlier run left, if it asked the same question `asked`.

        Returns why it could not be used, where something was there and could not.
        """
        self._forget()
        reason = self._load(asked)
        if self.pages and reason is None:
            return None
        had = bool(self.pages)
        self.clear()
        self.folder.mkdir(parents=True)
        self._append({"asked": dict(asked), "begun": stamp()})
        return reason if had else None

    def add(self, body: bytes, page: Page) -> None:
        """Keep a page: first its bytes, then its line in the journal."""
        write_durably(self._path(page), body, mode=_OWNER_ONLY)
        kept = replace(page, sha256=sha256_bytes(body))
        self._append(asdict(kept))
        self._count(kept)

    def same_as(self, content: str) -> int | None:
        """The number of the page that holds the same records; None where none does."""
        return self._by_content.get(content)

    def was_at(self, place: int | str | None) -> bool:
        """Whether a page was asked for at `place`."""
        return place in self._places

    def pack(self, into: Path) -> None:
        """Write all pages into the new zip archive `into`, the same bytes for the same pages."""
        with zipfile.ZipFile(into, "x") as archive:
            for page in self.pages:
                member = zipfile.ZipInfo(f"{page.number:06}.json", _DAY)
                member.compress_type = zipfile.ZIP_DEFLATED
                member.external_attr = _OWNER_ONLY << 16
                member.create_system = 3
                archive.writestr(member, self._path(page).read_bytes(), compresslevel=_LEVEL)

    @property
    def paths(self) -> list[Path]:
        """The pages' files, in order."""
        return [self._path(page) for page in self.pages]

    def clear(self) -> None:
        """Forget everything."""
        self._forget()
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def _forget(self) -> None:
        self.pages, self.records = [], 0
        self._by_content, self._places = {}, set()

    def _count(self, page: Page) -> None:
        self.pages.append(page)
        self.records += page.records
        self._by_content.setdefault(page.content, page.number)
        self._places.add(page.at)

    def _path(self, page: Page) -> Path:
        return self.folder / f"{page.number:06}.json"

    def _is_whole(self, page: Page) -> bool:
        path = self._path(page)
        return path.exists() and sha256_file(path) == page.sha256

    def _append(self, line: Mapping[str, Any]) -> None:
        path = self.folder / _JOURNAL
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _OWNER_ONLY)
        with os.fdopen(handle, "ab") as journal:
            journal.write(canonical_json(line))
            journal.flush()
            os.fsync(journal.fileno())
        sync_folder(self.folder)

    def _load(self, asked: Mapping[str, Any]) -> str | None:
        """Read the journal into `pages`; returns what speaks against using them."""
        path = self.folder / _JOURNAL
        if not path.exists():
            return None
        whole, _, torn = path.read_bytes().rpartition(b"\n")
        if torn:  # a line that a kill cut short: its page does not count
            with path.open("r+b") as journal:
                journal.truncate(len(whole) + 1)
                os.fsync(journal.fileno())
        try:
            head, *lines = [json.loads(line) for line in whole.splitlines()]
            for line in lines:
                self._count(Page(**line))
            begun = datetime.fromisoformat(head["begun"])
        except (ValueError, TypeError, KeyError):
            return "the record of the pages is damaged"
        if head.get("asked") != asked:
            return "the contract, or what is stored, changed since"
        if now() - begun > KEPT:
            return "they are older than a day"
        if not all(self._is_whole(page) for page in self.pages):
            return "a page on disk is damaged"
        return None


def content_of(records: Any) -> str:
    """What stands for the records of a page, whatever else the page says around them."""
    return hashlib.sha256(json.dumps(records, sort_keys=True).encode()).hexdigest()[:32]
