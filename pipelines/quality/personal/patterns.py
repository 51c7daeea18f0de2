"""What identifies a person looks like, in Vietnam, as regular expressions and check digits in SQL.

A detector reads one of three forms of a text (see `MACROS`): `plain`; `doubled`, in which every
character that is neither letter nor digit stands twice, so that two values with one blank between
them are both found by patterns that look at their surroundings (RE2 looks neither ahead nor
behind); and `bare`, which is `doubled` without amounts, decimals and addresses, for numbers that
only their structure tells from an amount.

Names of people are not looked for: many are also names of streets, schools and companies.
"""

from dataclasses import dataclass

from pipelines.contracts import Text
from pipelines.duck import literal

# Around a number in a doubled text: not part of a longer number, word, decimal or code.
_LEFT = r"(?:^|[^0-9A-Za-z.\-]|(?:^|[^0-9.\-])(?:\.\.|--))"
_RIGHT = r"(?:$|[^0-9A-Za-z.\-]|\.\.(?:$|[^0-9])|--(?:$|[^0-9A-Za-z\-]))"
_GAP = r"(?:  |\.\.|--)"


def _groups(*sizes: str) -> str:
    """Digits in groups: `3 2 2` stands for ddd-dd-dd."""
    forms = [_GAP.join(rf"\d{{{size}}}" for size in form.split()) for form in sizes]
    return "(?:" + "|".join(forms) + ")"


# Citizen ids begin with the code of one of the 63 provinces before July 2025, a 0 in front.
_PROVINCES = (
    "01 02 04 06 08 10 11 12 14 15 17 19 20 22 24 25 26 27 30 31 33 34 35 36 37 38 40 42 44 45 46"
    " 48 49 51 52 54 56 58 60 62 64 66 67 68 70 72 74 75 77 79 80 82 83 84 86 87 89 91 92 93 94 95"
    " 96"
)
_PROVINCE = f"0(?:{_PROVINCES.replace(' ', '|')})"
# Century and sex, then the year of birth. 8 and 9 belong to nobody alive: the generator of
# synthetic dossiers uses them, and they must be found as well.
_BIRTH = r"(?:[0189]\d{2}|[23][0-3]\d)"
_CITIZEN = (
    rf"{_PROVINCE}(?:{_BIRTH}\d{{6}}"
    rf"|{_GAP}{_BIRTH}{_GAP}(?:\d{{6}}|\d{{3}}{_GAP}\d{{3}})"
    rf"|[0-389]{_GAP}\d{{4}}{_GAP}\d{{4}})"
)

_MOBILE_9 = rf"(?:[35789]\d{{8}}|[35789]\d{_GAP}{_groups('3 4', '4 3', '7', '2 2 3', '3 2 2')}" + (
    rf"|[35789]\d{{2}}{_GAP}{_groups('3 3', '2 2 2', '6', '4 2', '2 4')}"
    rf"|[35789]\d{{3}}{_GAP}{_groups('5', '3 2', '2 3')})"
)
_AFTER_AREA = rf"(?:\)\))?{_GAP}?"
_LANDLINE = (
    rf"(?:2[48]{_AFTER_AREA}{_groups('8', '4 4', '1 3 4', '2 2 2 2', '2 3 3', '3 3 2')}"
    rf"|2\d{{2}}{_AFTER_AREA}{_groups('7', '4 3', '3 4', '1 3 3', '3 2 2', '1 2 2 2', '2 2 3')})"
)
_ABROAD = rf"(?:\(\()?(?:\+\+|00)84(?:\)\))?{_GAP}?(?:\(\(0\)\){_GAP}?|0)?"
_PHONE = (
    rf"(?:\(\()?0(?:{_MOBILE_9}|{_LANDLINE})|{_ABROAD}(?:{_MOBILE_9}|(?:\(\()?{_LANDLINE})"
    r"|84[35789]\d{8}"
)

_CARD_GAP = "(?:  |--)"
_CARD = (
    rf"(?:9704|4\d{{3}}|5[1-5]\d{{2}}|2[2-7]\d{{2}}|35\d{{2}}|6[25]\d{{2}}|6011)"
    rf"{_CARD_GAP}?\d{{4}}{_CARD_GAP}?\d{{4}}{_CARD_GAP}?\d{{4}}(?:{_CARD_GAP}?\d{{3}})?"
    rf"|3[47]\d{{2}}{_CARD_GAP}?\d{{6}}{_CARD_GAP}?\d{{5}}|3[068]\d{{2}}{_CARD_GAP}?\d{{6}}{_CARD_GAP}?\d{{4}}"
)

_PLATE_PLACE = r"(?:1[1-9]|[2-9]\d)"
_SERIES = "ABCDEFGHKLMNPQRSTUVXYZĐ"
_PLATE = (
    # car: 38A-123.45, 38A12345, 29LD-123.45; motorcycle: 38-B1 123.45, 29X5-1234
    rf"\b({_PLATE_PLACE}-?[{_SERIES}]{{1,2}}[ .\-]{{0,2}}(?:\d{{3}}\.\d{{2}}|\d{{5}})"
    rf"|{_PLATE_PLACE}[ \-]?[{_SERIES}]\d[ .\-]{{0,2}}(?:\d{{3}}\.\d{{2}}|\d{{5}})"
    rf"|{_PLATE_PLACE}-?[{_SERIES}]\d[ \-]\d{{4}}"
    rf"|{_PLATE_PLACE}[{_SERIES}]-\d{{4}}"
    rf"|{_PLATE_PLACE}-?(?i:[{_SERIES}])\d?[ \-]\d{{3}}\.\d{{2}}"
    rf"|80-?\d{{3}}-?(?:NG|QT|CV|NN)-?\d{{2}})\b"
)

_NAMED_ID = (
    r"(?i)(?:cmnd|cmtnd|cmt|cccd|chứng minh|căn cước|định danh|giấy tờ|giấy cm)"
    r"[^0-9\n]{0,25}(\d[\d .\-]{7,18}\d)"
)


@dataclass(frozen=True)
class Detector:
    """One kind of personal value.

    `pattern` is an RE2 expression whose first group is the value, read in the form `form` of a
    text; `check` is SQL over `x`, the value as found, for what a pattern cannot say. `in_numbers`
    says that it is also looked for in columns of numbers, where a leading 0 cannot stand.
    """

    kind: str
    title: Text
    form: str
    pattern: str
    check: str = "true"
    in_numbers: bool = False


DETECTORS = (
    Detector(
        "citizen_id",
        Text("số định danh cá nhân", "citizen id"),
        "doubled",
        f"{_LEFT}({_CITIZEN}){_RIGHT}",
        # The tail of an amount in groups of three.
        "not (contains(x, ' ') and ends_with(x, '000'))",
    ),
    Detector(
        "old_citizen_id",
        Text("số chứng minh nhân dân", "old citizen id"),
        "bare",
        rf"{_LEFT}((?:0[1-9]|[12]\d|3[0-8])\d{{7}}){_RIGHT}",
        # A number without separators that ends in thousands is an amount.
        "not ends_with(x, '000')",
    ),
    Detector(
        "named_id",
        Text("số giấy tờ tùy thân", "number of an identity paper"),
        "plain",
        _NAMED_ID,
        "length(khomo_digits(x)) in (9, 12)",
    ),
    Detector(
        "phone",
        Text("số điện thoại", "phone number"),
        "doubled",
        f"{_LEFT}({_PHONE}){_RIGHT}",
        # Without a + it may be an amount.
        "not (starts_with(x, '84') and ends_with(x, '000'))",
    ),
    Detector(
        "email",
        Text("thư điện tử", "e-mail address"),
        "plain",
        r"([\p{L}0-9._%+\-]+(?:@| ?[(\[](?:at|AT)[)\]] ?)(?:[\p{L}0-9\-]+\.)+\p{L}{2,})",
    ),
    Detector(
        "plate",
        Text("biển số xe", "vehicle plate"),
        "plain",
        _PLATE,
        # Four digits that are a year belong to the number of a document.
        "not regexp_matches(x, '[ -](19|20)[0-9]{2}$')",
    ),
    Detector(
        "bank_card",
        Text("số thẻ ngân hàng", "bank card number"),
        "doubled",
        f"{_LEFT}({_CARD}){_RIGHT}",
        "khomo_luhn(khomo_digits(x)) and not ends_with(x, '0000')",
        in_numbers=True,
    ),
    Detector(
        "tax_code",
        Text("mã số thuế", "tax code"),
        "bare",
        rf"{_LEFT}((?:0[1-9]|[1-5]\d|6[0-4]|8\d)\d{{8}}(?:(?:--|  )?\d{{3}})?){_RIGHT}",
        "khomo_tax_code(khomo_digits(x)) and not ends_with(x, '000')",
    ),
    Detector(
        "dossier_code",
        Text("mã hồ sơ", "dossier code"),
        "plain",
        r"(?i)\b((?:[GH]\d{2}(?:\.\d{1,3})*|\d{3}\.\d{2}\.\d{2}\.[GH]\d{2})"
        r" ?- ?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]) ?- ?\d{4,})\b",
    ),
)
"""Every kind that is looked for, in the order in which findings are listed."""

# Look-alikes inside which nothing is looked for: identifiers of machines, times of day.
_MACHINE = (
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|\b[0-9a-fA-F]{32,}\b"
    r"|\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
)
_UNITS = (
    r"đồng|dong|đ|vnđ|vnd|usd|eur|tỷ|tỉ|triệu|nghìn|ngàn|người|hồ sơ|hộ|ha|m2|m²|km|kg|tấn|lượt"
    r"|bytes?"
)
_NOT_BARE = (
    rf"(?i)\b\d+(?:[.,]\d+)*[ \x{{a0}}]?(?:{_UNITS})(?:$|[^\p{{L}}])"
    r"|\b\d{1,4}\.\d+(?:[.,]\d+)*|\b\d{1,4}(?:,\d{1,8})+\b"
    r"|https?://[^\s<>\"]+"
)
_LOOKS = "０１２３４５６７８９＋＠．－‐‑‒–—−\u00a0\u2007\u2009\u202f\t\u3000"
_MEANS = "0123456789+@.-------" + " " * 6

MACROS = (
    r"create or replace temp macro khomo_digits(x) as regexp_replace(x, '[^0-9]', '', 'g')",
    "create or replace temp macro khomo_luhn(x) as list_sum(list_transform(range(length(x)),"
    " lambda i: case when i % 2 = 0 then cast(x[length(x) - i] as integer)"
    " else (2 * cast(x[length(x) - i] as integer)) // 10"
    " + (2 * cast(x[length(x) - i] as integer)) % 10 end)) % 10 = 0",
    "create or replace temp macro khomo_tax_code(x) as 10 - list_sum(list_transform(range(9),"
    " lambda i: cast(x[i + 1] as integer) * ([31, 29, 23, 19, 17, 13, 7, 5, 3])[i + 1])) % 11"
    " = cast(x[10] as integer)",
    "create or replace temp macro khomo_plain(x) as regexp_replace(regexp_replace(translate("
    f"nfc_normalize(x), {literal(_LOOKS)}, {literal(_MEANS)}),"
    r" '[\x{ad}\x{200b}-\x{200d}\x{2060}\x{feff}]', '', 'g'),"
    f" {literal(_MACHINE)}, '#', 'g')",
    "create or replace temp macro khomo_doubled(x) as"
    r" regexp_replace(x, '([^0-9A-Za-z])', '\1\1', 'g')",
    "create or replace temp macro khomo_bare(x) as"
    f" khomo_doubled(regexp_replace(x, {literal(_NOT_BARE)}, '#', 'g'))",
)
"""The functions the detectors use; to be made once in a connection.

`khomo_plain` brings a text into one form: NFC, ASCII digits and hyphens, ordinary blanks, nothing
invisible, no machine's identifiers. `khomo_doubled` and `khomo_bare` take its result.
"""


def found_sql(detector: Detector, plain: str = "plain") -> str:
    """SQL for the list of this detector's values in a text that `khomo_plain` has prepared."""
    text = plain if detector.form == "plain" else f"khomo_{detector.form}({plain})"
    return (
        f"list_filter(regexp_extract_all({text}, {literal(detector.pattern)}, 1),"
        f" lambda x: {detector.check})"
    )
