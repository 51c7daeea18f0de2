"""The raw store: bytes exactly as received, named by their SHA-256, never rewritten.

`raw/<source>/<sha256>` holds the bytes, `raw/<source>/current.json` says which of them the source
consists of now, and the ledger says how each came. The manifest is replaced only when every
resource is stored, so a kill leaves the last complete pull.
"""

import json
import shutil
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.canonical import (
    canonical_json,
    digest_of,
    forget_drafts,
    sha256_file,
    sync_file,
    sync_folder,
    write_durably,
)
from pipelines.clock import stamp
from pipelines.contracts import SourceContract
from pipelines.ingest.connectors import (
    Connector,
    PullError,
    RawFile,
    Resource,
    Transfer,
    connector_for,
)
from pipelines.ledger import Ledger
from pipelines.settings import Home


@dataclass(frozen=True)
class Pull:
    """The outcome of one pull: the files of the source now, and how many of them are new."""

    source: str
    files: tuple[RawFile, ...]
    new: int

    @property
    def digest(self) -> str:
        """Stands for the content of all files together."""
        return digest_of([[file.table, file.resource, file.sha256] for file in self.files])


def blob(home: Home, source: str, sha256: str) -> Path:
    """Where the bytes with this digest are."""
    return home.raw / source / sha256


def current(home: Home, source: str) -> Pull | None:
    """The last complete pull of a source, or None before the first."""
    path = home.raw / source / "current.json"
    if not path.exists():
        return None
    files = tuple(RawFile(**item) for item in json.loads(path.read_bytes())["files"])
    return Pull(source, files, 0)


def _fetch_one(
    folder: Path,
    resource: Resource,
    connector: Connector,
    last: RawFile | None,
    purged: Collection[str],
) -> tuple[RawFile | None, str, Transfer]:
    """Fetch into the store; returns the file, how we know whether it changed, and the facts.

    The file is None where upstream had nothing to add.
    """
    # Purged bytes are known all the same: what has not changed since is not fetched again.
    if last is not None and last.sha256 not in purged and not (folder / last.sha256).exists():
        last = None
    draft = folder / f".incoming-{uuid.uuid4().hex[:8]}"
    try:
        transfer = connector.fetch(resource, draft, last)
        if transfer.empty:
            return None, transfer.known_by or "watermark", transfer
        if transfer.not_modified:
            if last is None or transfer.known_by is None:
                raise RuntimeError(f"{resource.public_address}: unchanged, but since when?")
            return last, transfer.known_by, transfer
        digest = sha256_file(draft)
        size = draft.stat().st_size
        target = folder / digest
        if not target.exists() and digest not in purged:
            sync_file(draft)
            draft.chmod(0o400)
            draft.replace(target)
            sync_folder(folder)
        file = RawFile(
            table=resource.table,
            resource=resource.name,
            sha256=digest,
            bytes=size,
            etag=transfer.etag,
            last_modified=transfer.last_modified,
            partition=resource.partition,
            watermark=transfer.watermark,
            declared=transfer.declared,
        )
        if last is None:
            follows = resource.accumulates and transfer.known_by
            return file, follows or "first", transfer
        # A sign of change proves nothing until the bytes differ.
        known_by = transfer.known_by if digest != last.sha256 else None
        return file, known_by or "checksum", transfer
    finally:
        draft.unlink(missing_ok=True)


def _now_current(
    stored: Sequence[RawFile],
    resources: Sequence[Resource],
    fetched: Sequence[RawFile],
    months: Collection[str] | None,
    accumulates: bool,
) -> tuple[RawFile, ...]:
    """What the source consists of after a pull: increments add, everything else replaces what was
    asked for again.
    """
    growing = {resource.table for resource in resources if resource.accumulates}
    fresh = {(file.table, file.resource) for file in fetched}
    kept = [
        file
        for file in stored
        if (
            accumulates
            or file.table in growing
            or (months is not None and file.partition not in months)
        )
        and (file.table, file.resource) not in fresh
    ]
    both = (*kept, *fetched)
    return both if months is None else tuple(sorted(both, key=lambda file: file.resource))


def _in_months(
    contract: SourceContract, resources: Sequence[Resource], months: Collection[str] | None
) -> Sequence[Resource]:
    if months is None:
        return resources
    chosen = [resource for resource in resources if resource.partition in months]
    if missing := sorted(set(months) - {str(resource.partition) for resource in chosen}):
        raise PullError(
            f"source {contract.name}: nothing is there for {', '.join(missing)}; put the month's"
            " file into its place, or ask for other months"
        )
    return chosen


def replace_in_manifest(home: Home, source: str, versions: Mapping[str, str | None]) -> None:
    """Let a source consist of other versions of some resources: of the stored bytes with the given
    digest, or, where that is None, no longer of the resource at all. The bytes stay.
    """
    pull = current(home, source)
    if pull is None:
        return
    files = []
    for file in pull.files:
        if file.resource not in versions:
            files.append(file)
        elif (digest := versions[file.resource]) is not None:
            size = blob(home, source, digest).stat().st_size
            files.append(replace(file, sha256=digest, bytes=size, etag=None, last_modified=None))
    _write_current(home.raw / source, source, files)


def _write_current(folder: Path, source: str, files: Sequence[RawFile]) -> None:
    manifest = {"source": source, "files": [asdict(file) for file in files]}
    write_durably(folder / "current.json", canonical_json(manifest, indent=1))


def pull(
    contract: SourceContract,
    home: Home,
    ledger: Ledger,
    *,
    months: Collection[str] | None = None,
    run_id: str | None = None,
    report: Callable[[str], None] = lambda _message: None,
) -> Pull:
    """Bring every resource of a source, or those of some `months`, into the raw store.

    Raises:
        PullError: a resource cannot be pulled; the last complete pull stays current.
    """
    folder = home.raw / contract.name
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(".incoming-*"):
        leftover.unlink()
    forget_drafts(folder / "current.json")
    previous = current(home, contract.name)
    stored = previous.files if previous else ()
    last = {(file.table, file.resource): file for file in stored}
    connector = connector_for(contract, home)
    resources = _in_months(contract, connector.resources(stored), months)
    purged = {
        row["sha256"]
        for row in ledger.rows(
            "select distinct sha256 from pulls where source = ? and purged_at is not null",
            contract.name,
        )
    }
    files: list[RawFile] = []
    entries: list[dict[str, Any]] = []
    for resource in resources:
        before = last.get((resource.table, resource.name))
        file, known_by, transfer = _fetch_one(folder, resource, connector, before, purged)
        for remark in transfer.remarks:
            report(f"{contract.name}: {remark}")
        if file is None:
            report(f"{contract.name}: {resource.name}: nothing new upstream")
            continue
        changed = before is None or before.sha256 != file.sha256
        files.append(file)
        entries.append(
            {
                "source": contract.name,
                "table_name": resource.table,
                "resource": resource.name,
                "address": resource.public_address,
                "outcome": "new" if changed else "unchanged",
                "known_by": known_by,
                "sha256": file.sha256,
                "bytes": file.bytes,
                "retrieved_at": stamp(),
                "http_status": transfer.http_status,
                "etag": transfer.etag,
                "last_modified": transfer.last_modified,
                "license": contract.license.get("name"),
                "partition": resource.partition,
                "declared": transfer.declared,
                "watermark": transfer.watermark,
                "pages": transfer.pages,
                "contract_version": contract.version,
                "contract_digest": contract.digest,
                "as_of": contract.as_of,
                "run_id": run_id,
            }
        )
        if changed:
            report(f"{contract.name}: {resource.name} is new ({file.bytes:,} bytes)")
    ledger.insert("pulls", entries)
    done = Pull(
        contract.name,
        _now_current(stored, resources, files, months, connector.accumulates),
        sum(entry["outcome"] == "new" for entry in entries),
    )
    if previous is None or previous.files != done.files:
        _write_current(folder, contract.name, done.files)
    for pages in folder.glob(".pages-*"):  # of an API: all of them are in the stored files now
        shutil.rmtree(pages)
    return done
