"""One way to turn a value into bytes and bytes into a digest.

Two equal values give equal bytes on every machine: that is what lets a digest stand for content.
Durable writes live here too, because a digest of a half-written file proves nothing.
"""

import hashlib
import json
import os
import uuid
from pathlib import Path
from typing import Any

CHUNK = 1 << 20


def canonical_json(value: Any, *, indent: int | None = None) -> bytes:
    """UTF-8 JSON with sorted keys and a final newline; NaN is refused."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(
        value,
        ensure_ascii=False,
        sort_keys=True,
        indent=indent,
        separators=separators,
        allow_nan=False,
    )
    return text.encode() + b"\n"


def sha256_bytes(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`."""
    return sha256_bytes(canonical_json(value))


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Force a file's bytes to disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `data` in one step: a reader, or a kill, sees the old bytes or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with draft.open("xb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def forget_drafts(path: Path) -> None:
    """Remove what writes of `path` that were cut off left beside it. Only its one writer may."""
    for draft in path.parent.glob(f".{path.name}.*"):
        draft.unlink(missing_ok=True)


def point(link: Path, target: Path) -> None:
    """Make the symbolic link `link` lead to `target` (its neighbour or below), in one step."""
    draft = link.with_name(f".{link.name}.{uuid.uuid4().hex[:8]}")
    draft.symlink_to(os.path.relpath(target, link.parent))
    draft.replace(link)
    sync_folder(link.parent)
