"""Reporting periods as they are written, and the codes they become.

A month is `2024-07`, a quarter `2024-Q3`, a year `2024`; the first six or nine months, which is how
budgets report, are `2024-6M` and `2024-9M`: cumulative, and no neighbours of a quarter.
"""

from pipelines.duck import literal

_YEAR = r"(?:năm\s*)?(\d{4})"
_BETWEEN = r"\s*[/\-,]?\s*"
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}

# (pattern over the lower-cased text, SQL for its code from the groups \1 and \2)
_FORMS = (
    (rf"{_YEAR}", "{1}"),
    (rf"(?:tháng|t)\s*(0?[1-9]|1[0-2]){_BETWEEN}{_YEAR}", "{2} || '-' || lpad({1}, 2, '0')"),
    (r"(0?[1-9]|1[0-2])\s*/\s*(\d{4})", "{2} || '-' || lpad({1}, 2, '0')"),
    (r"(\d{4})-(0[1-9]|1[0-2])", "{1} || '-' || {2}"),
    (rf"(?:quý|q)?\s*(iv|i{{1,3}}|[1-4]){_BETWEEN}{_YEAR}", "{2} || '-Q' || {quarter}"),
    (r"(\d{4})-?q([1-4])", "{1} || '-Q' || {2}"),
    (rf"(6|9)\s*tháng(?:\s*đầu)?{_BETWEEN}{_YEAR}", "{2} || '-' || {1} || 'M'"),
)


def period_sql(text: str) -> str:
    """SQL for the code of the period that the text expression `text` names; NULL for any other."""
    lowered = f"lower(trim({text}))"
    arms: list[str] = []
    for pattern, code in _FORMS:
        one, two = (f"regexp_extract({lowered}, {literal(pattern)}, {group})" for group in (1, 2))
        numerals = " ".join(f"when '{roman}' then '{digit}'" for roman, digit in _ROMAN.items())
        quarter = f"(case {one} {numerals} else {one} end)"
        filled = code.replace("{1}", one).replace("{2}", two).replace("{quarter}", quarter)
        arms.append(f"when regexp_full_match({lowered}, {literal(pattern)}) then {filled}")
    return f"case {' '.join(arms)} end"
