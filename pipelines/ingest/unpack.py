"""Between raw bytes and readers: packed files are unpacked for as long as they are read.

The raw store keeps an archive as it was received. What a file is packed with is told by its first
bytes, never by its name. Reading what comes out is `readers`.

An archive comes from outside: how much comes out of it, how many files, and what kind of files are
bounded, and no name in it is ever used as a path.
"""

import bz2
import errno
import gzip
import lzma
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any
from unicodedata import normalize

from pipelines.canonical import CHUNK
from pipelines.contracts import Table
from pipelines.contracts.archive import MEMBERS, Archive, archive_of
from pipelines.ingest.readers import ReadError

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
DIRECTORY = 8 << 20  # bytes of a zip archive's own list of files
_TAIL = 1 << 17  # bytes at its end among which the list's size is found
_ELSEWHERE = 0xFFFFFFFF  # stands for a size that is in the record for large archives
_TAR = (257, b"ustar")
_WORKBOOKS = {"[Content_Types].xml", "mimetype"}  # an xlsx or ods file is a zip archive too
_SHOWN = 10  # names in a message
_UTF8 = 0x800
_ENCRYPTED = 0x1


def _zstd(path: Path) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.OSFile(str(path), "rb"), "zstd")


_STREAMS: dict[bytes, tuple[str, Callable[[Path], Any]]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ\x00": ("xz", lzma.open),
    b"\x28\xb5\x2f\xfd": ("zstd", _zstd),
}
_FOREIGN = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!": "rar"}


@contextmanager
def plain_files(path: Path, table: Table, what: str, folder: Path) -> Iterator[Sequence[Path]]:
    """The files to read in place of `path`, in name order; `path` itself where it is not packed.

    gzip, bzip2, xz and zstd hold one file; of a zip archive the table's `archive: {member: …}`
    chooses, and where nothing is said it must hold one. What is unpacked lies in `folder` until the
    context ends. `what` names the file in messages.

    Raises:
        ReadError: the archive is damaged, does not hold what the contract says, or is not to be
            trusted: too much comes out of it, or it holds links, ways out of it, passwords or more
            archives.
    """
    kind = _kind(path, what)
    if kind is None:
        yield [path]
        return
    with TemporaryDirectory(dir=folder, prefix="unpacked-") as name:
        target = Path(name)
        rules = archive_of(table)
        budget = _Budget(rules, path.stat().st_size, what)
        if kind == "zip":
            files = _members(path, target, rules, budget, what)
        else:
            files = [target / "00001"]
            with _clear(what, kind), _STREAMS[_magic(path)][1](path) as source:
                budget.copy(source, files[0])
        for file in files:
            _refuse_nested(file, what)
        yield files


class _Budget:
    """How much may still come out of an archive."""

    def __init__(self, rules: Archive, packed: int, what: str) -> None:
        self.rules = rules
        self.packed = packed
        self.what = what
        self.out = 0

    def copy(self, source: IO[bytes], target: Path) -> None:
        with target.open("xb") as file:
            while piece := source.read(CHUNK):
                self.out += len(piece)
                if self.out > self.rules.size:
                    raise ReadError(
                        f"{self.what}: more than {self.rules.size} bytes come out of the archive;"
                        " raise `archive: {maxBytes: …}` in the contract if that is right"
                    )
                if self.out > max(Archive.FREE, self.rules.ratio * self.packed):
                    raise ReadError(
                        f"{self.what}: each packed byte becomes more than {self.rules.ratio:g},"
                        " as in an archive made to fill the disk; raise `archive: {maxRatio: …}`"
                        " in the contract if that is right"
                    )
                file.write(piece)


@contextmanager
def _clear(what: str, kind: str) -> Iterator[None]:
    """Turn what the unpacking libraries raise into one clear error. They raise whatever they meet
    in a broken archive, from IndexError to NotImplementedError.
    """
    try:
        yield
    except ReadError:
        raise
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # EINVAL: a place before the file's beginning
            raise  # the disk's trouble, not the archive's
        raise ReadError(_damaged(what, kind, error)) from error
    except Exception as error:
        raise ReadError(_damaged(what, kind, error)) from error


def _damaged(what: str, kind: str, error: Exception) -> str:
    return (
        f"{what}: the {kind} archive is damaged or cut short ({type(error).__name__}); ask the"
        " sender for it again"
    )


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(8)
    known = (*_STREAMS, *_ZIP, *_FOREIGN)
    return next((magic for magic in known if head.startswith(magic)), b"")


def _kind(path: Path, what: str) -> str | None:
    """What a file is packed with; None where it is not, or where it is a workbook."""
    magic = _magic(path)
    if magic in _STREAMS:
        return _STREAMS[magic][0]
    if magic not in _ZIP:
        return None
    _check_directory(path, what)
    return None if _is_workbook(path) else "zip"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(_WORKBOOKS & set(archive.namelist()))
    except Exception:  # damaged: unpacking it says so
        return False


def _refuse_nested(path: Path, what: str) -> None:
    magic = _magic(path)
    found = _FOREIGN.get(magic) or _kind(path, what)
    with path.open("rb") as file:
        file.seek(_TAR[0])
        if file.read(len(_TAR[1])) == _TAR[1]:
            found = "tar"
    if found:
        raise ReadError(
            f"{what}: there is another archive ({found}) inside the archive; ask the sender for one"
            " that holds the files themselves"
        )


def _check_directory(path: Path, what: str) -> None:
    """Refuse a zip archive whose directory alone would fill the memory: it is read whole."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    wide = tail.rfind(b"PK\x06\x06")
    if size == _ELSEWHERE and wide >= 0:
        size = int.from_bytes(tail[wide + 40 : wide + 48], "little")
    if size > DIRECTORY:
        raise ReadError(
            f"{what}: the archive's list of files alone has {size:,} bytes; ask the sender for"
            " archives of fewer files"
        )


def _members(path: Path, target: Path, rules: Archive, budget: _Budget, what: str) -> list[Path]:
    """Unpack the chosen members of a zip archive, in name order."""
    files: list[Path] = []
    with _clear(what, "zip"), zipfile.ZipFile(path) as archive:
        for number, member in enumerate(_chosen(archive, rules, what), start=1):
            files.append(target / f"{number:05}")
            with archive.open(member) as source:
                budget.copy(source, files[-1])
    return files


def _chosen(archive: zipfile.ZipFile, rules: Archive, what: str) -> list[zipfile.ZipInfo]:
    everything = archive.infolist()
    if len(everything) > MEMBERS:
        raise ReadError(f"{what}: the archive holds {len(everything):,} files, over {MEMBERS:,}")
    named: dict[str, zipfile.ZipInfo] = {}
    for member in everything:
        name = _name(member)
        _refuse_ways_out(member, name, what)
        if member.is_dir() or _is_litter(name):
            continue
        if name in named:
            raise ReadError(f"{what}: the archive holds {name!r} twice")
        named[name] = member
    found = sorted(name for name in named if rules.member is None or _fits(name, rules.member))
    if not found or (rules.member is None and len(found) > 1):
        shown = ", ".join(repr(name) for name in sorted(named)[:_SHOWN]) or "no file"
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        missing = f"no file that fits {rules.member!r}" if rules.member else "not just one file"
        raise ReadError(
            f"{what}: the archive holds {missing}: {shown}{more}. Name the right one in the"
            " contract: archive: {member: …}"
        )
    for name in found:
        if named[name].flag_bits & _ENCRYPTED:
            raise ReadError(
                f"{what}: {name!r} is encrypted; ask the sender for an archive without a password"
            )
    return [named[name] for name in found]


def _name(member: zipfile.ZipInfo) -> str:
    """A member's name, composed; many tools write UTF-8 without saying so."""
    name = member.filename
    if not member.flag_bits & _UTF8:
        with suppress(UnicodeError):  # another encoding; a pattern can still name it
            name = name.encode("cp437").decode("utf-8")
    return normalize("NFC", name)


def _refuse_ways_out(member: zipfile.ZipInfo, name: str, what: str) -> None:
    """Refuse the whole archive: whoever made it means harm, or it was damaged."""
    steps = name.replace("\\", "/").split("/")
    if ".." in steps or name.startswith(("/", "\\")) or ":" in steps[0] or "\0" in name:
        raise ReadError(f"{what}: {name[:80]!r} in the archive leads out of it; it is refused")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise ReadError(f"{what}: {name[:80]!r} in the archive is a link; it is refused")


def _is_litter(name: str) -> bool:
    """What file managers add of themselves."""
    path = PurePosixPath(name)
    return path.parts[0] == "__MACOSX" or path.name in (".DS_Store", "Thumbs.db", "desktop.ini")


def _fits(name: str, pattern: str) -> bool:
    """Whether a member is meant; `*` does not cross folders."""
    wanted = normalize("NFC", pattern).strip("/").split("/")
    steps = name.split("/")
    if len(wanted) == 1:
        steps = steps[-1:]
    return len(steps) == len(wanted) and all(map(fnmatchcase, steps, wanted))
