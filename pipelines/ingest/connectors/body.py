"""Stores the body of an answer in a file, and refuses what is not the whole of the data.

Too large, too short, too long, empty, undecodable, or a page that says something in place of the
data. A content coding (gzip, deflate) belongs to the transfer: we ask for none, and where a server
uses one all the same it is undone, so that the same file has the same checksum however it came.
Compression that belongs to the file stays (`unpack`).
"""

import re
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from pipelines.ingest.connectors.refusal import CutError, RefusedError
from pipelines.ingest.connectors.transport import Session

_PIECE = 1 << 16
_SNIFF = 2048  # bytes that tell what a body is
_HTML = re.compile(
    rb"<(!doctype\s+html|html|head|body|title|meta|script|style|div|table|form|h1|center)\b", re.I
)
_JSON = re.compile(rb"(\{\s*(\"|\}))|(\[\s*[\[{\"\d\]])")
_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES = {
    "parquet": (b"PAR1",),
    "xlsx": (b"PK\x03\x04",),
    "ods": (b"PK\x03\x04",),
    "xls": (_OLE, b"PK\x03\x04", b"\x09\x08"),
}
_JSON_FORMATS = ("json", "geojson", "ndjson", "jsonl")


def receive(
    session: Session, response: requests.Response, into: Path, *, ceiling: int, form: str
) -> int:
    """Write the body of a streamed `response` into the new file `into`; returns its bytes.

    `form` is the format the contract expects (`csv`, `xlsx`, …). Call it inside
    `session.transfer`, which words the errors.

    Raises:
        RefusedError: the body is not the data, or not all of it.
    """
    kind = _kind(response)
    length = _promised(response)
    if length is not None and length > ceiling:
        raise RefusedError(_too_large(ceiling))
    written, head = 0, b""
    try:
        with into.open("xb") as target:
            coding = response.headers.get("Content-Encoding", "identity").strip().lower()
            for piece in decoded(coding, _raw(session, response, length)):
                if len(head) < _SNIFF:
                    head += piece[: _SNIFF - len(head)]
                    _judge(head, kind, form)
                written += len(piece)
                if written > ceiling:
                    raise RefusedError(_too_large(ceiling))
                target.write(piece)
        if not written:
            raise RefusedError(_NOTHING)
        _sign(head, form)
    except BaseException:
        response.close()
        into.unlink(missing_ok=True)
        raise
    return written


def judge_answer(response: requests.Response, form: str) -> None:
    """Refuse an answer that is held in memory and is not the data in the format `form`.

    Raises:
        RefusedError: its status, or what it begins with, says that it is something else.
    """
    kind = _kind(response)
    if not response.content:
        raise RefusedError(_NOTHING)
    _judge(response.content[:_SNIFF], kind, form)
    _sign(response.content[:_SNIFF], form)


def _kind(response: requests.Response) -> str:
    """What an answer says that it is; refuses one that is no answer to our question."""
    if response.status_code != requests.codes.ok:
        code = response.status_code
        passing = code >= requests.codes.server_error or code in (408, 425, 429)
        raise RefusedError(_status(response), passing=passing)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise RefusedError(_PAGE)
    return kind


_NOTHING = "answered nothing: the body is empty"
_PAGE = (
    "answered an HTML page, not a data file; the address may need a log-in, or a proxy answered in"
    " the server's place"
)


def _status(response: requests.Response) -> str:
    code = response.status_code
    advice = {
        401: "; check `connector: {auth: …}` and its variables",
        403: "; check `connector: {auth: …}`, or ask the server's owner for access",
        404: "; check `location` and `resource` in the contract",
        410: "; the server says it is gone for good",
        429: "; ask less often: `connector: {requestsPerSecond: …}`",
    }.get(code, "")
    return f"answered {code} {response.reason or ''}".rstrip() + advice


def _too_large(ceiling: int) -> str:
    return f"is larger than {ceiling} bytes; raise `maxBytes` in the contract if that is right"


def _promised(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length")
    if text is None or "Transfer-Encoding" in response.headers:
        return None
    if not re.fullmatch(r"\s*\d+\s*", text):
        raise RefusedError("states a length that is no number")
    return int(text)


def _raw(session: Session, response: requests.Response, length: int | None) -> Iterator[bytes]:
    """The body's pieces as they arrive; exactly as many bytes as were promised."""
    raw: Any = response.raw
    received = 0
    while length is None or received < length:
        session.timing.check()
        try:
            waiting = 0 if length is None else _waiting(raw)
            piece = raw.read1(_PIECE, decode_content=False)
        except TimeoutError:
            raise CutError("did not go on in time") from None
        except (HTTPError, OSError) as error:
            raise CutError(f"was cut short ({type(error).__name__})") from None
        if length is not None and waiting > length - received:
            raise RefusedError(f"sent more than the {length} bytes it promised")
        if not piece:
            break
        received += len(piece)
        yield piece
    session.timing.check()
    if length is not None and received != length:
        raise CutError(f"was cut short: {received} of {length} bytes arrived")


def _waiting(raw: Any) -> int:
    """How many bytes have arrived that nobody has read; 0 where that cannot be told.

    A server that counts letters where it should count bytes promises less than it sends, and the
    protocol would drop the rest without a word.
    """
    file = getattr(getattr(raw, "_fp", None), "fp", None)
    if file is None or getattr(file, "closed", True):
        return 0
    return len(file.peek(1))


def decoded(coding: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of a body without their content coding.

    Raises:
        RefusedError: the coding is not known, or the body does not follow it to its end.
    """
    if coding in ("", "identity"):
        yield from pieces
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise RefusedError(f"sent a body in the coding {coding}, which it was not asked for")
    head = b""
    for piece in pieces:
        head += piece
        if len(head) > 1:
            break
    if not head:
        return
    raw_deflate = coding == "deflate" and not _has_zlib_header(head)
    window = -zlib.MAX_WBITS if raw_deflate else zlib.MAX_WBITS | 32  # 32: finds its header itself
    inflate = zlib.decompressobj(window)
    try:
        for packed in chain([head], pieces):
            rest = packed
            while rest:
                if inflate.eof:
                    if coding == "deflate":
                        raise RefusedError("sent bytes after the end of its compressed body")
                    inflate = zlib.decompressobj(window)  # gzip may have several members
                yield inflate.decompress(rest)
                rest = inflate.unused_data
    except zlib.error:
        raise RefusedError("sent a compressed body that cannot be read") from None
    if not inflate.eof:
        raise CutError("was cut short inside its compressed body")


def _has_zlib_header(data: bytes) -> bool:
    return len(data) > 1 and data[0] & 15 == zlib.DEFLATED and int.from_bytes(data[:2]) % 31 == 0


def _text(head: bytes) -> bytes:
    """The beginning of a text, without mark, blanks and comments, as single bytes."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if head.startswith(mark):
            head = head[len(mark) :].decode(encoding, "ignore").encode()
            break
    return re.sub(rb"^(\s+|<!--.*?-->)+", b"", head, flags=re.S)


def _judge(head: bytes, kind: str, form: str) -> None:
    """Refuse a page or a message that came in place of the data, whatever it is labelled."""
    text = _text(head)
    if _HTML.match(text):
        raise RefusedError(_PAGE)
    if text.startswith((b"<?xml", b"<soap", b"<Error", b"<error")):
        raise RefusedError("answered XML, not a data file; it may be an error message")
    if form in _JSON_FORMATS:
        return
    if kind in ("application/json", "application/problem+json") or _JSON.match(text):
        raise RefusedError(
            f"answered JSON, not {form or 'a data file'}; it may be an error message"
        )


def _sign(head: bytes, form: str) -> None:
    """Refuse a body that does not begin as its format does."""
    if head.startswith(_PACKED):
        return
    expected = _SIGNATURES.get(form)
    if expected and not head.startswith(expected):
        raise RefusedError(f"does not begin as a file of format {form} does")
    if form in ("json", "geojson") and not _text(head).startswith((b"{", b"[")):
        raise RefusedError(f"does not begin as a file of format {form} does")
    if form == "csv" and head.startswith((_OLE, b"%PDF", b"PAR1")):
        raise RefusedError("is not a CSV file: it begins as a workbook, a PDF or Parquet does")
