"""Defects of single cells: text, numbers, dates and units."""

import unicodedata
from typing import Any

from tests.defects.in_arrivals import SPEED, SURVEY, monthly
from tests.defects.model import MENDED, QUARANTINED, REFUSED
from tests.defects.sources import SourceBench, on_source


def cell(
    name: str, stage: str, place: tuple[str, str], check: str, vi: str, en: str, **values: str
) -> None:
    """One cell of the first row of `place` (source, file) gets another value."""
    source, file = place
    on_source(
        name,
        stage,
        source,
        f"landing.{check}",
        QUARANTINED,
        vi,
        en,
        lambda bench: bench.cell(file, 1, **values),
        # One bad row of a few is a jump of the share, which is another defect.
        before=lambda bench: bench.arrival(quarantined_rows="accept", retyped_column="accept"),
    )


BUDGET = ("it-budget", "it_budget.csv")
PLAN = ("province-budgets", "province_budgets.csv")
RANKS = ("dti-ranks", "dti_ranks.csv")
SCORES = ("dti-scores", "dti_scores.csv")
TARGETS = ("plan-targets", "plan_targets.csv")
HOLIDAYS = ("working-days", "special_days.csv")
MEASURED = ("coverage", SURVEY)


def _recode(bench: SourceBench, file: str, encoding: str) -> None:
    path = bench.samples / file
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding, "replace"))


on_source(
    "utf-16-where-utf-8-is-agreed",
    "text",
    "dti-ranks",
    "reader.decode",
    REFUSED,
    "Tệp xếp hạng lưu từ Excel ở dạng «văn bản Unicode»",
    "The ranks were saved from Excel as “Unicode text”",
    lambda bench: _recode(bench, "dti_ranks.csv", "utf-16"),
)
on_source(
    "windows-1258-where-utf-8-is-agreed",
    "text",
    "working-days",
    "reader.decode",
    REFUSED,
    "Tệp ngày nghỉ lưu ở bảng mã Windows-1258",
    "The holidays were saved in the code page Windows-1258",
    lambda bench: _recode(bench, "special_days.csv", "cp1258"),
)
on_source(
    "tcvn3-read-as-its-declared-encoding",
    "text",
    "working-days",
    "reader.decode",
    REFUSED,
    "Hợp đồng ghi TCVN3 nhưng tệp là UTF-8",
    "The contract says TCVN3, but the file is UTF-8",
    lambda bench: bench.declare(
        lambda said: [
            item["value"].update(encoding="tcvn3")
            for item in said["schema"][0]["customProperties"]
            if item["property"] == "csv"
        ]
    ),
)
on_source(
    "decomposed-letters",
    "text",
    "dti-ranks",
    "cleaning.composed",
    MENDED,
    "Tên tỉnh gõ bằng tổ hợp dấu rời (NFD) thay cho chữ dựng sẵn",
    "Names of provinces in decomposed letters (NFD)",
    lambda bench: bench.rows(
        "dti_ranks.csv",
        lambda rows: [
            {
                **row,
                "province_as_published": unicodedata.normalize("NFD", row["province_as_published"]),
            }
            for row in rows
        ],
    ),
)
on_source(
    "eth-for-d-with-stroke",
    "text",
    "dti-ranks",
    "cleaning.look_alikes",
    MENDED,
    "Chữ Đ gõ bằng ký tự Ð (U+00D0) trông giống hệt",
    "Đ typed as Ð (U+00D0), which looks the same",
    lambda bench: bench.edit("dti_ranks.csv", "Đà Nẵng", "Ðà Nẵng"),
)
on_source(
    "no-break-blanks",
    "text",
    "dti-ranks",
    "cleaning.no_break_blanks",
    MENDED,
    "Dấu cách không ngắt trong tên tỉnh chép từ trang web",
    "No-break blanks in a name that was copied from a web page",
    lambda bench: bench.edit("dti_ranks.csv", "Đà Nẵng", "Đà\u00a0Nẵng"),
)
on_source(
    "trailing-blanks",
    "text",
    "dti-ranks",
    "cleaning.blanks",
    MENDED,
    "Dấu cách thừa ở cuối tên tỉnh",
    "A blank too many at the end of a name",
    lambda bench: bench.edit("dti_ranks.csv", "Đà Nẵng,", "Đà Nẵng ,"),
)
cell(
    "a-name-is-blank",
    "text",
    RANKS,
    "required",
    "Tên tỉnh chỉ còn dấu cách",
    "The name of a province is blanks only",
    province_as_published="  ",
)
cell(
    "a-class-without-its-marks",
    "text",
    PLAN,
    "enum",
    "Lớp dòng ghi khác mã đã thoả thuận",
    "A class of rows is not the code that was agreed on",
    row_class="tong so",
)
cell(
    "a-code-lost-its-form",
    "text",
    TARGETS,
    "pattern",
    "Mã chỉ tiêu gõ thường, thiếu dấu gạch nối",
    "The id of a target in lower case, without its hyphen",
    target_id="tnb01",
)
on_source(
    "a-name-of-two-letters",
    "text",
    "admin-units",
    "landing.length",
    QUARANTINED,
    "Tên đơn vị hành chính bị cắt còn hai chữ cái",
    "The name of an administrative unit is cut to two letters",
    lambda bench: bench.cell("admin_units.csv", 1, name="Th"),
)

cell(
    "a-letter-o-in-a-number",
    "numbers",
    BUDGET,
    "type",
    "Chữ O trong số tiền",
    "A letter O in an amount",
    amount_vnd="123244153O7",
)
cell(
    "thousands-marked-where-none-are-agreed",
    "numbers",
    BUDGET,
    "type",
    "8.184.800.000 ở cột khai báo số trơn: không được đoán là 8,1848",
    "8.184.800.000 in a column of plain numbers: never taken for 8.1848",
    amount_vnd="8.184.800.000",
)
cell(
    "a-fraction-of-a-dong",
    "numbers",
    BUDGET,
    "type",
    "Số tiền có phần lẻ ở cột đồng nguyên: không được làm tròn",
    "An amount with a fraction in a column of whole đồng: never rounded",
    amount_vnd="12324415367.5",
)
cell(
    "a-spreadsheets-exponent",
    "numbers",
    BUDGET,
    "type",
    "Excel ghi số tiền thành 1.2324E+10",
    "A spreadsheet wrote the amount as 1.2324E+10",
    amount_vnd="1.2324E+10",
)
cell(
    "more-digits-than-the-type-holds",
    "numbers",
    PLAN,
    "type",
    "Số tiền dài hơn kiểu đã khai báo: không được cắt",
    "An amount with more digits than its type holds: never cut",
    total_revenue="4925000000000000000000",
)
cell(
    "a-negative-amount",
    "numbers",
    BUDGET,
    "range",
    "Số tiền chi mang dấu trừ",
    "An amount spent carries a minus sign",
    amount_vnd="-12324415367",
)
cell(
    "a-share-above-one-hundred",
    "numbers",
    PLAN,
    "range",
    "Tỷ lệ phân chia 137 %",
    "A share of 137 %",
    revenue_share_percent="137",
)
cell(
    "rank-zero",
    "numbers",
    RANKS,
    "range",
    "Hạng 0",
    "Rank 0",
    rank="0",
)
cell(
    "a-dash-for-nothing",
    "numbers",
    SCORES,
    "type",
    "Dấu gạch ngang ở cột không khai báo gạch là trống",
    "A dash in a column that does not declare what a dash means",
    score="–",
)
on_source(
    "a-decimal-point-where-a-comma-is-agreed",
    "numbers",
    "coverage",
    "landing.type",
    QUARANTINED,
    "Tốc độ 49.4 ở cột kiểu Việt Nam (dấu phẩy thập phân): không được đọc thành 494",
    "A speed of 49.4 in a column of Vietnamese style (decimal comma): never read as 494",
    lambda bench: bench.rows(SURVEY, lambda rows: rows[0].update({SPEED: "49.4"})),
)

cell(
    "the-31st-of-february",
    "dates",
    BUDGET,
    "type",
    "Ngày 31 tháng 2",
    "The 31st of February",
    document_date="2021-02-31",
)
cell(
    "a-day-first-date-in-an-iso-column",
    "dates",
    BUDGET,
    "type",
    "Ngày ghi 29/03/2021 ở cột khai báo năm-tháng-ngày",
    "29/03/2021 in a column of year-month-day",
    document_date="29/03/2021",
)
on_source(
    "month-before-day",
    "dates",
    "coverage",
    "landing.type",
    QUARANTINED,
    "Ngày đo ghi tháng trước ngày: 04/15/2024",
    "A day of measurement with the month first: 04/15/2024",
    lambda bench: bench.rows(SURVEY, lambda rows: rows[0].update({"Ngày đo": "04/15/2024"})),
)
cell(
    "a-spreadsheets-day-number",
    "dates",
    HOLIDAYS,
    "type",
    "Ngày nghỉ ghi thành số thứ tự của Excel: 45292",
    "A holiday as a spreadsheet's day number: 45292",
    day="45292",
)
cell(
    "a-year-of-two-digits",
    "dates",
    TARGETS,
    "range",
    "Năm mục tiêu ghi 25",
    "A target's year is 25",
    year_to="25",
)
cell(
    "a-date-is-missing",
    "dates",
    HOLIDAYS,
    "required",
    "Ngày nghỉ không có ngày",
    "A holiday without its day",
    day="",
)
on_source(
    "a-time-with-25-hours",
    "dates",
    "dossiers",
    "landing.type",
    QUARANTINED,
    "Giờ tiếp nhận hồ sơ là 25 giờ",
    "A dossier was received at 25 o'clock",
    lambda bench: bench.cell("dossiers-2024-01.csv", 1, NgayTiepNhan="20240102250254"),
    before=monthly,
)

cell(
    "a-unit-that-folds-alike",
    "units",
    PLAN,
    "enum",
    "«triệu dòng» thay cho «triệu đồng»: bỏ dấu thì giống nhau, nghĩa thì không",
    "“triệu dòng” for “triệu đồng”: alike without marks, not in meaning",
    unit_as_published="triệu dòng",
)
cell(
    "an-unknown-unit",
    "units",
    PLAN,
    "enum",
    "Đơn vị tính «nghìn USD» không có trong danh mục",
    "The unit “nghìn USD” is not in the list",
    unit_as_published="nghìn USD",
)
cell(
    "a-unit-inside-a-number",
    "units",
    PLAN,
    "type",
    "Đơn vị viết liền trong ô số: 10908300 trđ",
    "The unit stands in the cell of the number: 10908300 trđ",
    total_revenue="10908300 trđ",
)


def _reads(bench: SourceBench, table: int, column: str, **properties: Any) -> None:
    """The contract reads a text column as a unit or a period."""

    def change(said: dict[str, Any]) -> None:
        for item in said["schema"][table]["properties"]:
            if item["name"] == column:
                item.pop("enum", None)
                item["customProperties"] += [
                    {"property": name, "value": value} for name, value in properties.items()
                ]

    bench.declare(change)
    bench.arrival(quarantined_rows="accept")


on_source(
    "a-unit-nobody-knows",
    "units",
    "province-budgets",
    "landing.unit",
    QUARANTINED,
    "Cột đọc theo danh mục đơn vị tiền tệ gặp «tỷ động»: không bao giờ coi hệ số là 1",
    "A column read by the list of currency units meets “tỷ động”: its factor is never 1",
    lambda bench: bench.cell("province_budgets.csv", 1, unit_as_published="tỷ động"),
    before=lambda bench: _reads(bench, 0, "unit_as_published", unitStyle="currency"),
)
on_source(
    "a-quarter-five",
    "dates",
    "plan-targets",
    "landing.period",
    QUARANTINED,
    "Kỳ báo cáo «quý 5/2025» không có",
    "A period “quý 5/2025”, which does not exist",
    lambda bench: bench.cell("plan_targets.csv", 1, period_printed="quý 5/2025"),
    before=lambda bench: (
        _reads(bench, 1, "period_printed", periodStyle="vi"),
        bench.rows(
            "plan_targets.csv", lambda rows: [{**row, "period_printed": "2025"} for row in rows]
        ),
    ),
)
