"""Where the files of a release are, and what they are called.

releases/<dataset>/latest -> <version>
releases/<dataset>/<version>/
    <dataset>.csv  <dataset>.parquet  datapackage.json   the candidate, byte for byte
    decision.json                                        why it was published
    decision.sig                                         who says so: see `signing`
    scorecard.json                                       what its checks add up to: see `scorecard`
    SHA256SUMS                                           of the six files above
releases/<dataset>/<version>/
    withdrawn.json  withdrawn.sig                        what stands where a release was withdrawn
"""

import re
from collections.abc import Mapping
from pathlib import Path

from pipelines.publish.candidate import data_files
from pipelines.publish.scorecard import SCORECARD

SUMS = "SHA256SUMS"
DECISION = "decision.json"
SIGNATURE = "decision.sig"
TOMBSTONE = "withdrawn.json"
TOMBSTONE_SIGNATURE = "withdrawn.sig"
LATEST = "latest"
STAGING = ".staging-"
VERSION = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}")


def release_files(dataset: str) -> tuple[str, ...]:
    """Names of all files of a release, SHA256SUMS last."""
    return (*sorted((*data_files(dataset), DECISION, SIGNATURE, SCORECARD)), SUMS)


def sums(digests: Mapping[str, str]) -> bytes:
    """The one right content of SHA256SUMS, in the form `sha256sum --check` reads."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def find_releases(path: Path) -> list[Path]:
    """The release folders at or below `path`: a release, its `latest`, a dataset, or all of them.

    Raises:
        FileNotFoundError: `path` is not a folder.
    """
    resolved = path.resolve()
    if not resolved.is_dir():
        raise FileNotFoundError(f"{path} is not a folder")
    if VERSION.fullmatch(resolved.name) or (resolved / SUMS).exists():
        return [resolved]
    return sorted(
        folder
        for pattern in ("*", "*/*")
        for folder in resolved.glob(pattern)
        if folder.is_dir() and not folder.is_symlink() and VERSION.fullmatch(folder.name)
    )
