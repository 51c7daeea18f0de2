"""Currency units as they are written, matched letter by letter: folding would make one of many.

`đồng`, `dòng` (line) and `động` (to move) all fold to `dong`, so a spelling is in the list or it is
unknown. An unknown unit has no factor; it is never 1.
"""

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


def spellings() -> dict[str, str]:
    """Every known spelling, and the canonical unit it means."""
    return {text: unit for unit, texts in SPELLINGS.items() for text in texts}
