"""Raw → landed: every row of a raw file is accepted, typed by the contract, or quarantined.

How one file is split is `split`; here is which files have to be, and what the source consists of
afterwards. Personal columns are judged like all others but not kept: past this point a person
exists only as a keyed hash, and whoever must see the original has the raw file. A file is landed
once per (bytes, contract, key, code): its name is that digest. `landed/<source>/current.json`
names the files that count now and is replaced only after all of them are complete.
"""

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipelines.canonical import canonical_json, digest_of, forget_drafts, sync_folder, write_durably
from pipelines.clock import stamp
from pipelines.contracts import SourceContract, Table
from pipelines.ingest import raw
from pipelines.ingest.connectors import RawFile
from pipelines.ingest.pseudonym import fingerprint, pseudonym_key
from pipelines.ingest.split import split
from pipelines.ledger import Ledger
from pipelines.settings import Home

# Part of every landed file's identity: raise it when the same bytes would land differently.
LANDING_VERSION = 5


class LandingError(Exception):
    """Rows went missing between a raw file and its landing; nothing was replaced."""


@dataclass(frozen=True)
class LandedFile:
    """One raw file, landed: `file` is its path below the source's landed and quarantine folder.

    `layout` counts the rows of the form that are not its data, by class; `cleaned` the cells whose
    text was repaired, by kind.
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


@dataclass(frozen=True)
class Landing:
    """All of a source as it is landed now; `fresh` counts the files landed by this call."""

    source: str
    contract_digest: str
    files: tuple[LandedFile, ...]
    fresh: int = 0

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
    def reasons(self) -> dict[str, int]:
        """How many quarantined rows break each `column: rule`."""
        total: dict[str, int] = {}
        for file in self.files:
            for reason, count in file.reasons.items():
                total[reason] = total.get(reason, 0) + count
        return dict(sorted(total.items()))

    @property
    def digest(self) -> str:
        """Stands for what is landed, whoever holds it: bytes, contract and code, not the key."""
        files = [[file.table, file.resource, file.raw_sha256] for file in self.files]
        return digest_of([files, self.contract_digest, LANDING_VERSION])

    @property
    def files_digest(self) -> str:
        """Stands for the very files in this home; a new pseudonym key changes it."""
        return digest_of([file.file for file in self.files])


def current(home: Home, source: str) -> Landing | None:
    """What is landed of a source now, or None before the first landing."""
    path = home.landed / source / "current.json"
    if not path.exists():
        return None
    data = json.loads(path.read_bytes())
    files = tuple(LandedFile(**item) for item in data["files"])
    return Landing(source, data["contract_digest"], files)


def _identity(contract: SourceContract, table: Table, file: RawFile, key: bytes) -> str:
    keyed = any(column.pseudonymise for column in table.columns)
    return digest_of(
        {
            "raw": file.sha256,
            "resource": file.resource,
            "contract": contract.digest,
            "table": table.name,
            "key": fingerprint(key) if keyed else None,
            "version": LANDING_VERSION,
        }
    )[:24]


def land(
    contract: SourceContract,
    home: Home,
    ledger: Ledger,
    *,
    run_id: str | None = None,
    report: Callable[[str], None] = lambda _message: None,
) -> Landing:
    """Land what was last pulled of a source.

    Raises:
        LandingError: nothing was pulled yet, or accepted + quarantined is not what was pulled.
        ReadError: a file does not fit its contract as a whole.
    """
    pulled = raw.current(home, contract.name)
    if pulled is None:
        raise LandingError(f"source {contract.name}: nothing has been pulled yet; pull it first")
    landed, quarantine = home.landed / contract.name, home.quarantine / contract.name
    for folder in (landed, quarantine):
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".draft-*"):
            shutil.rmtree(leftover)
    forget_drafts(landed / "current.json")
    tables = {table.name: table for table in contract.tables}
    before = current(home, contract.name)
    known = {file.file: file for file in before.files} if before else {}
    key = pseudonym_key(home)
    names: dict[RawFile, str] = {}
    for raw_file in pulled.files:
        if raw_file.table not in tables:
            raise LandingError(
                f"source {contract.name}: {raw_file.resource} was pulled for table"
                f" {raw_file.table}, which the contract no longer has; pull the source again"
            )
        name = _identity(contract, tables[raw_file.table], raw_file, key)
        names[raw_file] = f"{raw_file.table}/{name}.parquet"
    waiting = [
        file
        for file in pulled.files
        if names[file] not in known or not (landed / names[file]).exists()
    ]
    workers = min(len(waiting), os.cpu_count() or 1) or 1

    def land_one(file: RawFile) -> LandedFile:
        draft = landed / f".draft-{names[file].replace('/', '-')}"
        draft.mkdir()
        threads = max(1, (os.cpu_count() or 1) // workers)
        done = split(
            contract,
            tables[file.table],
            file.resource,
            raw.blob(home, contract.name, file.sha256),
            draft,
            key=key,
            threads=threads,
            workers=workers,
        )
        if done.pulled != done.accepted + done.quarantined:
            raise LandingError(
                f"source {contract.name}, file {file.resource}: {done.pulled} rows pulled, but"
                f" {done.accepted} accepted and {done.quarantined} quarantined do not add up;"
                " nothing was replaced"
            )
        for part, target in (("accepted", landed), ("quarantine", quarantine)):
            path = target / names[file]
            path.parent.mkdir(exist_ok=True)
            (draft / f"{part}.parquet").replace(path)
            sync_folder(path.parent)
        draft.rmdir()
        return LandedFile(
            table=file.table,
            resource=file.resource,
            raw_sha256=file.sha256,
            file=names[file],
            pulled=done.pulled,
            accepted=done.accepted,
            quarantined=done.quarantined,
            reasons=done.reasons,
            layout=done.layout,
            cleaned=done.cleaned,
        )

    fresh: list[LandedFile] = []
    # Files side by side rather than one file on all cores: a file's rows keep their order for free.
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for done in pool.map(land_one, waiting):
            fresh.append(done)
            report(
                f"{contract.name}: {done.resource} landed, {done.accepted:,} accepted,"
                f" {done.quarantined:,} quarantined ({len(fresh)}/{len(waiting)})"
            )
    known |= {file.file: file for file in fresh}
    files = [known[names[file]] for file in pulled.files]
    landing = Landing(contract.name, contract.digest, tuple(files), len(fresh))
    if before is None or before.files != landing.files or before.contract_digest != contract.digest:
        manifest = {
            "source": contract.name,
            "contract_digest": contract.digest,
            "files": [asdict(file) for file in files],
        }
        write_durably(landed / "current.json", canonical_json(manifest, indent=1))
    at = stamp()
    # By what the ledger holds, not by what is fresh: a kill may have come between the two.
    recorded = {
        (row["table_name"], row["resource"], row["raw_sha256"])
        for row in ledger.rows(
            "select table_name, resource, raw_sha256 from landings"
            " where source = ? and contract_digest = ?",
            contract.name,
            contract.digest,
        )
    }
    ledger.insert(
        "landings",
        [
            {
                "source": contract.name,
                "table_name": file.table,
                "resource": file.resource,
                "raw_sha256": file.raw_sha256,
                "contract_digest": contract.digest,
                "pulled_rows": file.pulled,
                "accepted_rows": file.accepted,
                "quarantined_rows": file.quarantined,
                "reasons": json.dumps(file.reasons, ensure_ascii=False),
                "landed_at": at,
                "run_id": run_id,
            }
            for file in files
            if (file.table, file.resource, file.raw_sha256) not in recorded
        ],
    )
    _forget(landed, quarantine, {file.file for file in files})
    return landing


def _forget(landed: Path, quarantine: Path, wanted: set[str]) -> None:
    """Remove landed files that no longer count; the raw bytes they came from stay."""
    for folder in (landed, quarantine):
        for path in folder.glob("*/*.parquet"):
            if path.relative_to(folder).as_posix() not in wanted:
                path.unlink()
