"""Between unpacked bytes and readers: text files of a declared encoding become UTF-8.

What bytes mean is `vietnamese.encodings`. A file that is not what its contract declares is refused
as a whole, with a proposal: text that was decoded wrongly cannot be mended later.
"""

import codecs
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.canonical import CHUNK
from pipelines.contracts import SourceContract, Table
from pipelines.ingest.readers import ReadError
from pipelines.vietnamese.encodings import (
    DECLARED,
    UndecodableError,
    decode_tcvn3,
    is_utf8,
    plausible,
    propose,
)

_TEXT = ("csv", "json", "ndjson", "geojson")
_LOOK = 256 << 10  # bytes that are enough to tell an encoding by
_UNLIKELY = 0.5  # decoded text in which fewer marked words are syllables was something else


def encoding_of(table: Table) -> str:
    """The encoding a table declares, `utf-8` where it declares none."""
    declared = table.properties.get("encoding") or (table.properties.get("csv") or {}).get(
        "encoding"
    )
    return str(declared or "utf-8").lower()


@contextmanager
def utf8_files(
    paths: Sequence[Path], contract: SourceContract, table: Table, what: str, folder: Path
) -> Iterator[Sequence[Path]]:
    """The files as UTF-8: themselves where they are, else copies in `folder` until the end.

    Raises:
        ReadError: a file is not of the declared encoding; the message proposes one.
    """
    form = str(table.properties.get("format") or contract.server.get("format", ""))
    if form not in _TEXT:
        yield paths
        return
    encoding = encoding_of(table)
    if encoding not in DECLARED:
        raise ReadError(
            f"{what}: encoding {encoding!r} is not one of {', '.join(DECLARED)}; correct"
            f" {contract.path}"
        )
    with TemporaryDirectory(dir=folder, prefix="decoded-") as name:
        yield [
            _as_utf8(path, encoding, what, Path(name) / f"{number:06}")
            for number, path in enumerate(paths)
        ]


def _as_utf8(path: Path, encoding: str, what: str, target: Path) -> Path:
    with path.open("rb") as file:
        head = file.read(_LOOK)
    if encoding == "detect":
        encoding = _detected(path, head, what)
    if encoding == "utf-8":
        if not is_utf8(head):
            raise _refused(head, encoding, what, "it is not valid UTF-8")
        return path
    if encoding not in ("utf-16", "utf-16-le", "utf-16-be") and _is_marked_utf8(head):
        raise _refused(head, encoding, what, "it is UTF-8")
    try:
        _transcode(path, encoding, target)
    except UndecodableError as error:
        raise _refused(head, encoding, what, str(error)) from error
    except UnicodeDecodeError as error:
        raise _refused(head, encoding, what, f"byte {error.start}: {error.reason}") from error
    with target.open(encoding="utf-8") as file:
        share = plausible(file.read(_LOOK))
    if encoding not in ("utf-16", "utf-16-le", "utf-16-be", "latin-1") and (
        share is not None and share < _UNLIKELY
    ):
        raise _refused(head, encoding, what, f"only {share:.0%} of its marked words read well")
    return target


def _is_marked_utf8(head: bytes) -> bool:
    """True where bytes beyond ASCII occur and all of them are valid UTF-8."""
    return not head.isascii() and is_utf8(head)


def _detected(path: Path, head: bytes, what: str) -> str:
    """UTF-16 by its mark or UTF-8 by its validity; nothing else is ever concluded."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _refused(head, "detect", what, "it is neither UTF-16 nor valid UTF-8") from error
    return "utf-8"


def _refused(head: bytes, encoding: str, what: str, why: str) -> ReadError:
    proposal = propose(head)
    advice = (
        f"declare `encoding: {proposal.encoding}` in the contract if a look at the text confirms it"
        if proposal.encoding and proposal.encoding != encoding
        else "ask the sender for UTF-8"
    )
    return ReadError(f"{what}: declared as {encoding}, but {why}; {proposal}. {advice}")


def _transcode(path: Path, encoding: str, target: Path) -> None:
    """Write the file as UTF-8, in pieces. Composing is left to the cleaning of cells."""
    with path.open("rb") as source, target.open("x", encoding="utf-8", newline="") as out:
        if encoding in ("tcvn3", "tcvn3-upper"):
            while piece := source.read(CHUNK):
                out.write(decode_tcvn3(piece.decode("latin-1"), upper=encoding == "tcvn3-upper"))
            return
        decoder = codecs.getincrementaldecoder(encoding)()
        while piece := source.read(CHUNK):
            out.write(decoder.decode(piece))
        out.write(decoder.decode(b"", final=True))
