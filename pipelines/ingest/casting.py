"""The SQL that cleans, types and judges one column by its contract.

Each column becomes two kinds of expressions over its upstream text: the typed value, and what is
true where a rule is broken. No value is repaired: what does not fit its type
exactly is a broken rule, never a rounded number or a guessed date.
"""

import re
import unicodedata
from collections.abc import Sequence

from pipelines.contracts import Column
from pipelines.duck import identifier, literal, literals
from pipelines.vietnamese.numbers import DASHES, number_sql
from pipelines.vietnamese.periods import period_sql
from pipelines.vietnamese.units import spellings

EXCEL_SERIAL = "excel"  # as a dateFormat: days since 1900, as spreadsheets count them
READ_AS = {"unitStyle": "unit", "periodStyle": "period"}  # property -> the rule an unknown breaks

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
    "unit": ("đơn vị tính không có trong danh mục", "the unit is not in the list"),
    "period": ("kỳ báo cáo không đọc được", "the period cannot be read"),
    "dropped": ("bị loại theo đính chính", "dropped by a correction"),
    "record": ("bản ghi không đọc được", "the record cannot be read"),
    "layout": (
        "dòng không thuộc lớp nào đã khai báo, hoặc có ô không đọc được",
        "the row fits no declared class, or holds a cell that cannot be read",
    ),
}

# One look decides whether a cell needs repair: it holds a character outside those that are composed
# and unmistakable (Latin letters, Vietnamese ones included, and common signs), or misplaced blanks.
_NEEDS_REPAIR = (
    r"[^\x20-\x7E\x{A1}-\x{CF}\x{D1}-\x{EF}\x{F1}-\x{2FF}\x{1E00}-\x{1EFF}"
    r"\x{2010}-\x{2027}\x{2030}-\x{203E}\x{20AB}]|  |^ | $|^$"
)
# The same look at the cells of a whole row, joined by bars: one look at a row costs a fraction of
# one at each of its cells. A bar inside a cell only makes its row be judged closely.
_ROW_NEEDS_REPAIR = _NEEDS_REPAIR.replace("^ | $|^$", r"\| | \||\|\||^ | $|^\||\|$|^$")
_MISPLACED = r"([\x{300}\x{301}\x{303}\x{309}])([\x{302}\x{306}\x{31B}])"


REPAIRS = {
    "composed": "nfc_normalize({0}) != {0}",
    "look_alikes": "regexp_matches({0}, '[Ðð]')",
    "no_break_blanks": "regexp_matches({0}, '[\\x{{A0}}\\x{{202F}}]')",
    "blanks": "regexp_matches({0}, '  |^ | $')",
}
"""Kinds of repair that are counted, and SQL that is true of a cell that needs one."""


def is_repaired(column: Column, text: str, value: str) -> str | None:
    """SQL that is true where the text of a column was repaired; None where it is no plain text."""
    if column.type != "VARCHAR" or any(column.properties.get(name) for name in READ_AS):
        return None
    return f"({value} is not null and {value} is distinct from {text})"


def repairs(columns: Sequence[Column]) -> dict[str, str]:
    """SQL aggregates: how many cells of `columns` need each kind of repair."""
    return {
        kind: " + ".join(
            f"count(*) filter ({test.format(identifier(column.name))})" for column in columns
        )
        for kind, test in REPAIRS.items()
    }


# A pattern made of these matches no text with a blank or a character that could need repair.
_PLAIN_PATTERN = re.compile(r"(?:[A-Za-z0-9$()|?+*,:_{}/@\-]|\\[.d/-]|\^|\[(?!\^)|\])+")


def needs_look(column: Column) -> bool:
    """Whether a text of this column may need repair although it breaks no rule as it stands.

    A number or a date that fits as it stands needs none, nor does a text that is in its code list
    or fits a pattern of plain characters.
    """
    options = column.options
    if column.type != "VARCHAR":
        return any(options.get(name) is not None for name in ("pattern", "minLength", "maxLength"))
    if any(column.properties.get(name) for name in READ_AS):
        return False
    if column.enum:
        return not all(_is_clean(str(entry.value)) for entry in column.enum)
    pattern = str(options.get("pattern") or ".")
    return not _PLAIN_PATTERN.fullmatch(pattern) or bool(re.fullmatch(pattern, ""))


def _is_clean(text: str) -> bool:
    return bool(text) and text == " ".join(unicodedata.normalize("NFC", text).split())


def is_suspect(columns: Sequence[Column]) -> str:
    """SQL that is true of a row in which a text of one of these columns may need repair."""
    texts = [identifier(column.name) for column in columns if needs_look(column)]
    if not texts:
        return "false"
    return f"regexp_matches(concat_ws('|', {', '.join(texts)}), {literal(_ROW_NEEDS_REPAIR)})"


def clean(text: str, *, keep_lines: bool = False) -> str:
    """SQL for the cleaned text of the SQL expression `text`.

    NFC, U+00D0 to Đ, no-break spaces to spaces, runs of blanks to one, trimmed; empty is NULL.
    With `keep_lines` a line break inside a cell stays one: some senders list values that way.
    Most cells need nothing, and a look is far cheaper than a repair.
    """
    # Typed in the wrong order, tone before vowel mark, two marks do not compose: `e` + acute +
    # circumflex. Only the order is changed; the letter that was meant is the same.
    ordered = f"regexp_replace({text}, {literal(_MISPLACED)}, '\\2\\1', 'g')"
    composed = f"translate(nfc_normalize({ordered}), 'Ðð' || chr(160) || chr(8239), 'Đđ  ')"
    if keep_lines:
        blanks = f"regexp_replace({composed}, '[^\\S\\n]+', ' ', 'g')"
        single = f"regexp_replace({blanks}, ' ?\\n ?', chr(10), 'g')"
        repaired = f"nullif(trim({single}, ' ' || chr(10)), '')"
    else:
        repaired = f"nullif(trim(regexp_replace({composed}, '\\s+', ' ', 'g')), '')"
    return (
        f"case when regexp_matches({text}, {literal(_NEEDS_REPAIR)})"
        f" then {repaired} else {text} end"
    )


def source_text(column: Column, text: str, *, repair: bool = True) -> str:
    """SQL for the text with the contract's own words for "no value" turned into NULL.

    It is cleaned first, unless it is known to need no `repair`.
    """
    keep_lines = column.properties.get("lineBreaks") == "keep"
    cleaned = clean(text, keep_lines=keep_lines) if repair else text
    empty = [str(value) for value in column.properties.get("nullValues", ()) if str(value)]
    if column.properties.get("dashes") == "null":
        empty += DASHES
    if not empty:
        return cleaned
    values = ", ".join(literal(value) for value in empty)
    return f"(case when {cleaned} in ({values}) then null else {cleaned} end)"


def value_of(column: Column, text: str, *, repair: bool = True) -> str:
    """SQL for the typed value of the upstream text `text`; NULL where it does not fit exactly.

    A number or date that fits as it stands is not cleaned first: most do.
    """
    if column.type == "VARCHAR":
        return typed(column, source_text(column, text, repair=repair))
    if not repair:
        return typed(column, text)
    return f"coalesce({typed(column, text)}, {typed(column, f'({source_text(column, text)})')})"


def _boolean(column: Column, text: str) -> str:
    true = [str(value) for value in column.properties.get("trueValues", ("true", "1"))]
    false = [str(value) for value in column.properties.get("falseValues", ("false", "0"))]
    yes = ", ".join(literal(value) for value in true)
    no = ", ".join(literal(value) for value in false)
    return f"case when {text} in ({yes}) then true when {text} in ({no}) then false end"


def _date(column: Column, text: str) -> str:
    default = "%Y-%m-%d" if column.type == "DATE" else "%Y-%m-%d %H:%M:%S"
    said = column.properties.get("dateFormat", default)
    forms = [str(form) for form in (said if isinstance(said, list) else [said])]
    written = [form for form in forms if form != EXCEL_SERIAL]
    values = []
    if written:
        # A list of one form costs twice as much as the form itself.
        form = literal(written[0]) if len(written) == 1 else literals(written)
        values.append(f"try_strptime({text}, {form})::{column.type}")
    if EXCEL_SERIAL in forms:
        # Day 60 of the 1900 system is a 29 February that never was; before it days are off by one.
        values.append(
            f"case when regexp_full_match({text}, '\\d{{2,6}}(\\.\\d+)?')"
            f" and try_cast({text} as double) >= 61 then (timestamp '1899-12-30'"
            f" + to_seconds(round(try_cast({text} as double) * 86400)))::{column.type} end"
        )
    return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"


def _unit(text: str) -> str:
    """SQL for the canonical currency unit a text means; NULL where it is not in the list."""
    known: dict[str, list[str]] = {}
    for spelling, unit in spellings().items():
        known.setdefault(unit, []).append(spelling)
    arms = " ".join(
        f"when trim(lower({text}), ' .;()') in ({', '.join(map(literal, texts))})"
        f" then {literal(unit)}"
        for unit, texts in known.items()
    )
    return f"case {arms} end"


def typed(column: Column, text: str) -> str:
    """SQL for the typed value of the cleaned text `text`; NULL where it does not fit exactly."""
    if column.properties.get("unitStyle") == "currency":
        return _unit(text)
    if column.properties.get("periodStyle") == "vi":
        return period_sql(text)
    if column.type == "VARCHAR":
        return text
    if column.type == "BOOLEAN":
        return _boolean(column, text)
    if column.type in ("DATE", "TIMESTAMP"):
        return _date(column, text)
    return number_sql(column.type, text, column.properties)


def listed(text: str, values: Sequence[str]) -> str:
    """SQL for a text that is one of `values`, held as its place among them; NULL for another.

    Cheaper to write than the text, and than `in`, which becomes a join when the list is long.
    """
    return f"try_cast({text} as enum ({', '.join(map(literal, dict.fromkeys(values)))}))"


def rules_of(
    column: Column, text: str, value: str, *, repair: bool = True
) -> list[tuple[str, str]]:
    """A column's rules in the order they are judged: name, SQL that is true where it is broken.

    `text` is the upstream text, `value` what `value_of` made of it with the same `repair`. A row
    that needs no look and breaks no rule without repair breaks none with it, and has equal values.
    """
    tests: list[tuple[str, str]] = []
    cleaned = f"({source_text(column, text, repair=repair)})"
    read_as = next((rule for name, rule in READ_AS.items() if column.properties.get(name)), None)
    if column.required:
        absent = value if column.type == "VARCHAR" and read_as is None else cleaned
        tests.append(("required", f"{value} is null and {absent} is null"))
    if read_as is not None:
        tests.append((read_as, f"{value} is null and {cleaned} is not null"))
    elif column.type != "VARCHAR":
        tests.append(("type", f"{value} is null and {cleaned} is not null"))
    options = column.options
    if column.enum:
        comparable = value if column.type == "VARCHAR" else f"cast({value} as varchar)"
        known = listed(comparable, [str(entry.value) for entry in column.enum])
        tests.append(("enum", f"{comparable} is not null and {known} is null"))
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
    return tests


def _bound(column: Column, limit: object) -> str:
    if column.type in ("DATE", "TIMESTAMP"):
        return f"{column.type} {literal(str(limit))}"
    return str(limit)
