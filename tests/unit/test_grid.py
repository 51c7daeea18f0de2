"""Worksheets as offices make them: letterheads, stacked headings, merged cells, subtotals."""

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.styles import Font

from pipelines.contracts.layout import column_index, column_letters
from pipelines.contracts.lint import lint_all
from pipelines.ingest import landing
from pipelines.ingest.readers import ReadError
from pipelines.settings import Home
from pipelines.vietnamese.encodings import encode_tcvn3
from tests.unit.landed_source import LandedSource, column

LAYOUT: dict[str, Any] = {
    "name": "form-2025",
    "sheet": "Biểu 1",
    "header": {"anchor": "STT", "levels": ["1", "2-3"]},
    "captures": {"unit": {"pattern": r"Đơn vị tính: (.+)", "rows": "1-5"}},
    "group": {"class": "subtotal", "column": "B"},
    "rows": [
        {"class": "column_numbers", "where": {"A": r"A|\(1\)|1", "C": r"1|2|\d=.*"}},
        {"class": "total", "where": {"A": "", "B": "TỔNG SỐ"}},
        {"class": "subtotal", "where": {"A": "[IVX]+"}},
        {"class": "data", "where": {"A": r"\d+"}},
        {"class": "note", "where": {"A": "Ghi chú.*"}},
    ],
}
HEADINGS = ["STT", "TÊN ĐƠN VỊ", "CHI NGÂN SÁCH / TỔNG SỐ", "CHI NGÂN SÁCH / Vốn ngoài nước"]
SHEET: list[list[Any]] = [
    ["BỘ TÀI CHÍNH", None, None, "Phụ lục số 09"],
    ["QUYẾT TOÁN NĂM 2025"],
    [None, None, None, "\u00a0 Đơn vị tính: Triệu đồng"],
    ["STT", "TÊN ĐƠN VỊ", "CHI NGÂN SÁCH", None],
    [None, None, "TỔNG", "Vốn"],
    [None, None, "SỐ", "ngoài nước"],
    ["A", "B", "1", "2"],
    [None, "TỔNG SỐ", 35.5, 3],
    ["I", "MIỀN NÚI", 30.5, 3],
    [1, "Hà Giang", 10.25, 1],
    [2, "Cao Bằng", 20.25, 2],
    ["II", "ĐỒNG BẰNG", 5, None],
    [3, "Hà Nội", 5, None],
    [],
    ["Ghi chú: số liệu tạm tính"],
]
MERGED = ["A4:A6", "B4:B6", "C4:D4", "A15:D15"]


COLUMNS = [
    column("ordinal", HEADINGS[0]),
    column("unit_name", HEADINGS[1]),
    column("spending", HEADINGS[2], "DECIMAL(30,12)"),
    column("foreign_capital", HEADINGS[3], "DECIMAL(30,12)"),
    column("row_class", "@row_class"),
    column("region", "@group"),
    column("currency_unit", "@unit"),
]


def write_xlsx(path: Path, rows: list[list[Any]], merged: list[str], title: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for number, row in enumerate(rows, 1):
        for index, value in enumerate(row, 1):
            sheet.cell(number, index, value)
    for span in merged:
        sheet.merge_cells(span)
    book.save(path)


def write_xls(path: Path, rows: list[list[Any]], merged: list[str], title: str) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet(title)
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for span in merged:
        first, last = (openpyxl.utils.cell.coordinate_from_string(cell) for cell in span.split(":"))
        spans[first[1] - 1, column_index(first[0])] = (last[1] - 1, column_index(last[0]))
    for number, row in enumerate(rows):
        for index, value in enumerate(row):
            if value is None:
                continue
            if end := spans.get((number, index)):
                sheet.write_merge(number, end[0], index, end[1], value)
            else:
                sheet.write(number, index, value)
    book.save(str(path))


class Form(LandedSource):
    """A source of one workbook."""

    def write_sheet(
        self, rows: list[list[Any]], merged: list[str] = MERGED, title: str = "Biểu 1"
    ) -> None:
        write_xlsx(self.samples / "form.xlsx", rows, merged, title)


@pytest.fixture
def form(tmp_path: Path, home: Home) -> Form:
    source = Form(tmp_path / "sources", home)
    source.declare("xlsx", COLUMNS, layouts=[LAYOUT])
    return source


WHOLE = [
    (8, "total", None, "TỔNG SỐ", "35.500000000000"),
    (9, "subtotal", None, "MIỀN NÚI", "30.500000000000"),
    (10, "data", "MIỀN NÚI", "Hà Giang", "10.250000000000"),
    (11, "data", "MIỀN NÚI", "Cao Bằng", "20.250000000000"),
    (12, "subtotal", None, "ĐỒNG BẰNG", "5.000000000000"),
    (13, "data", "ĐỒNG BẰNG", "Hà Nội", "5.000000000000"),
]
ASKED = "_row, row_class, region, unit_name, spending::varchar"


def test_classes_groups_and_captures_are_read_beside_the_values(form: Form) -> None:
    form.write_sheet(SHEET)
    done = form.land()
    assert form.rows(ASKED) == WHOLE
    assert (done.pulled, done.accepted, done.quarantined) == (6, 6, 0)
    assert done.files[0].layout == {"column_numbers": 1, "blank": 1, "note": 1}
    assert set(form.rows("currency_unit")) == {("Triệu đồng",)}


def test_an_xls_workbook_reads_like_its_xlsx_twin(form: Form) -> None:
    form.declare("xls", COLUMNS, layouts=[LAYOUT])
    write_xls(form.samples / "form.xls", SHEET, MERGED, "Biểu 1")
    form.land()
    assert form.rows(ASKED) == WHOLE


def test_a_merged_value_belongs_to_every_row_of_its_span(form: Form) -> None:
    form.declare(
        "xlsx",
        [column("field", "Lĩnh vực"), column("name", "Tên"), column("n", "Số", "INTEGER")],
        sheet={"headerRow": 1},
    )
    rows = [["Lĩnh vực", "Tên", "Số"], ["Đất đai", "a", 1], [None, "b", 2], ["Hộ tịch", "c", 3]]
    form.write_sheet(rows, ["A2:A3"])
    form.land()
    assert form.rows("field, name, n") == [
        ("Đất đai", "a", 1),
        ("Đất đai", "b", 2),
        ("Hộ tịch", "c", 3),
    ]


def test_a_row_that_fits_no_class_is_quarantined_not_guessed(form: Form) -> None:
    form.write_sheet([*SHEET[:13], ["?", "Không rõ", 7, None], *SHEET[13:]])
    done = form.land()
    assert (done.pulled, done.accepted, done.quarantined) == (7, 6, 1)
    assert form.rows("_row, _reasons, _original->>'error'", "quarantine") == [
        (14, ["columns: layout"], "fits no row class")
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[5].__setitem__(3, "trong nước"), "renamed: .*Vốn ngoài nước → .*trong"),
        (lambda rows: [row.insert(2, "x") for row in rows[3:13]], "does not know"),
        (lambda rows: rows.pop(3), "no row has the heading 'STT'"),
        (lambda rows: rows.insert(5, [None, None, "(1)", "(2)"]), "form-2025|header"),
        (lambda rows: rows[2].__setitem__(3, "Đvt: đồng"), "which gives @unit"),
    ],
)
def test_a_workbook_that_fits_no_layout_is_refused_with_what_differs(
    form: Form, change: Any, said: str
) -> None:
    rows = [list(row) for row in SHEET]
    change(rows)
    other = {**LAYOUT, "name": "form-2010", "sheet": "Sheet1"}
    form.declare("xlsx", COLUMNS, layouts=[other, LAYOUT])
    form.write_sheet(rows, [])
    with pytest.raises(ReadError, match=f"fits none of the layouts form-2010, form-2025.*({said})"):
        form.land()
    assert landing.current(form.home, "things") is None


def test_the_layout_of_the_year_is_the_one_that_fits(form: Form) -> None:
    old = {
        "name": "form-2010",
        "header": {"levels": ["2"]},
        "columns": {"TT": "ordinal", "Tỉnh": "unit_name", "Tổng chi": "spending"},
        "captures": LAYOUT["captures"],
        "group": LAYOUT["group"],
        "rows": LAYOUT["rows"],
    }
    form.declare("xlsx", COLUMNS, layouts=[LAYOUT, old])
    form.write_sheet(
        [[None, "Đơn vị tính: đồng"], ["TT", "Tỉnh", "Tổng chi"], [1, "Hà Giang", 5]], [], "Sheet1"
    )
    form.land()
    assert form.rows("unit_name, spending::int, foreign_capital, currency_unit") == [
        ("Hà Giang", 5, None, "đồng")
    ]


def test_cells_stay_what_they_are_and_a_code_stored_as_a_number_is_quarantined(form: Form) -> None:
    form.declare(
        "xlsx",
        [
            {**column("code", "Mã"), "primaryKey": True, "primaryKeyPosition": 1},
            column("day", "Ngày", "DATE", dateFormat="%d/%m/%Y"),
            column("amount", "Số", "DECIMAL(30,12)"),
            column("text", "Chữ"),
        ],
        sheet={"headerRow": 1},
    )
    day = datetime.date(2024, 2, 29)
    form.write_sheet(
        [
            ["Mã", "Ngày", "Số", "Chữ"],
            ["00004", day, 0.1, "  Ðắk Lắk "],
            ["1.000280", "01/02/2024", 1234567890123, 0.5],
            [1.00028, day, 1, "x"],
            [17, day, 1e-7, True],
            ["00005", day, "#REF!", "y"],
        ],
        [],
    )
    done = form.land()
    assert form.rows("code, day::varchar, amount::varchar, text") == [
        ("00004", "2024-02-29", "0.100000000000", "Đắk Lắk"),
        ("1.000280", "2024-02-01", "1234567890123.000000000000", "0.5"),
        ("17", "2024-02-29", "0.000000100000", "true"),
    ]
    assert done.quarantined == 2
    assert [text for (text,) in form.rows("_original->>'error'", "quarantine")] == [
        "cell A4 holds the number 1.00028 where 'Mã' is a code, which must be text",
        "cell C6 holds the error #REF!",
    ]


def test_a_cell_that_says_none_is_not_a_blank_one(form: Form) -> None:
    """The appendix of a plan in the shape provinces print it: stacked years, merged groups."""
    form.declare(
        "xlsx",
        [
            column("target", "Chỉ tiêu"),
            column("national_2025", "Quốc gia / 2025"),
            column("province_2025", "Tỉnh / 2025"),
        ],
        sheet={"header": {"levels": ["2", "3"]}},
    )
    form.write_sheet(
        [
            ["Phụ lục: so sánh các chỉ tiêu"],
            ["Chỉ tiêu", "Quốc gia", "Tỉnh"],
            [None, "2025", "2025"],
            ["Dịch vụ công trực tuyến", "80%", "100%"],
            ["Cơ sở dữ liệu", "Không có", None],
        ],
        ["A2:A3"],
    )
    form.land()
    assert form.rows("target, national_2025, province_2025") == [
        ("Dịch vụ công trực tuyến", "80%", "100%"),
        ("Cơ sở dữ liệu", "Không có", None),
    ]


def test_outline_markers_give_each_row_its_parent(form: Form) -> None:
    outline = {"column": "A", "levels": ["[A-Z]", "[IVX]+", r"\d+", r"\d+\.\d+", "-"]}
    form.declare(
        "xlsx",
        [
            column("m", "TT"),
            column("name", "Nội dung"),
            column("path", "@outline"),
            column("parent", "@parent"),
        ],
        sheet={"headerRow": 1, "outline": outline},
    )
    form.write_sheet(
        [["TT", "Nội dung"], ["A", "THU"], ["I", "Nội địa"], [1, "Thuế"], ["-", "a"], ["-", "b"],
         [2, "Phí"], ["II", "Dầu"], ["B", "CHI"], ["I", "Đầu tư"], [1, "Giáo dục"]],
        [],
    )  # fmt: skip
    form.land()
    assert form.rows("name, path, parent") == [
        ("THU", "A", None),
        ("Nội địa", "A.I", "A"),
        ("Thuế", "A.I.1", "A.I"),
        ("a", "A.I.1.-1", "A.I.1"),
        ("b", "A.I.1.-2", "A.I.1"),
        ("Phí", "A.I.2", "A.I"),
        ("Dầu", "A.II", "A"),
        ("CHI", "B", None),
        ("Đầu tư", "B.I", "B"),
        ("Giáo dục", "B.I.1", "B.I"),
    ]


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ({**LAYOUT, "rows": [{"class": "datum", "where": {"A": "1"}}]}, "class must be one of"),
        ({**LAYOUT, "rows": [{"class": "data", "where": {"A": "("}}]}, "no regular expression"),
        ({**LAYOUT, "header": {"levels": ["4-2"]}}, "no row or span of rows"),
        ({**LAYOUT, "captures": {}}, "nothing gives @unit"),
        ({**LAYOUT, "columns": {"STT": "nothing"}}, "names nothing, which is no column"),
        ({**LAYOUT, "heeder": 1}, "unknown: heeder"),
    ],
)
def test_lint_names_a_layout_that_cannot_work(
    form: Form, layout: dict[str, Any], said: str
) -> None:
    form.declare("xlsx", COLUMNS, layouts=[layout])
    _, problems = lint_all(form.path.parent.parent, form.path.parent / "none")
    assert any(said in problem for problem in problems), problems


def test_column_letters_and_places_agree() -> None:
    assert [column_index(letters) for letters in ("A", "Z", "AA", "AMJ")] == [0, 25, 26, 1023]
    assert [column_letters(index) for index in (0, 25, 26, 1023)] == ["A", "Z", "AA", "AMJ"]


NAMES = ["Uỷ ban nhân dân xã Kỳ Hải", "Sở Thông tin và Truyền thông", "Trường Tiểu học số 2"]


def write_old(path: Path, texts: list[str], font: str) -> None:
    """A workbook whose cells hold TCVN3 bytes as Latin-1 letters, shown by `font`."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, text in enumerate(["Name", *texts], 1):
        cell = sheet.cell(number, 1, encode_tcvn3(text).decode("latin-1"))
        cell.font = Font(name=font)
    book.save(path)


def test_text_in_an_old_font_is_read_as_declared(form: Form) -> None:
    form.declare("xlsx", [column("name", "Name")], sheet={"headerRow": 1}, encoding="tcvn3")
    write_old(form.samples / "form.xlsx", NAMES, ".VnTime")
    form.land()
    assert form.rows("name") == [(name,) for name in NAMES]


@pytest.mark.parametrize(
    ("font", "said"),
    [
        (".VnTime", r"it looks like tcvn3 \(it uses the font \.VnTime\).*encoding: tcvn3"),
        (".VnTimeH", "encoding: tcvn3-upper"),
        ("VNI-Times", "VNI font.*workbook in Unicode"),
        ("Arial", "tcvn3 .*Vietnamese syllables"),
    ],
)
def test_text_in_an_old_font_is_refused_with_a_proposal(form: Form, font: str, said: str) -> None:
    form.declare("xlsx", [column("name", "Name")], sheet={"headerRow": 1})
    write_old(form.samples / "form.xlsx", NAMES, font)
    with pytest.raises(ReadError, match=said):
        form.land()
    assert landing.current(form.home, "things") is None


def test_an_old_font_that_shows_unicode_text_is_no_reason_to_refuse(form: Form) -> None:
    form.declare("xlsx", [column("name", "Name")], sheet={"headerRow": 1})
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, text in enumerate(["Name", *NAMES, "Hà Nam", "Bà Nà"], 1):
        sheet.cell(number, 1, text).font = Font(name=".VnTime")
    book.save(form.samples / "form.xlsx")
    assert form.land().accepted == 5
