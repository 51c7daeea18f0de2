"""Currency units as they are written, matched letter by letter: folding would make one of many.

`đồng`, `dòng` (line) and `động` (to move) all fold to `dong`, so a spelling is in the list or it is
unknown. An unknown unit has no factor; it is never 1.
"""

import re
import unicodedata

CANONICAL = {"đồng": 1, "nghìn đồng": 1_000, "triệu đồng": 1_000_000, "tỷ đồng": 1_000_000_000}

# Compared in lower case, composed, blanks made one. Misspellings were met in real forms.
SPELLINGS = {
    "đồng": (*("đồng", "đ", "vnd", "vnđ", "đồng việt nam", "việt nam đồng", "1 đồng", "đông"),),
    "nghìn đồng": (
        *("nghìn đồng", "ngàn đồng", "1.000 đồng", "1000 đồng", "1.000đ", "1.000 đ", "1000đ"),
        *("nghìn đ", "ngàn đ", "nghìn dồng", "ng.đồng", "1,000 đồng"),
    ),
    "triệu đồng": (
        *("triệu đồng", "tr đồng", "tr.đồng", "tr. đồng", "trđ", "tr.đ", "triệu đ", "triệu"),
        *("tiệu đồng", "triệu dồng", "triệu đông", "triêu đồng", "1.000.000 đồng", "1.000.000đ"),
        *("1000000 đồng", "1.000.000 đ", "1,000,000 đồng", "trệu đồng"),
    ),
    "tỷ đồng": (
        *("tỷ đồng", "tỉ đồng", "tỷ đ", "tỉ đ", "tỷ", "tỉ", "tỷ dồng", "1.000.000.000 đồng"),
    ),
}
_PROSE = re.compile(r"(?:đơn vị(?: tính)?|đvt|đv tính)\s*[:：]?\s*(?P<unit>.+)", re.IGNORECASE)


def spellings() -> dict[str, str]:
    """Every known spelling, and the canonical unit it means."""
    return {text: unit for unit, texts in SPELLINGS.items() for text in texts}


def _normal(text: str) -> str:
    composed = unicodedata.normalize("NFC", text).replace("Ð", "Đ").replace("\u00a0", " ")
    return " ".join(composed.lower().strip(" .;()").split())


def canonical_unit(text: str) -> str | None:
    """The canonical unit a text means; None where it is not in the list."""
    return spellings().get(_normal(text))


def unit_in_prose(text: str) -> str | None:
    """The unit that a letterhead states, as in `Đơn vị tính: Triệu đồng`.

    `Đơn vị` also means an organisation: `Đơn vị: Sở Tài chính` states no unit.
    """
    found = _PROSE.search(_normal(text))
    return canonical_unit(found["unit"]) if found else None
