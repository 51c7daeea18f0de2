"""Encodings of Vietnamese text: what the declared ones decode to, and what unknown bytes look like.

Only a declaration decides; a look at the bytes proposes. TCVN3 (fonts named `.Vn…`) is a font
layout over Latin-1 bytes: capital letters with a tone have no byte of their own, and text in a
capital font (`.Vn…H`) has the bytes of small letters, which is why `tcvn3-upper` exists. VNI is
recognised and refused: its two-byte letters cannot be told apart from plain text with certainty.
"""

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

DECLARED = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "windows-1258"),
    *("tcvn3", "tcvn3-upper", "detect"),
)

# Letter layout of TCVN 5712:1993 VN3 from 0xA1 on; a blank is a byte the layout leaves undefined.
_VN3 = (
    "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ"
)
_TCVN3 = {0xA1 + index: letter for index, letter in enumerate(_VN3) if letter != " "}
_UNDEFINED = re.compile(
    "[" + "".join(re.escape(chr(code)) for code in range(0x80, 0x100) if code not in _TCVN3) + "]"
)
_LAST_LATIN = "\xff"
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_VOWELS = "aăâeêioôơuưy"
_SYLLABLE = re.compile(
    "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnprstvx])?"
    f"[{_VOWELS}]{{1,3}}(?:ch|ng|nh|[cmnpt])?"
)
_VNI = re.compile(r"[aeiouyAEIOUY][\xe0-\xe5\xe4\xe8-\xeb\xef\xf2-\xf6\xf8-\xfc\xd8-\xdc\xc0-\xc5]")
_WORD = re.compile(r"[^\W\d_]+")
_SURE = 0.8  # share of marked words that are Vietnamese syllables from which a proposal is made
_APART = 0.2  # lead of the best guess over the next from which a proposal is made
_MANY_ZEROS = 0.2  # share of zero bytes at even or odd places that only UTF-16 has
_ENOUGH = 3  # words with marks below which nothing can be said


class UndecodableError(ValueError):
    """Bytes are not what was declared; the message says where and what they are."""


@dataclass(frozen=True)
class Proposal:
    """What bytes look like. `encoding` is None where nothing is sure enough to be proposed."""

    encoding: str | None
    evidence: str

    def __str__(self) -> str:
        if self.encoding is None:
            return self.evidence
        return f"it looks like {self.encoding} ({self.evidence})"


def decode_tcvn3(text: str, *, upper: bool = False) -> str:
    """Text whose characters are TCVN3 bytes read as Latin-1, in Unicode.

    Raises:
        UndecodableError: a character has no meaning in the layout.
    """
    if found := _UNDEFINED.search(text):
        raise UndecodableError(
            f"byte 0x{ord(found[0]):02X} at {found.start()} has no letter in TCVN3"
        )
    decoded = text.translate(_TCVN3)
    return decoded.upper() if upper else decoded


def encode_tcvn3(text: str) -> bytes:
    """The bytes of composed Vietnamese text in TCVN3; for round trips and test files.

    Raises:
        UndecodableError: a character has no byte, such as a capital letter with a tone.
    """
    places = {letter: code for code, letter in _TCVN3.items()}
    missing = [letter for letter in text if not letter.isascii() and letter not in places]
    if missing:
        raise UndecodableError(f"{missing[0]!r} has no byte in TCVN3")
    return bytes(places.get(letter, ord(letter)) for letter in text)


def decode_cell(text: str, *, upper: bool = False) -> str:
    """A workbook cell of a sheet declared TCVN3.

    Such cells hold the bytes as Latin-1 look-alikes. One that already has a letter beyond Latin-1
    is Unicode among them and stays as it is, as does one that the layout cannot have produced.
    """
    if not text or text.isascii() or max(text) > _LAST_LATIN:
        return text
    return text if _UNDEFINED.search(text) else decode_tcvn3(text, upper=upper)


def _marked_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if not word.isascii()]


def plausible(text: str) -> float | None:
    """Share of the words with marks that are Vietnamese syllables; None where there are too few."""
    words = _marked_words(unicodedata.normalize("NFC", text))
    if len(words) < _ENOUGH:
        return None
    return sum(_is_syllable(word) for word in words) / len(words)


def _is_syllable(word: str) -> bool:
    parts = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in parts if mark in _TONES]
    bare = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
    return len(tones) <= 1 and bool(_SYLLABLE.fullmatch(bare))


def propose_for_fonts(fonts: Sequence[str]) -> Proposal | None:
    """What a workbook's font names say of the text in its cells; None where they say nothing."""
    if any(font.upper().startswith("VNI-") for font in fonts):
        return Proposal(None, "it uses a VNI font, whose text cannot be read with certainty")
    legacy = [font for font in fonts if font.startswith(".Vn")]
    if not legacy:
        return None
    upper = all(font.endswith("H") for font in legacy)
    return Proposal("tcvn3-upper" if upper else "tcvn3", f"it uses the font {legacy[0]}")


def propose(sample: bytes) -> Proposal:
    """What `sample`, the beginning of a text file, looks like."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Proposal("utf-16", "it begins with a byte-order mark")
    if is_utf8(sample):
        return Proposal("utf-8", "every byte is valid UTF-8")
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sample[place::2].count(0) > len(sample) * _MANY_ZEROS:
            return Proposal(name, "every other byte is zero")
    return _propose_legacy(sample)


def _propose_legacy(sample: bytes) -> Proposal:
    shares = {name: _share(sample, name) for name in ("windows-1258", "tcvn3")}
    best, other = sorted(shares, key=lambda name: -shares[name])
    if shares[best] >= _SURE and shares[best] - shares[other] > _APART:
        return Proposal(best, f"{shares[best]:.0%} of its marked words are Vietnamese syllables")
    words = _marked_words(sample.decode("latin-1"))
    pairs = sum(bool(_VNI.search(word)) for word in words)
    if len(words) >= _ENOUGH and pairs > len(words) / 2:
        return Proposal(None, "it looks like VNI, whose text cannot be read with certainty")
    return Proposal(None, "its encoding could not be told")


def _share(sample: bytes, encoding: str) -> float:
    try:
        text = decode(sample, encoding)
    except UndecodableError:
        return 0.0
    return plausible(text) or 0.0


def is_utf8(sample: bytes) -> bool:
    """True where the bytes are valid UTF-8, but for a character cut off at the end."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes, encoding: str) -> str:
    """`data` as text of a declared encoding, composed (NFC).

    Raises:
        UndecodableError: the bytes are not of that encoding.
    """
    if encoding in ("tcvn3", "tcvn3-upper"):
        text = decode_tcvn3(data.decode("latin-1"), upper=encoding == "tcvn3-upper")
    else:
        try:
            text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        except UnicodeDecodeError as error:
            raise UndecodableError(f"byte {error.start} is not {encoding}") from error
    return unicodedata.normalize("NFC", text)
