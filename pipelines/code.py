"""Which code this is: part of every decision's evidence and of what makes work worth repeating."""

from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipelines.canonical import digest_of, sha256_file


@cache
def code_version() -> str:
    """The distribution's version and the head of the digest of the package's files."""
    root = Path(__file__).parent
    files = {
        path.relative_to(root).as_posix(): sha256_file(path)
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }
    return f"{version('khomo')}+{digest_of(files)[:12]}"
