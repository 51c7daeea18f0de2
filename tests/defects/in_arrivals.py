"""Defects of whole files: what arrives, what does not, and files that cannot be read."""

import csv
from collections.abc import Callable
from typing import Any

from tests.defects.model import QUARANTINED, REFUSED, WARNED
from tests.defects.sources import SourceBench, on_source

SURVEY = "coverage-survey.csv"
SPEED = "Tốc độ tải xuống (Mbps)"


def _table(bench: SourceBench, file: str, change: Callable[[list[str]], list[str]]) -> None:
    """Change every line of a CSV file, its header too, as a list of cells."""
    path = bench.samples / file
    with path.open(encoding="utf-8", newline="") as given:
        lines = [change(cells) for cells in csv.reader(given)]
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(lines)


def monthly(bench: SourceBench) -> None:
    """Four months of dossiers are landed: a history to be compared with."""
    for path in sorted(bench.samples.glob("dossiers-*.csv"))[4:]:
        path.unlink()

    def change(said: dict[str, Any]) -> None:
        for item in said["customProperties"]:
            if item["property"] == "asOf":
                item["value"] = "2024-04-30"

    bench.declare(change)


def _fifth_month(bench: SourceBench, share: float, *, wide: int = 0) -> None:
    """A fifth month with `share` as many rows as the fourth, `wide` letters in each remark."""
    fourth, fifth = (bench.samples / f"dossiers-2024-{month:02}.csv" for month in (4, 5))
    fifth.write_bytes(fourth.read_bytes().replace(b"-2404", b"-2405"))

    def change(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        wanted = max(1, round(len(rows) * share))
        more = [
            {**row, "MaHoSo": f"{row['MaHoSo'][:-4]}{9000 + number}"}
            for number, row in enumerate(rows)
        ]
        kept = (rows + more)[:wanted]
        return [{**row, "GhiChu": "x" * wide or row["GhiChu"]} for row in kept]

    bench.rows(fifth.name, change)


on_source(
    "a-months-file-disappears",
    "arrival",
    "dossiers",
    "arrival.missing_file",
    REFUSED,
    "Tệp hồ sơ tháng cuối đã có nay không còn trong bộ gửi đến",
    "The file of the last month, which was there, is gone from what is sent",
    lambda bench: (bench.samples / "dossiers-2024-04.csv").unlink(),
    before=monthly,
)
on_source(
    "the-only-file-of-a-table-disappears",
    "arrival",
    "plan-targets",
    "reader.local",
    REFUSED,
    "Không còn tệp văn bản gốc của các chỉ tiêu",
    "The only file of the documents behind the targets is gone",
    lambda bench: (bench.samples / "plan_documents.csv").unlink(),
)
on_source(
    "a-table-that-may-be-empty-loses-its-rows",
    "arrival",
    "plan-targets",
    "arrival.missing_table",
    REFUSED,
    "Bảng được phép chưa có tệp nay mất tệp đã có",
    "A table that may begin empty loses the file that it had",
    lambda bench: (bench.samples / "plan_documents.csv").unlink(),
    before=lambda bench: bench.declare(
        lambda said: said["schema"][0]["customProperties"].append(
            {"property": "mayBeEmpty", "value": True}
        )
    ),
)
on_source(
    "a-month-is-skipped",
    "arrival",
    "dossiers",
    "arrival.missing_partition",
    WARNED,
    "Tháng 6 đến mà không có tháng 5",
    "June arrives without May",
    lambda bench: (bench.samples / "dossiers-2024-06.csv").write_bytes(
        (bench.samples / "dossiers-2024-04.csv").read_bytes().replace(b"-2404", b"-2406")
    ),
    before=monthly,
)
on_source(
    "half-a-month-is-sent",
    "arrival",
    "dossiers",
    "arrival.row_count",
    WARNED,
    "Tháng mới chỉ có một phần tư số dòng, mỗi dòng thêm ghi chú dài nên kích thước tệp như cũ",
    "A new month has a quarter of the usual rows; long remarks keep the file's size as it was",
    lambda bench: _fifth_month(bench, 0.25, wide=1200),
    before=monthly,
)
on_source(
    "a-file-swells",
    "arrival",
    "dossiers",
    "arrival.size",
    WARNED,
    "Tháng mới có số dòng như cũ nhưng tệp lớn gấp nhiều lần vì một cột ghi chú",
    "A new month has the usual rows, but one column of remarks makes it many times as large",
    lambda bench: _fifth_month(bench, 1, wide=3000),
    before=monthly,
)
on_source(
    "a-column-is-renamed",
    "arrival",
    "dti-ranks",
    "arrival.renamed_column",
    REFUSED,
    "Tiêu đề cột rank bị đổi thành ranking",
    "The heading rank becomes ranking",
    lambda bench: bench.edit("dti_ranks.csv", ",rank,", ",ranking,"),
)
on_source(
    "a-column-is-added",
    "arrival",
    "working-days",
    "arrival.added_column",
    REFUSED,
    "Bảng ngày nghỉ có thêm một cột người ký",
    "The list of holidays has one more column, the signer",
    lambda bench: _table(
        bench, "special_days.csv", lambda cells: [*cells, "signer" if cells[0] == "day" else "x"]
    ),
)
on_source(
    "a-column-is-dropped",
    "arrival",
    "working-days",
    "arrival.dropped_column",
    REFUSED,
    "Bảng ngày nghỉ mất cột văn bản",
    "The list of holidays has lost its column of documents",
    lambda bench: _table(bench, "special_days.csv", lambda cells: cells[:-1]),
)
on_source(
    "columns-change-their-order",
    "arrival",
    "dti-scores",
    "arrival.reordered_columns",
    WARNED,
    "Các cột đứng ngược thứ tự, hợp đồng muốn được báo",
    "The columns stand in reverse order, and the contract wants to be told",
    lambda bench: _table(bench, "dti_scores.csv", lambda cells: [*cells[::-1]]),
    before=lambda bench: bench.arrival(reordered_columns="warn"),
)
on_source(
    "numbers-become-words",
    "arrival",
    "coverage",
    "arrival.retyped_column",
    REFUSED,
    "Cả cột tốc độ tải lên ghi «nhanh» thay cho số",
    "The whole column of upload speeds says “fast” instead of a number",
    lambda bench: bench.rows(
        SURVEY, lambda rows: [{**row, "Tốc độ tải lên (Mbps)": "nhanh"} for row in rows]
    ),
    before=lambda bench: bench.arrival(quarantined_rows="accept"),
)
on_source(
    "rows-are-sent-twice",
    "arrival",
    "coverage",
    "arrival.duplicate_keys",
    WARNED,
    "Một phần mười số dòng đo được gửi lặp lại",
    "A tenth of the measurements is sent twice",
    lambda bench: bench.rows(SURVEY, lambda rows: rows + rows[:: len(rows) // (len(rows) // 10)]),
)
on_source(
    "a-third-of-the-codes-is-wrong",
    "arrival",
    "coverage",
    "arrival.quarantined_rows",
    REFUSED,
    "Một phần ba mã điểm đo sai mẫu",
    "A third of the codes of points has another form",
    lambda bench: bench.rows(
        SURVEY,
        lambda rows: [
            {
                **row,
                "Mã điểm": row["Mã điểm"].replace("-", "") if number % 3 == 0 else row["Mã điểm"],
            }
            for number, row in enumerate(rows)
        ],
    ),
)
on_source(
    "a-year-vanishes-from-a-file",
    "arrival",
    "dti-ranks",
    "arrival.missing_period",
    REFUSED,
    "Tệp xếp hạng mới không còn dòng nào của năm 2022",
    "The new file of ranks has no row of 2022 any more",
    lambda bench: bench.rows(
        "dti_ranks.csv",
        lambda rows: [row for row in rows if row["assessment_year"] != "2022"],
    ),
    before=lambda bench: bench.arrival(missing_period={"column": "assessment_year"}),
)
on_source(
    "a-year-is-copied-forward",
    "arrival",
    "dti-scores",
    "arrival.repeated_values",
    WARNED,
    "Điểm của năm mới giống hệt năm trước đến từng chữ số",
    "The scores of a new year are those of the year before, to the digit",
    lambda bench: bench.rows(
        "dti_scores.csv",
        lambda rows: (
            rows
            + [
                {**row, "assessment_year": "2030", "published_on": "2031-01-01"}
                for row in rows
                if row["assessment_year"] == "2029"
            ]
        ),
    ),
    before=lambda bench: (
        bench.arrival(
            repeated_values={
                "column": "assessment_year",
                "measures": ["score"],
                "by": ["scope", "index_code", "name_as_published"],
            }
        ),
        bench.rows(
            "dti_scores.csv",
            lambda rows: (
                rows
                + [
                    {**row, "assessment_year": "2029", "published_on": "2030-01-01"}
                    for row in rows
                    if row["assessment_year"] == rows[0]["assessment_year"]
                ]
            ),
        ),
    ),
)

on_source(
    "a-line-has-too-many-cells",
    "landing",
    "it-budget",
    "landing.columns",
    QUARANTINED,
    "Một dòng có thêm dấu phẩy không đặt trong ngoặc kép",
    "One line has a comma more, outside quotes",
    lambda bench: bench.edit("it_budget.csv", "8184800000000,,", "8184800000000,,,x"),
)
on_source(
    "a-row-is-sent-twice",
    "landing",
    "it-budget",
    "landing.duplicate",
    QUARANTINED,
    "Một dòng ngân sách lặp lại nguyên vẹn",
    "One line of the budget is repeated as it is",
    lambda bench: bench.rows("it_budget.csv", lambda rows: rows + rows[:1]),
    before=lambda bench: bench.arrival(duplicate_keys="accept"),
)
on_source(
    "two-rows-contradict-each-other",
    "landing",
    "it-budget",
    "landing.conflict",
    QUARANTINED,
    "Cùng một dòng ngân sách được gửi hai lần với hai số tiền",
    "One line of the budget is sent twice with two amounts",
    lambda bench: bench.rows(
        "it_budget.csv", lambda rows: [*rows, {**rows[0], "amount_vnd": "12324415368"}]
    ),
    before=lambda bench: bench.arrival(duplicate_keys="accept"),
)
on_source(
    "the-header-row-is-missing",
    "landing",
    "dti-ranks",
    "arrival.dropped_column",
    REFUSED,
    "Tệp xếp hạng mất dòng tiêu đề",
    "The file of ranks has lost its header row",
    lambda bench: (bench.samples / "dti_ranks.csv").write_text(
        (bench.samples / "dti_ranks.csv").read_text(encoding="utf-8").partition("\n")[2],
        encoding="utf-8",
    ),
)
on_source(
    "a-heading-stands-twice",
    "landing",
    "dti-ranks",
    "reader.header",
    REFUSED,
    "Hai cột cùng mang tiêu đề rank",
    "Two columns are both called rank",
    lambda bench: _table(bench, "dti_ranks.csv", lambda cells: [*cells, cells[3]]),
)
on_source(
    "a-file-is-empty",
    "landing",
    "working-days",
    "arrival.dropped_column",
    REFUSED,
    "Tệp ngày nghỉ gửi đến rỗng",
    "The list of holidays arrives with no byte in it",
    lambda bench: (bench.samples / "special_days.csv").write_bytes(b""),
)
on_source(
    "an-error-page-instead-of-a-table",
    "landing",
    "working-days",
    "arrival.dropped_column",
    REFUSED,
    "Máy chủ trả về trang báo lỗi HTML thay cho bảng",
    "The server answered with an error page instead of the table",
    lambda bench: (bench.samples / "special_days.csv").write_text(
        "<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n", encoding="utf-8"
    ),
)
on_source(
    "a-workbook-is-cut-off",
    "landing",
    "procedures",
    "reader.unpack",
    REFUSED,
    "Tệp Excel danh mục thủ tục chỉ tải về được một nửa",
    "Only half of the catalogue's workbook was downloaded",
    lambda bench: (bench.samples / "danh-sach-tthc.xlsx").write_bytes(
        (bench.samples / "danh-sach-tthc.xlsx").read_bytes()[:4000]
    ),
)
on_source(
    "a-sheet-is-renamed",
    "landing",
    "procedures",
    "reader.workbook",
    REFUSED,
    "Hợp đồng chờ trang tính «Danh sách TTHC», tệp có tên khác",
    "The contract expects the sheet “Danh sách TTHC”; the workbook's has another name",
    lambda bench: bench.declare(
        lambda said: [
            item["value"].update(name="Danh mục TTHC")
            for item in said["schema"][0]["customProperties"]
            if item["property"] == "sheet"
        ]
    ),
)
on_source(
    "line-ends-are-mixed",
    "landing",
    "admin-units",
    "reader.split",
    REFUSED,
    "Nửa sau tệp đơn vị hành chính kết thúc dòng theo kiểu khác",
    "The second half of the administrative units ends its lines in another way",
    lambda bench: _mixed_line_ends(bench, "admin_units.csv"),
)


def _mixed_line_ends(bench: SourceBench, file: str) -> None:
    lines = (bench.samples / file).read_bytes().split(b"\n")
    half = len(lines) // 2
    (bench.samples / file).write_bytes(
        b"\n".join(lines[:half]) + b"\n" + b"\r\n".join(lines[half:])
    )
