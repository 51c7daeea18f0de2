"""What is landed of a source: its shapes and its manifest, `landed/<source>/current.json`.

How rows come to be landed is `landing`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipelines.canonical import canonical_json, digest_of, write_durably
from pipelines.settings import Home

# Part of every landed file's identity: raise it when the same bytes would land differently.
LANDING_VERSION = 7


@dataclass(frozen=True)
class LandedFile:
    """One raw file, landed: `file` is its path below the source's landed and quarantine folder.

    `layout` counts the rows of the form that are not its data, by class; `cleaned` the cells whose
    text was repaired, by kind; `corrected` the rows that each correction was applied to, by its id.
    `corrections` stands for the corrections that could concern the file; None where none could.
    `notices` are the reader's remarks on how the file differs from the agreed layout.
    """

    table: str
    resource: str
    raw_sha256: str
    file: str
    pulled: int
    accepted: int
    quarantined: int
    reasons: dict[str, int]
    layout: dict[str, int] = field(default_factory=dict)
    cleaned: dict[str, int] = field(default_factory=dict)
    corrected: dict[str, int] = field(default_factory=dict)
    corrections: str | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Superseded:
    """A list of landed rows that no longer count, because the same record was landed again since.

    `file` is its path below the source's landed folder, with `_resource` and `_row` of `rows` rows;
    it was made when the table had `files` files.
    """

    table: str
    file: str
    files: int
    rows: int


@dataclass(frozen=True)
class Landing:
    """All of a source as it is landed now; `fresh` counts the files landed by this call.

    `superseded` has the lists of rows that a newer version of their record took the place of: rows
    that were accepted and do not count.
    """

    source: str
    contract_digest: str
    files: tuple[LandedFile, ...]
    fresh: int = 0
    superseded: tuple[Superseded, ...] = ()

    @property
    def pulled(self) -> int:
        return sum(file.pulled for file in self.files)

    @property
    def accepted(self) -> int:
        return sum(file.accepted for file in self.files)

    @property
    def quarantined(self) -> int:
        return sum(file.quarantined for file in self.files)

    @property
    def superseded_rows(self) -> int:
        """How many accepted rows do not count any more."""
        return sum(item.rows for item in self.superseded)

    @property
    def reasons(self) -> dict[str, int]:
        """How many quarantined rows break each `column: rule`."""
        return added_up(file.reasons for file in self.files)

    @property
    def corrected(self) -> dict[str, int]:
        """How many rows each correction was applied to, by its id."""
        return added_up(file.corrected for file in self.files)

    @property
    def digest(self) -> str:
        """Stands for what is landed, whoever holds it: bytes, contract and code, not the key."""
        files = [
            [file.table, file.resource, file.raw_sha256, file.corrections] for file in self.files
        ]
        return digest_of([files, self.contract_digest, LANDING_VERSION])


def added_up(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts by name, added up over several."""
    total: dict[str, int] = {}
    for item in counts:
        for name, count in item.items():
            total[name] = total.get(name, 0) + count
    return dict(sorted(total.items()))


def current(home: Home, source: str) -> Landing | None:
    """What is landed of a source now, or None before the first landing."""
    path = home.landed / source / "current.json"
    if not path.exists():
        return None
    data = json.loads(path.read_bytes())
    files = tuple(
        LandedFile(**{**item, "notices": tuple(item.get("notices", ()))}) for item in data["files"]
    )
    superseded = tuple(Superseded(**item) for item in data.get("superseded", ()))
    return Landing(source, data["contract_digest"], files, superseded=superseded)


def write_current(folder: Path, landing: Landing) -> None:
    """Make `landing` what is landed now, in one step."""
    manifest = {
        "source": landing.source,
        "contract_digest": landing.contract_digest,
        "files": [asdict(file) for file in landing.files],
        "superseded": [asdict(item) for item in landing.superseded],
    }
    write_durably(folder / "current.json", canonical_json(manifest, indent=1))
