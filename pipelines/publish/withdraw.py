"""Take a release back, or let it count again, in steps that a kill cannot split.

    withdrawn/<dataset>/<version>.json   what was decided about it, one entry per decision
    withdrawn/<dataset>/<version>/       the release as it was; nobody but the owner reads it
    releases/<dataset>/<version>/        withdrawn.json, withdrawn.sig: the tombstone

The entry is written first and decides; `settle` then makes `releases/` agree with it, and whoever
works there next makes up for a settling that was cut off. A version that is withdrawn is never
published again, by whatever run, until it is restored; what is restored becomes `latest` only by a
new decision of the gate.
"""

import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.canonical import (
    canonical_json,
    point,
    sync_file,
    sync_folder,
    write_durably,
)
from pipelines.clock import stamp
from pipelines.contracts import Text
from pipelines.ledger import Ledger
from pipelines.publish.layout import (
    LATEST,
    STAGING,
    TOMBSTONE,
    TOMBSTONE_SIGNATURE,
    VERSION,
)
from pipelines.publish.signing import signer
from pipelines.publish.verify import verify_release
from pipelines.settings import Home

WITHDRAW = "withdraw"
RESTORE = "restore"

Step = Callable[[str], None]
"""Called after each durable step with its name; what it raises ends the work, as a kill would."""


class WithdrawError(Exception):
    """This version cannot be withdrawn or restored; the message says why and what to do."""


def history(home: Home, dataset: str) -> dict[str, list[dict[str, Any]]]:
    """What was decided about withdrawn versions of a dataset, by version, the oldest first.

    One entry has action (`withdraw` or `restore`), reason in both languages, role, and at.
    """
    return {
        path.stem: json.loads(path.read_bytes())
        for path in sorted((home.withdrawn / dataset).glob("*.json"))
        if not path.name.startswith(".")
    }


def withdrawn(home: Home, dataset: str) -> dict[str, dict[str, Any]]:
    """The versions of a dataset that do not count now, each with the entry that says so."""
    return {
        version: entries[-1]
        for version, entries in history(home, dataset).items()
        if entries[-1]["action"] == WITHDRAW
    }


def _record(home: Home, dataset: str, version: str, action: str, reason: Text, role: str) -> None:
    path = home.withdrawn / dataset / f"{version}.json"
    entries = history(home, dataset).get(version, [])
    entries.append(
        {
            "action": action,
            "reason": {"vi": reason.vi, "en": reason.en},
            "role": role,
            "at": stamp(),
        }
    )
    write_durably(path, canonical_json(entries, indent=2))


def withdraw(
    home: Home,
    ledger: Ledger,
    dataset: str,
    version: str,
    *,
    reason: Text,
    role: str,
    step: Step = lambda _name: None,
) -> Path | None:
    """Take one release back; returns the release readers see now, None where there is none.

    Raises:
        WithdrawError: there is no such release, or it is withdrawn already.
        SigningError: the tombstone cannot be signed; nothing was changed.
    """
    signer(home)
    settle(home, ledger, dataset)
    if version in withdrawn(home, dataset):
        raise WithdrawError(f"{dataset} {version} is withdrawn already")
    if not VERSION.fullmatch(version) or not (home.releases / dataset / version).is_dir():
        raise WithdrawError(f"there is no release {version} of {dataset}; see {home.releases}")
    _record(home, dataset, version, WITHDRAW, reason, role)
    step("recorded")
    settle(home, ledger, dataset, step)
    latest = home.releases / dataset / LATEST
    return latest.resolve() if latest.exists() else None


def restore(
    home: Home,
    ledger: Ledger,
    dataset: str,
    version: str,
    *,
    reason: Text,
    role: str,
    step: Step = lambda _name: None,
) -> None:
    """Let a withdrawn version count again. `latest` moves to it by a new decision only.

    Raises:
        WithdrawError: it is not withdrawn, or what was kept of it is not what was released.
    """
    settle(home, ledger, dataset)
    if version not in withdrawn(home, dataset):
        raise WithdrawError(f"{dataset} {version} is not withdrawn")
    kept = home.withdrawn / dataset / version
    if kept.is_dir() and (problems := verify_release(kept)):
        raise WithdrawError(
            f"what was kept of {dataset} {version} does not verify ({problems[0]}); remove {kept},"
            " and it is published anew where a run gives the same bytes"
        )
    _record(home, dataset, version, RESTORE, reason, role)
    step("recorded")
    settle(home, ledger, dataset, step)


def settle(
    home: Home,
    ledger: Ledger,
    dataset: str,
    step: Step = lambda _name: None,
    *,
    publishing: str | None = None,
) -> None:
    """Make `releases/` agree with what was decided about withdrawn versions.

    Where nothing is public, a restored version stays under its tombstone until it is the one that
    is being published: a release that `latest` does not lead to, nor any other, is a broken folder.
    """
    found = history(home, dataset)
    folder = home.releases / dataset
    if not found or not folder.is_dir():
        return
    gone = {version for version, entries in found.items() if entries[-1]["action"] == WITHDRAW}
    link = folder / LATEST
    if link.is_symlink() and link.readlink().name in gone:
        _move_latest(home, ledger, dataset, gone)
        step("pointed")
    for version, entries in found.items():
        place, kept = folder / version, home.withdrawn / dataset / version
        if version in gone:
            if place.is_dir() and not (place / TOMBSTONE).exists():
                place.rename(kept)
                sync_folder(kept.parent)
                sync_folder(folder)
                step("taken away")
            if not place.exists():
                _bury(home, dataset, version, entries[-1], step)
        elif not link.exists() and version != publishing:
            continue
        elif (place / TOMBSTONE).exists() or (kept.is_dir() and not place.exists()):
            _dig_up(place, kept, step)


def _move_latest(home: Home, ledger: Ledger, dataset: str, gone: set[str]) -> None:
    """Point `latest` to what was published last of what still counts; away if nothing does."""
    folder = home.releases / dataset
    published = [
        str(row["version"])
        for row in ledger.rows(
            "select version, max(id) as last from decisions where dataset = ?"
            " and outcome = 'published' group by version order by last desc",
            dataset,
        )
    ]
    unknown = sorted(
        (path.name for path in folder.iterdir() if VERSION.fullmatch(path.name)), reverse=True
    )
    for version in dict.fromkeys([*published, *unknown]):
        place = folder / version
        if version not in gone and place.is_dir() and not verify_release(place):
            point(folder / LATEST, place)
            return
    (folder / LATEST).unlink()
    sync_folder(folder)


def _bury(home: Home, dataset: str, version: str, entry: dict[str, Any], step: Step) -> None:
    """Put the signed tombstone into the place of a release that was taken away."""
    folder = home.releases / dataset
    key = signer(home)
    document = canonical_json(
        {
            "dataset": dataset,
            "version": version,
            "reason": entry["reason"],
            "role": entry["role"],
            "withdrawnAt": entry["at"],
            "signedBy": key.as_json(),
        },
        indent=2,
    )
    staging = folder / f"{STAGING}{uuid.uuid4().hex[:8]}"
    staged = staging / version
    try:
        staged.mkdir(parents=True)
        staged.chmod(0o755)
        for name, data in ((TOMBSTONE, document), (TOMBSTONE_SIGNATURE, key.sign(document))):
            (staged / name).write_bytes(data)
            (staged / name).chmod(0o444)
            sync_file(staged / name)
        sync_folder(staged)
        step("staged")
        staged.rename(folder / version)
        sync_folder(folder)
        step("buried")
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _dig_up(place: Path, kept: Path, step: Step) -> None:
    """Take the tombstone away and put back what was kept, if it was."""
    if (place / TOMBSTONE).exists():
        staging = place.parent / f"{STAGING}{uuid.uuid4().hex[:8]}"
        staging.mkdir()
        place.rename(staging / place.name)
        shutil.rmtree(staging, ignore_errors=True)
        step("dug up")
    if kept.is_dir():
        kept.rename(place)
        sync_folder(place.parent)
        step("put back")
