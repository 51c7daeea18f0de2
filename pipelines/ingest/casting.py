"""The SQL that cleans, types and judges one column by its contract.

Each column becomes two expressions over its upstream text: the typed value, and the name of the
first rule it breaks. No value is repaired: what does not fit its type
exactly is a broken rule, never a rounded number or a guessed date.
"""

import re

from pipelines.contracts import Column, ContractError
from pipelines.duck import literal

# What breaks a rule reads like this to a person; the report and the quarantine list use it.
RULES: dict[str, tuple[str, str]] = {
    "required": ("thiếu giá trị bắt buộc", "a required value is missing"),
    "type": ("không đúng kiểu hoặc định dạng đã khai báo", "not of the declared type or format"),
    "enum": ("không có trong danh mục mã", "not in the code list"),
    "pattern": ("không đúng mẫu đã khai báo", "does not match the declared pattern"),
    "range": ("ngoài khoảng cho phép", "outside the allowed range"),
    "length": ("sai độ dài cho phép", "not of the allowed length"),
    "duplicate": ("dòng lặp lại nguyên vẹn", "repeats an earlier row exactly"),
    "conflict": (
        "cùng khóa với dòng khác nhưng nội dung khác",
        "has the key of another row with other content",
    ),
    "columns": (
        "dòng không tách được thành đúng số cột",
        "the line cannot be split into the declared columns",
    ),
    "record": ("bản ghi không đọc được", "the record cannot be read"),
    "layout": (
        "dòng không thuộc lớp nào đã khai báo, hoặc có ô không đọc được",
        "the row fits no declared class, or holds a cell that cannot be read",
    ),
}

_NARROW = 18  # digits a DECIMAL may have to fit 64 bits

_NUMBER = {
    # style -> (pattern of a whole number, of its fraction, characters to drop, decimal mark)
    "plain": (r"[+-]?\d+", r"\.\d", "", "."),
    "vi": (r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)", r",\d", ".", ","),
    "en": (r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)", r"\.\d", ",", "."),
}


# One look decides whether a cell needs repair: it holds a character outside those that are composed
# and unmistakable (Latin letters, Vietnamese ones included, and common signs), or misplaced blanks.
_NEEDS_REPAIR = (
    r"[^\x20-\x7E\x{A1}-\x{CF}\x{D1}-\x{EF}\x{F1}-\x{2FF}\x{1E00}-\x{1EFF}"
    r"\x{2010}-\x{2027}\x{2030}-\x{203E}\x{20AB}]|  |^ | $|^$"
)


def clean(text: str, *, keep_lines: bool = False) -> str:
    """SQL for the cleaned text of the SQL expression `text`.

    NFC, U+00D0 to Đ, no-break spaces to spaces, runs of blanks to one, trimmed; empty is NULL.
    With `keep_lines` a line break inside a cell stays one: some senders list values that way.
    Most cells need nothing, and a look is far cheaper than a repair.
    """
    composed = f"translate(nfc_normalize({text}), 'Ðð' || chr(160) || chr(8239), 'Đđ  ')"
    if keep_lines:
        blanks = f"regexp_replace({composed}, '[^\\S\\n]+', ' ', 'g')"
        single = f"regexp_replace({blanks}, ' ?\\n ?', chr(10), 'g')"
        repaired = f"nullif(trim({single}, ' ' || chr(10)), '')"
    else:
        repaired = f"nullif(trim(regexp_replace({composed}, '\\s+', ' ', 'g')), '')"
    return (
        f"case when regexp_matches({text}, {literal(_NEEDS_REPAIR)}) then {repaired}"
        f" else {text} end"
    )


def source_text(column: Column, text: str) -> str:
    """SQL for the cleaned text with the contract's own words for "no value" turned into NULL."""
    cleaned = clean(text, keep_lines=column.properties.get("lineBreaks") == "keep")
    if column.enum:  # a value of the code list needs no look at all
        values = ", ".join(literal(entry.value) for entry in column.enum)
        cleaned = f"case when {text} in ({values}) then {text} else {cleaned} end"
    empty = [str(value) for value in column.properties.get("nullValues", ()) if str(value)]
    if not empty:
        return cleaned
    values = ", ".join(literal(value) for value in empty)
    return f"(case when {cleaned} in ({values}) then null else {cleaned} end)"


def value_of(column: Column, text: str) -> str:
    """SQL for the typed value of the upstream text `text`; NULL where it does not fit exactly.

    A number or date that fits as it stands is not cleaned first: most do.
    """
    cleaned = source_text(column, text)
    if column.type == "VARCHAR":
        return cleaned
    return f"coalesce({typed(column, text)}, {typed(column, f'({cleaned})')})"


def _number(column: Column, text: str) -> str:
    style = str(column.properties.get("numberStyle", "plain"))
    if style not in _NUMBER:
        raise ContractError(
            f"column {column.name}: numberStyle {style!r} is not one of {', '.join(_NUMBER)}"
        )
    whole, fraction, drop, mark = _NUMBER[style]
    decimal = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", column.type)
    if decimal:
        scale = int(decimal[2])
        pattern = whole + (rf"(?:{fraction}{{1,{scale}}})?" if scale else "")
    elif column.type == "DOUBLE":
        pattern = rf"{whole}(?:{fraction}+)?"
    else:
        pattern = whole
    digits = f"replace({text}, {literal(drop)}, '')" if drop else text
    digits = f"replace({digits}, ',', '.')" if mark == "," else digits
    cast = f"try_cast({digits} as {column.type})"
    if decimal and int(decimal[1]) > _NARROW:
        # DuckDB parses a wide DECIMAL some 200 times slower than a narrow one of equal scale.
        scale = int(decimal[2])
        narrow = f"try_cast({digits} as decimal({_NARROW}, {scale}))::{column.type}"
        cast = f"case when length({digits}) <= {_NARROW - scale} then {narrow} else {cast} end"
    return f"case when regexp_full_match({text}, {literal(pattern)}) then {cast} end"


def _boolean(column: Column, text: str) -> str:
    true = [str(value) for value in column.properties.get("trueValues", ("true", "1"))]
    false = [str(value) for value in column.properties.get("falseValues", ("false", "0"))]
    yes = ", ".join(literal(value) for value in true)
    no = ", ".join(literal(value) for value in false)
    return f"case when {text} in ({yes}) then true when {text} in ({no}) then false end"


def typed(column: Column, text: str) -> str:
    """SQL for the typed value of the cleaned text `text`; NULL where it does not fit exactly."""
    if column.type == "VARCHAR":
        return text
    if column.type == "BOOLEAN":
        return _boolean(column, text)
    if column.type in ("DATE", "TIMESTAMP"):
        default = "%Y-%m-%d" if column.type == "DATE" else "%Y-%m-%d %H:%M:%S"
        form = str(column.properties.get("dateFormat", default))
        return f"try_strptime({text}, {literal(form)})::{column.type}"
    return _number(column, text)


def broken_rule(column: Column, text: str, value: str) -> str | None:
    """SQL for the name of the first rule that `value` breaks, else NULL; None without any rule.

    `text` is the upstream text, `value` what `value_of` made of it.
    """
    tests: list[tuple[str, str]] = []
    cleaned = f"({source_text(column, text)})"
    if column.required:
        absent = value if column.type == "VARCHAR" else cleaned
        tests.append(("required", f"{value} is null and {absent} is null"))
    if column.type != "VARCHAR":
        tests.append(("type", f"{value} is null and {cleaned} is not null"))
    options = column.options
    if column.enum:
        values = ", ".join(literal(entry.value) for entry in column.enum)
        comparable = value if column.type == "VARCHAR" else f"cast({value} as varchar)"
        tests.append(("enum", f"{comparable} not in ({values})"))
    shown = value if column.type == "VARCHAR" else cleaned
    if pattern := options.get("pattern"):
        tests.append(("pattern", f"not regexp_full_match({shown}, {literal(str(pattern))})"))
    bounds = [
        f"{value} {operator} {_bound(column, options[name])}"
        for name, operator in (("minimum", "<"), ("maximum", ">"))
        if options.get(name) is not None
    ]
    if bounds:
        tests.append(("range", " or ".join(bounds)))
    lengths = [
        f"length({shown}) {operator} {int(options[name])}"
        for name, operator in (("minLength", "<"), ("maxLength", ">"))
        if options.get(name) is not None
    ]
    if lengths:
        tests.append(("length", " or ".join(lengths)))
    if not tests:
        return None
    arms = " ".join(f"when {test} then {literal(rule)}" for rule, test in tests)
    return f"case {arms} end"


def _bound(column: Column, limit: object) -> str:
    if column.type in ("DATE", "TIMESTAMP"):
        return f"{column.type} {literal(str(limit))}"
    return str(limit)
