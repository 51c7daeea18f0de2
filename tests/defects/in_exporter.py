"""Defects of the exporter: files that say something else than the table that was tested."""

from typing import Any

from pipelines.publish import export
from pipelines.publish.candidate import Candidate
from tests.defects.candidates import Street, withheld


def _leak(street: Street) -> None:
    def leaking(connection: Any, relation: str, _contract: Any, path: Any, *_: Any) -> None:
        connection.execute(
            f"copy (select * from {relation} order by unit_code) to '{path}'"
            " (format parquet, kv_metadata {synthetic: 'true', notice: 'x'})"
        )

    street.patch.setattr(export, "write_parquet", leaking)


withheld(
    "an-exporter-writes-a-private-column",
    "exporter",
    "columns_listed",
    "Tệp Parquet có thêm cột tổng chưa che",
    "The Parquet file has one more column, the totals before suppression",
    _leak,
)


def _leak_in_csv(street: Street) -> None:
    def exported(candidate: Candidate) -> None:
        lines = candidate.csv.read_text(encoding="utf-8").splitlines()
        candidate.csv.write_text(
            "".join(f"{line},{number or 'private_total'}\r\n" for number, line in enumerate(lines)),
            encoding="utf-8",
            newline="",
        )

    street.exported = exported


withheld(
    "a-private-column-only-in-the-csv",
    "exporter",
    "columns_listed",
    "Chỉ tệp CSV có thêm cột tổng chưa che",
    "Only the CSV has one more column, the totals before suppression",
    _leak_in_csv,
)
withheld(
    "an-exporter-adds-one-in-the-csv",
    "exporter",
    "readback_csv",
    "Tệp CSV nói khác bảng đã kiểm thử ở một con số",
    "One figure of the CSV is not that of the tested table",
    lambda street: street.exporter(
        "write_csv", "case unit_code when '00007' then 99 else late end as late"
    ),
)
withheld(
    "an-exporter-adds-one-in-the-parquet",
    "exporter",
    "readback_parquet",
    "Tệp Parquet nói khác bảng đã kiểm thử ở một con số",
    "One figure of the Parquet file is not that of the tested table",
    lambda street: street.exporter(
        "write_parquet", "(case unit_code when '00007' then 7 else late end)::bigint as late"
    ),
)
withheld(
    "an-exporter-drops-leading-zeros",
    "exporter",
    "readback_csv",
    "CSV ghi mã đơn vị như con số, mất số 0 đứng đầu",
    "The CSV writes the codes of units as numbers, without their zeros",
    lambda street: street.exporter("write_csv", "ltrim(unit_code, '0') as unit_code"),
)
withheld(
    "an-exporter-narrows-a-type",
    "exporter",
    "column_types",
    "Parquet ghi cột số nguyên 32 bit thay cho 64 bit",
    "The Parquet file holds 32-bit integers instead of 64-bit ones",
    lambda street: street.exporter("write_parquet", "late::integer as late"),
)
withheld(
    "an-exporter-blanks-a-null",
    "exporter",
    "readback_parquet",
    "Parquet ghi văn bản rỗng thay cho không có giá trị",
    "The Parquet file holds an empty text where there is no value",
    lambda street: street.exporter("write_parquet", "coalesce(note, '') as note"),
)
withheld(
    "a-row-is-lost-between-table-and-file",
    "exporter",
    "readback_csv",
    "Tệp CSV bị cắt mất dòng cuối sau khi ghi",
    "The CSV lost its last row after it was written",
    lambda street: setattr(
        street,
        "exported",
        lambda candidate: candidate.csv.write_bytes(
            candidate.csv.read_bytes().rstrip(b"\r\n").rpartition(b"\r\n")[0] + b"\r\n"
        ),
    ),
)
