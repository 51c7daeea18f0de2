"""SQL that reads a number in the style its column declares, exactly or not at all.

A lone `8.184` is 8184 or 8.184 by declaration; no sniffer is asked. What a column may declare:
`numberStyle` (plain, vi, en, space), `negative` (minus, parentheses, trailing), `dashes` (zero or
null: what `-`, `–` and `…` mean; without it they are no number), `percentSign: true`, and
`excelFloat: true` for cells that carry the noise of spreadsheet arithmetic.
"""

import re
from collections.abc import Mapping
from typing import Any

from pipelines.duck import literal

STYLES = {
    # style -> (pattern of a whole number, of a fraction's mark, characters to drop, decimal mark)
    "plain": (r"\d+", r"\.", "", "."),
    "vi": (r"(?:\d{1,3}(?:\.\d{3})+|\d+)", ",", ".", ","),
    "en": (r"(?:\d{1,3}(?:,\d{3})+|\d+)", r"\.", ",", "."),
    "space": (r"(?:\d{1,3}(?: \d{3})+|\d+)", ",", " ", ","),
}
NEGATIVES = ("minus", "parentheses", "trailing")
DASHES = ("-", "–", "—", "…", "...", "..")
NOISE = "1e-9"  # relative; a spreadsheet's sums differ from the true ones by less

_NARROW = 18  # digits a DECIMAL may have to fit 64 bits
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def problems(properties: Mapping[str, Any]) -> list[str]:
    """What is wrong with a column's declarations about numbers."""
    found: list[str] = []
    for name, allowed in (
        ("numberStyle", tuple(STYLES)),
        ("negative", NEGATIVES),
        ("dashes", ("zero", "null")),
        ("percentSign", (True, False)),
        ("excelFloat", (True, False)),
    ):
        value = properties.get(name)
        if value is not None and value not in allowed:
            found.append(f"{name} {value!r} is not one of {', '.join(map(str, allowed))}")
    return found


def number_sql(kind: str, text: str, properties: Mapping[str, Any]) -> str:
    """SQL for the value of type `kind` of the text expression `text`; NULL where none fits."""
    whole, mark, drop, decimal_mark = STYLES[str(properties.get("numberStyle", "plain"))]
    decimal = _DECIMAL.fullmatch(kind)
    fraction = ""
    if decimal and int(decimal[2]):
        fraction = rf"(?:{mark}\d{{1,{decimal[2]}}})?"
    elif kind == "DOUBLE":
        fraction = rf"(?:{mark}\d+)?"
    text, pattern = _signed(text, whole + fraction, str(properties.get("negative", "minus")))
    if properties.get("percentSign"):
        text = f"regexp_replace({text}, ' ?%$', '')"
    digits = f"replace({text}, {literal(drop)}, '')" if drop else text
    digits = f"replace({digits}, ',', '.')" if decimal_mark == "," else digits
    value = (
        f"case when regexp_full_match({text}, {literal(pattern)})"
        f" then {_cast(kind, digits, decimal)} end"
    )
    if properties.get("excelFloat") and decimal:
        value = f"coalesce({value}, {_without_noise(kind, text, int(decimal[2]))})"
    if properties.get("dashes") == "zero":
        value = f"case when {text} in ({_dashes()}) then 0::{kind} else {value} end"
    return value


def _dashes() -> str:
    return ", ".join(literal(dash) for dash in DASHES)


def _signed(text: str, pattern: str, negative: str) -> tuple[str, str]:
    """The text with a plain sign in front, and the pattern it must then have."""
    text = f"replace({text}, '−', '-')" if negative != "minus" else text
    if negative == "parentheses":
        text = rf"regexp_replace({text}, '^\((.*)\)$', '-\1')"
    elif negative == "trailing":
        text = f"regexp_replace({text}, '^(.*)-$', '-\\1')"
    return text, "[+-]?" + pattern


def _cast(kind: str, digits: str, decimal: re.Match[str] | None) -> str:
    cast = f"try_cast({digits} as {kind})"
    if not decimal or int(decimal[1]) <= _NARROW or int(decimal[2]) >= _NARROW:
        return cast
    # DuckDB parses a wide DECIMAL some 200 times slower than a narrow one of equal scale.
    scale = int(decimal[2])
    narrow = f"try_cast({digits} as decimal({_NARROW}, {scale}))::{kind}"
    return f"case when length({digits}) <= {_NARROW - scale} then {narrow} else {cast} end"


def _without_noise(kind: str, text: str, scale: int) -> str:
    """SQL for a float's text rounded to the column's scale, where that changes next to nothing."""
    double = f"try_cast({text} as double)"
    rounded = f"round({double}, {scale})"
    return (
        rf"case when regexp_full_match({text}, '[+-]?\d+(\.\d+)?([eE][+-]?\d+)?')"
        f" and abs({double} - {rounded}) <= {NOISE} * abs({double})"
        f" then try_cast({rounded} as {kind}) end"
    )
