"""Vietnamese numbers, dates, periods, units and old encodings: read as declared, or refused."""

import datetime
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.casting import clean
from pipelines.ingest.readers import ReadError
from pipelines.ledger import Ledger
from pipelines.settings import Home
from pipelines.vietnamese.encodings import (
    UndecodableError,
    decode,
    decode_cell,
    decode_tcvn3,
    encode_tcvn3,
    plausible,
    propose,
    propose_for_fonts,
)
from pipelines.vietnamese.units import CANONICAL, spellings
from tests.conftest import write_contract
from tests.unit.test_casting import column, judge

POEM = "Tổng số hồ sơ đã giải quyết đúng hạn tại huyện Kỳ Anh, tỉnh Hà Tĩnh năm trước"
LETTERS = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
)


# Numbers


def written(value: Decimal, style: str) -> str:
    plain = f"{value:,f}"
    return {
        "plain": plain.replace(",", ""),
        "en": plain,
        "vi": plain.translate(str.maketrans(",.", ".,")),
        "space": plain.translate(str.maketrans(",.", " ,")),
    }[style]


@settings(max_examples=60, deadline=None)
@given(
    value=st.decimals(
        min_value=Decimal("-1e15"), max_value=Decimal("1e15"), places=2, allow_nan=False
    ),
    style=st.sampled_from(["plain", "vi", "en", "space"]),
)
def test_every_number_survives_being_written_in_its_style(value: Decimal, style: str) -> None:
    declared = column("DECIMAL(20,2)", properties={"numberStyle": style})
    assert judge(written(value, style), declared) == (value, None)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="0123456789.,- ()%đ", min_size=1, max_size=12))
def test_what_is_read_is_what_was_written(text: str) -> None:
    """Whatever parses gives its own digits back: none is lost, added or scaled."""
    value, rule = judge(text, column("DECIMAL(20,2)", properties={"numberStyle": "vi"}))
    if value is None:
        assert rule == "type" or not text.strip()
        return
    digits = text.strip().replace(".", "").replace(",", ".").lstrip("+")
    assert value == Decimal(digits)


@pytest.mark.parametrize(
    ("said", "text", "value"),
    [
        ({"numberStyle": "vi", "negative": "parentheses"}, "(1.234)", -1234),
        ({"numberStyle": "vi", "negative": "parentheses"}, "-1.234", -1234),
        ({"numberStyle": "vi", "negative": "parentheses"}, "−1.234", -1234),
        ({"numberStyle": "en", "negative": "trailing"}, "1,234-", -1234),
        ({"numberStyle": "vi"}, "(1.234)", None),
        ({"numberStyle": "vi"}, "1.234-", None),
        ({"dashes": "zero"}, "-", 0),
        ({"dashes": "zero"}, "…", 0),
        ({"percentSign": True, "numberStyle": "vi"}, "0,31 %", Decimal("0.31")),
        ({"numberStyle": "vi"}, "0,31%", None),
        ({"numberStyle": "space"}, "1 234 567,5", Decimal("1234567.5")),
        ({"numberStyle": "space"}, "1 23", None),
        ({"excelFloat": True}, "3609.6500000000005", Decimal("3609.65")),
        ({"excelFloat": True}, "1.2E+3", 1200),
        ({"excelFloat": True}, "3609.6543", None),
        ({}, "3609.6500000000005", None),
    ],
)
def test_signs_dashes_and_noise_mean_what_the_column_declares(
    said: dict[str, Any], text: str, value: Any
) -> None:
    found, rule = judge(text, column("DECIMAL(20,2)", properties=said))
    assert (found, rule) == (value, None if value is not None else "type")


def test_a_dash_is_no_value_only_where_that_is_declared() -> None:
    declared = column("INTEGER", properties={"dashes": "null"})
    assert [judge(text, declared) for text in ("-", "–", "…", "0")] == [
        (None, None),
        (None, None),
        (None, None),
        (0, None),
    ]
    assert judge("-", column("INTEGER")) == (None, "type")


# Dates and periods


@settings(max_examples=40, deadline=None)
@given(st.dates(min_value=datetime.date(1950, 1, 1), max_value=datetime.date(2099, 12, 31)))
def test_every_day_survives_each_form_it_may_be_written_in(day: datetime.date) -> None:
    forms = ["%d/%m/%Y", "%Y%m%d%H%M%S", "excel"]
    declared = column("DATE", properties={"dateFormat": forms})
    serial = str((day - datetime.date(1899, 12, 30)).days)
    for text in (
        f"{day:%d/%m/%Y}",
        f"{day.day}/{day.month}/{day.year}",
        f"{day:%Y%m%d}000000",
        serial,
    ):
        assert judge(text, declared) == (day, None), text


@pytest.mark.parametrize("text", ["60", "0", "2958466999", "31/02/2024", "20240230000000", "1/2"])
def test_what_is_no_day_in_any_declared_form_is_refused(text: str) -> None:
    declared = column("DATE", properties={"dateFormat": ["%d/%m/%Y", "%Y%m%d%H%M%S", "excel"]})
    assert judge(text, declared) == (None, "type")


def test_a_serial_with_a_fraction_is_a_time_of_day() -> None:
    declared = column("TIMESTAMP", properties={"dateFormat": "excel"})
    assert judge("45351.75", declared) == (datetime.datetime(2024, 2, 29, 18, 0), None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2024", "2024"),
        ("Năm 2024", "2024"),
        ("Tháng 7/2024", "2024-07"),
        ("tháng 07 năm 2024", "2024-07"),
        ("07/2024", "2024-07"),
        ("2024-07", "2024-07"),
        ("Quý I/2024", "2024-Q1"),
        ("Quý IV năm 2024", "2024-Q4"),
        ("Q3 2024", "2024-Q3"),
        ("II/2024", "2024-Q2"),
        ("2024Q2", "2024-Q2"),
        ("6 tháng 2024", "2024-6M"),
        ("6 tháng đầu năm 2024", "2024-6M"),
        ("9 tháng/2024", "2024-9M"),
        ("Quý V/2024", None),
        ("tháng 13/2024", None),
        ("7 tháng 2024", None),
        ("gần đây", None),
    ],
)
def test_a_period_has_one_code_however_it_is_written(text: str, code: str | None) -> None:
    found = judge(text, column(properties={"periodStyle": "vi"}))
    assert found == (code, None if code else "period")


# Units


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Triệu đồng", "triệu đồng"),
        ("Tr đồng", "triệu đồng"),
        ("Tiệu đồng", "triệu đồng"),
        ("Triệu dồng", "triệu đồng"),
        (unicodedata.normalize("NFD", "Triệu đồng"), "triệu đồng"),
        ("1.000 đồng", "nghìn đồng"),
        ("1.000.000 đồng", "triệu đồng"),
        ("Ðồng", "đồng"),
        ("tỉ đồng", "tỷ đồng"),
        ("dòng", None),
        ("Sở Tài chính", None),
        ("trăm đồng", None),
        ("triệu USD", None),
        ("%", None),
    ],
)
def test_a_unit_is_in_the_list_or_it_is_quarantined(text: str, unit: str | None) -> None:
    found = judge(text, column(properties={"unitStyle": "currency"}))
    assert found == (unit, None if unit else "unit")


def test_no_spelling_means_two_units_and_every_canonical_one_means_itself() -> None:
    assert set(spellings().values()) == set(CANONICAL)
    assert all(spellings()[unit] == unit for unit in CANONICAL)


# Encodings


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=LETTERS + "ABCDĂÂÊÔƠƯĐ 0123456789,;\n"))
def test_tcvn3_gives_back_what_it_was_given(text: str) -> None:
    assert decode(encode_tcvn3(text), "tcvn3") == text


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=LETTERS + LETTERS.upper() + "Ðð\u00a0\u0301\u0302 \n", max_size=20))
def test_cleaning_is_stable_and_composed(text: str) -> None:
    once, twice = duckdb.execute(
        f"select a, {clean('a')} from (select {clean('x')} a from (select ?::varchar x))", [text]
    ).fetchone() or (None, None)
    assert once == twice
    assert once is None or unicodedata.is_normalized("NFC", once)


def test_marks_typed_in_the_wrong_order_compose_all_the_same() -> None:
    wrong = "Ti\u0065\u0301\u0302ng Vi\u0065\u0323\u0302t"
    [(found,)] = duckdb.execute(
        f"select {clean('x')} from (select ?::varchar x)", [wrong]
    ).fetchall()
    assert found == "Tiếng Việt"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (POEM.encode(), "utf-8"),
        (POEM.encode("utf-16"), "utf-16"),
        (POEM.encode("utf-16-le"), "utf-16-le"),
        (encode_tcvn3(POEM.lower()), "tcvn3"),
        (b"T\xf4\xccng s\xf4\xec h\xf4\xcc s\xe3 \xf0a\xcc gia\xd2i quy\xea\xect", None),
    ],
)
def test_bytes_are_recognised_and_only_proposed(data: bytes, encoding: str | None) -> None:
    assert propose(data).encoding in (encoding, "windows-1258")


def windows_1258(text: str) -> bytes:
    """Text as Windows writes it: vowels composed, tones as marks of their own."""
    out = bytearray()
    for letter in text:
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = next(mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323")
            base = unicodedata.normalize("NFC", parts.replace(tone, ""))
            out += base.encode("cp1258") + tone.encode("cp1258")
    return bytes(out)


def test_windows_1258_is_decomposed_and_comes_out_composed() -> None:
    data = windows_1258(POEM)
    assert decode(data, "windows-1258") == POEM
    assert propose(data).encoding == "windows-1258"


def test_vni_is_recognised_and_never_proposed() -> None:
    vni = "Toång soá hoà sô ñaõ giaûi quyeát ñuùng haïn taïi huyeän Kyø Anh".encode("latin-1")
    proposal = propose(vni)
    assert proposal.encoding is None
    assert "VNI" in str(proposal)


@pytest.mark.parametrize(
    ("fonts", "encoding", "said"),
    [
        (["Arial", ".VnTime"], "tcvn3", ".VnTime"),
        ([".VnTimeH"], "tcvn3-upper", ".VnTimeH"),
        (["VNI-Times", ".VnTime"], None, "VNI"),
    ],
)
def test_fonts_of_a_workbook_tell_its_text(
    fonts: list[str], encoding: str | None, said: str
) -> None:
    proposal = propose_for_fonts(fonts)
    assert proposal is not None and proposal.encoding == encoding and said in str(proposal)


def test_fonts_of_today_say_nothing() -> None:
    assert propose_for_fonts(["Times New Roman", "Calibri"]) is None


def test_cells_of_an_old_workbook_are_read_beside_unicode_ones() -> None:
    old = encode_tcvn3("Hà Tĩnh").decode("latin-1")
    assert [decode_cell(text) for text in (old, "Hà Tĩnh ế", "Ha Tinh", "2024")] == [
        "Hà Tĩnh",
        "Hà Tĩnh ế",
        "Ha Tinh",
        "2024",
    ]
    assert decode_tcvn3(old, upper=True) == "HÀ TĨNH"


def test_a_byte_without_a_letter_is_refused() -> None:
    with pytest.raises(UndecodableError, match="0xE0"):
        decode(b"abc\xe0", "tcvn3")


def test_vietnamese_reads_like_vietnamese_and_mojibake_does_not() -> None:
    assert plausible(POEM) == 1.0
    assert (plausible(encode_tcvn3(POEM.lower()).decode("latin-1")) or 0) < 0.5


# Files


def source(folder: Path, encoding: str | None) -> Path:
    path = write_contract(folder / "sources", "things")
    (path.parent / "sample").mkdir()
    if encoding:
        text = path.read_text(encoding="utf-8").replace(
            "    value: '*.csv'",
            f"    value: '*.csv'\n  - property: encoding\n    value: {encoding}",
        )
        path.write_text(text, encoding="utf-8")
    return path.parent


def land(folder: Path, home: Home, ledger: Ledger) -> landing.Landing:
    contract = load_sources(folder.parent)["things"]
    raw.pull(contract, home, ledger)
    return landing.land(contract, home, ledger)


BODY = "Mã,Số tiền\n00001,1.234\n00002,5\n"


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("tcvn3", encode_tcvn3(BODY)),
        ("windows-1258", windows_1258(BODY)),
        ("utf-16", BODY.encode("utf-16")),
        ("utf-16-le", BODY.encode("utf-16-le")),
        ("detect", BODY.encode("utf-16")),
        ("detect", BODY.encode("utf-8-sig")),
        ("utf-8", BODY.encode("utf-8-sig")),
    ],
)
def test_a_file_of_a_declared_encoding_lands(
    tmp_path: Path, home: Home, ledger: Ledger, encoding: str, data: bytes
) -> None:
    folder = source(tmp_path, encoding)
    (folder / "sample" / "a.csv").write_bytes(data)
    done = land(folder, home, ledger)
    assert (done.accepted, done.quarantined) == (2, 0)


@pytest.mark.parametrize(
    ("encoding", "data", "said"),
    [
        (None, encode_tcvn3(BODY + POEM.lower()), "looks like tcvn3"),
        (None, windows_1258(BODY + POEM), "looks like windows-1258"),
        (None, BODY.encode("utf-16"), "looks like utf-16"),
        ("tcvn3", (BODY + POEM).encode(), "it is UTF-8"),
        ("tcvn3", windows_1258(BODY + POEM), "declared as tcvn3"),
        ("windows-1258", encode_tcvn3(BODY + POEM.lower()), "declared as windows-1258"),
        ("detect", encode_tcvn3(BODY + POEM.lower()), "declare `encoding: tcvn3`"),
        (None, b"M\xe3,Toaon\n" + "Toång soá hoà sô ñaõ giaûi quyeát".encode("latin-1"), "VNI"),
        ("ebcdic", BODY.encode(), "'ebcdic' is not one of"),
    ],
)
def test_a_file_of_another_encoding_is_refused_with_a_proposal(
    tmp_path: Path, home: Home, ledger: Ledger, encoding: str | None, data: bytes, said: str
) -> None:
    folder = source(tmp_path, encoding)
    (folder / "sample" / "a.csv").write_bytes(data)
    with pytest.raises(ReadError, match=said):
        land(folder, home, ledger)
    assert landing.current(home, "things") is None


def test_repairs_of_text_are_counted_by_kind(tmp_path: Path, home: Home, ledger: Ledger) -> None:
    folder = source(tmp_path, None)
    (folder / "sample" / "a.csv").write_text(
        "Mã,Số tiền\n00001\u00a0,1\n 00002,2\n00003,3\n00004,4\n00005,5\n",
        encoding="utf-8",
    )
    [file] = land(folder, home, ledger).files
    assert file.accepted == 5
    assert file.cleaned == {"no_break_blanks": 1, "blanks": 1}


@settings(max_examples=15, deadline=None)
@given(code=st.from_regex(r"[0-9]{5}", fullmatch=True))
def test_a_code_stays_text_to_the_last_byte(
    tmp_path_factory: pytest.TempPathFactory, code: str
) -> None:
    folder = tmp_path_factory.mktemp("codes")
    home = Home(folder / "home").create()
    things = source(folder, None)
    (things / "sample" / "a.csv").write_text(f"Mã,Số tiền\n{code},1\n", encoding="utf-8")
    land(things, home, Ledger(home.ledger))
    files = [str(path) for path in home.landed.rglob("*.parquet")]
    assert duckdb.sql(f"select code from read_parquet({files})").fetchall() == [(code,)]
