"""Raw → landed: every row of a raw file is accepted, typed by the contract, or quarantined.

How one file is split is `split`; here is which files have to be, and what the source consists of
afterwards. Personal columns are judged like all others but not kept: past this point a person
exists only as a keyed hash, and whoever must see the original has the raw file. A file is landed
once per (bytes, contract, corrections, key, code): its name is that digest. The manifest (`landed`)
names the files that count now and is replaced only after all of them are complete and the arrival
gate has let them in; a set that is refused leaves nothing behind.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from pipelines.canonical import digest_of, forget_drafts, sync_folder
from pipelines.clock import stamp
from pipelines.contracts import SourceContract, Table
from pipelines.contracts.corrections import Correction, corrections_of, for_file
from pipelines.ingest import raw
from pipelines.ingest.admission import RefusedError, admit, refuse
from pipelines.ingest.arrival import ArrivalError
from pipelines.ingest.connectors import RawFile
from pipelines.ingest.landed import (
    LANDING_VERSION,
    LandedFile,
    Landing,
    Superseded,
    current,
    write_current,
)
from pipelines.ingest.pseudonym import fingerprint, pseudonym_key
from pipelines.ingest.readers import ReadError
from pipelines.ingest.split import split
from pipelines.ingest.superseded import supersede
from pipelines.ledger import Ledger
from pipelines.settings import Home

__all__ = ["LandedFile", "Landing", "LandingError", "RefusedError", "current", "land"]


class LandingError(Exception):
    """A source cannot be landed; nothing was replaced. The message says why and what to do."""


class _Work:
    """One file to be landed: what it is read with, and the name it lands under."""

    def __init__(
        self,
        contract: SourceContract,
        tables: Mapping[str, Table],
        corrections: tuple[Correction, ...],
        file: RawFile,
        key: bytes,
    ) -> None:
        if file.table not in tables:
            raise LandingError(
                f"source {contract.name}: {file.resource} was pulled for table {file.table}, which"
                " the contract no longer has; pull the source again"
            )
        self.file = file
        self.table = tables[file.table]
        self.corrections = for_file(corrections, self.table, file.resource)
        self.corrections_digest = (
            digest_of([item.digest for item in self.corrections]) if self.corrections else None
        )
        keyed = any(column.pseudonymise for column in self.table.columns)
        identity = digest_of(
            {
                "raw": file.sha256,
                "resource": file.resource,
                "contract": contract.digest,
                "table": file.table,
                "corrections": self.corrections_digest,
                "key": fingerprint(key) if keyed else None,
                "version": LANDING_VERSION,
            }
        )
        self.name = f"{file.table}/{identity[:24]}.parquet"


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
        LandingError: nothing was pulled yet, accepted + quarantined is not what was pulled, raw
            bytes that are needed again were purged, or a correction matches no row.
        RefusedError: files do not fit their contract as a whole.
        ArrivalError: the files may not replace those that are landed.
        ContractError: the corrections cannot be used.
    """
    pulled = raw.current(home, contract.name)
    if pulled is None:
        raise LandingError(f"source {contract.name}: nothing has been pulled yet; pull it first")
    landed, quarantine = home.landed / contract.name, home.quarantine / contract.name
    _sweep(landed, quarantine)
    before = current(home, contract.name)
    known = {file.file: file for file in before.files} if before else {}
    key = pseudonym_key(home)
    tables = {table.name: table for table in contract.tables}
    corrections = corrections_of(contract)
    work = [_Work(contract, tables, corrections, file, key) for file in pulled.files]
    waiting = [item for item in work if item.name not in known or not (landed / item.name).exists()]
    _check_raw(home, contract, waiting)
    fresh, refused = _land_files(contract, home, waiting, key, report)
    known |= {file.file: file for file in fresh}
    try:
        if refused:
            raise refuse(contract, ledger, refused, set_digest=pulled.digest, run_id=run_id)
        files = [known[item.name] for item in work]
        done = Landing(contract.name, contract.digest, tuple(files), len(fresh))
        _check_corrections(contract, corrections, done)
        admit(
            contract,
            ledger,
            landed,
            before.files if before else (),
            files,
            {(file.table, file.resource) for file in fresh},
            pulled.files,
            set_digest=pulled.digest,
            run_id=run_id,
            report=report,
        )
    except (RefusedError, ArrivalError, LandingError):
        _forget(landed, quarantine, before)
        raise
    done = replace(done, superseded=_superseded(contract, landed, done, before))
    if before is None or replace(before, fresh=done.fresh) != done:
        write_current(landed, done)
    _record(contract, ledger, files, run_id)
    _forget(landed, quarantine, done)
    return done


def _superseded(
    contract: SourceContract, landed: Path, done: Landing, before: Landing | None
) -> tuple[Superseded, ...]:
    """The lists of rows that do not count any more, of every table that grows."""
    found: list[Superseded] = []
    for table in contract.tables:
        files = [file for file in done.files if file.table == table.name]
        if files and table.properties.get("incremental"):
            known = (
                [item for item in before.superseded if item.table == table.name] if before else []
            )
            found += supersede(landed, table, files, known)
    return tuple(found)


def _sweep(landed: Path, quarantine: Path) -> None:
    """Make the folders and remove what a killed landing left behind."""
    for folder in (landed, quarantine):
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".draft-*"):
            shutil.rmtree(leftover)
    forget_drafts(landed / "current.json")


def _check_raw(home: Home, contract: SourceContract, waiting: Sequence[_Work]) -> None:
    """Refuse before anything is read when raw bytes that are needed again are gone."""
    gone = [
        item.file.resource
        for item in waiting
        if not raw.blob(home, contract.name, item.file.sha256).exists()
    ]
    if gone:
        raise LandingError(
            f"source {contract.name}: {', '.join(gone)} must be landed again because the contract,"
            " the corrections, the key or the code changed, but the raw bytes are gone (purged?);"
            " pull the files again, or undo the change. What was landed before stays"
        )


def _check_corrections(
    contract: SourceContract, corrections: Sequence[Correction], done: Landing
) -> None:
    """A correction that matches nothing corrects something that changed: somebody must look."""
    unmatched = [item for item in corrections if not done.corrected.get(item.id)]
    if unmatched:
        listed = "; ".join(
            f"{item.id} ({', '.join(f'{name} = {value!r}' for name, value in item.key.items())})"
            for item in unmatched
        )
        raise LandingError(
            f"source {contract.name}: {len(unmatched)} correction(s) match no row: {listed}."
            f" Remove them from {contract.folder / 'corrections.yaml'} if upstream mended the rows,"
            " or correct their keys; nothing was replaced"
        )


def _land_files(
    contract: SourceContract,
    home: Home,
    waiting: Sequence[_Work],
    key: bytes,
    report: Callable[[str], None],
) -> tuple[list[LandedFile], list[tuple[RawFile, ReadError]]]:
    """Land files side by side, so that the rows of each keep their order; returns refusals too."""
    cores = os.cpu_count() or 1
    workers = min(len(waiting), cores) or 1
    threads = max(1, cores // workers)

    def attempt(item: _Work) -> LandedFile | tuple[RawFile, ReadError]:
        try:
            return _land_one(contract, home, item, key, threads, workers)
        except ReadError as error:
            return item.file, error

    fresh: list[LandedFile] = []
    refused: list[tuple[RawFile, ReadError]] = []
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for done in pool.map(attempt, waiting):
            if isinstance(done, tuple):
                refused.append(done)
                continue
            fresh.append(done)
            report(
                f"{contract.name}: {done.resource} landed, {done.accepted:,} accepted,"
                f" {done.quarantined:,} quarantined ({len(fresh)}/{len(waiting)})"
            )
    return fresh, refused


def _land_one(
    contract: SourceContract, home: Home, item: _Work, key: bytes, threads: int, workers: int
) -> LandedFile:
    landed, quarantine = home.landed / contract.name, home.quarantine / contract.name
    draft = landed / f".draft-{item.name.replace('/', '-')}"
    draft.mkdir()
    done = split(
        contract,
        item.table,
        item.file.resource,
        raw.blob(home, contract.name, item.file.sha256),
        draft,
        corrections=item.corrections,
        key=key,
        threads=threads,
        workers=workers,
    )
    if done.pulled != done.accepted + done.quarantined:
        raise LandingError(
            f"source {contract.name}, file {item.file.resource}: {done.pulled} rows pulled, but"
            f" {done.accepted} accepted and {done.quarantined} quarantined do not add up;"
            " nothing was replaced"
        )
    for part, target in (("accepted", landed), ("quarantine", quarantine)):
        path = target / item.name
        path.parent.mkdir(exist_ok=True)
        (draft / f"{part}.parquet").replace(path)
        sync_folder(path.parent)
    draft.rmdir()
    return LandedFile(
        table=item.file.table,
        resource=item.file.resource,
        raw_sha256=item.file.sha256,
        file=item.name,
        pulled=done.pulled,
        accepted=done.accepted,
        quarantined=done.quarantined,
        reasons=done.reasons,
        layout=done.layout,
        cleaned=done.cleaned,
        corrected=done.corrected,
        corrections=item.corrections_digest,
        notices=done.notices,
    )


def _record(
    contract: SourceContract, ledger: Ledger, files: Sequence[LandedFile], run_id: str | None
) -> None:
    """Append to the ledger what it does not hold yet: a kill may have come before the last time."""
    at = stamp()
    recorded = {
        (row["table_name"], row["resource"], row["raw_sha256"], row["corrected_rows"])
        for row in ledger.rows(
            "select table_name, resource, raw_sha256, corrected_rows from landings"
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
                "reasons": _json(file.reasons),
                "form_rows": _json(file.layout),
                "cleaned_cells": _json(file.cleaned),
                "corrected_rows": _json(file.corrected),
                "landed_at": at,
                "run_id": run_id,
            }
            for file in files
            if (file.table, file.resource, file.raw_sha256, _json(file.corrected)) not in recorded
        ],
    )


def _json(counts: Mapping[str, int]) -> str:
    return json.dumps(counts, ensure_ascii=False, sort_keys=True)


def _forget(landed: Path, quarantine: Path, landing: Landing | None) -> None:
    """Remove landed files that no longer count; the raw bytes they came from stay."""
    wanted: set[str] = set()
    if landing:
        wanted = {file.file for file in landing.files} | {item.file for item in landing.superseded}
    for folder in (landed, quarantine):
        for path in folder.glob("*/*.parquet"):
            if path.relative_to(folder).as_posix() not in wanted:
                path.unlink()
