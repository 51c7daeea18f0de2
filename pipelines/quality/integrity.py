"""Do the files say what the build tested, and was everything that came in accounted for?"""

from collections.abc import Mapping
from typing import Any

from pipelines.duck import identifier
from pipelines.quality.content import canonical_text
from pipelines.quality.outcome import SAMPLE, Evidence, Outcome, failed, passed
from pipelines.quality.readback import CSV_VIEW, PARQUET_VIEW


def column_types(evidence: Evidence) -> Outcome:
    """The Parquet's types are the contract's."""
    expected = {
        column.name: column.type.replace(" ", "") for column in evidence.contract.table.columns
    }
    wrong = tuple(
        {"column": name, "found": kind, "expected": expected.get(name)}
        for name, kind in evidence.data.parquet_columns()
        if expected.get(name) != kind.replace(" ", "")
    )
    if wrong:
        return failed(
            f"{len(wrong)} cột của Parquet sai kiểu so với hợp đồng",
            f"{len(wrong)} Parquet column(s) do not have the contract's type",
            observed=str(len(wrong)),
            sample=wrong,
        )
    return passed("Kiểu dữ liệu đúng hợp đồng", "Types are the contract's")


def _differences(evidence: Evidence) -> tuple[Mapping[str, Any], ...]:
    """Up to 20 rows that are in one of the two files and not in the other."""
    columns = evidence.contract.table.columns
    typed = ", ".join(
        f"{canonical_text(identifier(column.name), column.type)} as {identifier(column.name)}"
        for column in columns
    )
    text = ", ".join(identifier(column.name) for column in columns)
    parquet, csv = f"select {typed} from {PARQUET_VIEW}", f"select {text} from {CSV_VIEW}"
    found = evidence.data.connection.execute(
        f"select * from ((select 'csv' as file, * from ({csv} except all {parquet}))"
        f" union all (select 'parquet' as file, * from ({parquet} except all {csv})))"
        f" order by all limit {SAMPLE}"
    )
    names = [str(item[0]) for item in found.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in found.fetchall())


def _read_back(evidence: Evidence, digest: str, file: str) -> Outcome:
    if evidence.built is None:
        return failed(
            f"Không có dấu vết nội dung của lần dựng {evidence.candidate.build_id};"
            " hãy chạy lại bước kho dữ liệu",
            f"Build {evidence.candidate.build_id} left no content digest of the model;"
            " run the warehouse stage again",
        )
    if digest == evidence.built:
        return passed(
            f"{file} đọc lại đúng nội dung đã kiểm thử", f"{file} reads back as what was tested"
        )
    if evidence.candidate.relation_digest != evidence.built:
        return failed(
            f"{file} có nội dung khác với lúc kiểm thử: bảng trong kho đã đổi sau khi dựng;"
            " hãy dựng lại kho",
            f"{file} says something else than what was tested: the table in the warehouse changed"
            " after the build; build the warehouse again",
            sample=_differences(evidence),
        )
    return failed(
        f"{file} có nội dung khác với bảng đã kiểm thử: lỗi ở bước xuất tệp",
        f"{file} says something else than the tested table: the export is at fault",
        sample=_differences(evidence),
    )


def readback_csv(evidence: Evidence) -> Outcome:
    """The CSV, read as text without any casting, says what the build tested."""
    digest = evidence.data.csv_digest(evidence.contract.table.columns)
    return _read_back(evidence, digest, evidence.candidate.csv.name)


def readback_parquet(evidence: Evidence) -> Outcome:
    """The Parquet says what the build tested."""
    digest = evidence.data.parquet_digest(evidence.contract.table.columns)
    return _read_back(evidence, digest, evidence.candidate.parquet.name)


def sources_accounted(evidence: Evidence) -> Outcome:
    """For every input: rows pulled = rows accepted + rows quarantined, in its latest landing."""
    wrong: list[Mapping[str, Any]] = []
    pulled = 0
    for name in evidence.contract.sources:
        rows = evidence.ledger.rows(
            "select table_name, resource, raw_sha256, pulled_rows, accepted_rows, quarantined_rows"
            " from landings where id in (select max(id) from landings where source = ?"
            " group by table_name, resource, raw_sha256) order by table_name, resource, id",
            name,
        )
        used = set(evidence.candidate.inputs.get(name, ()))
        if name in evidence.candidate.inputs and not used and not rows:
            continue  # an inbox that waits for its first file: no row was pulled
        seen = [row for row in rows if row["raw_sha256"] in used] if used else rows
        absent = sorted(used - {row["raw_sha256"] for row in seen})
        if absent or not seen:
            wrong.append({"source": name, "problem": "no landing recorded", "raw": absent[:5]})
        for row in seen:
            pulled += row["pulled_rows"]
            if row["pulled_rows"] != row["accepted_rows"] + row["quarantined_rows"]:
                wrong.append({"source": name, **row})
    if wrong:
        names = ", ".join(sorted({str(item["source"]) for item in wrong}))
        return failed(
            f"Số dòng nhận về không bằng số dòng nhận cộng số dòng cách ly ở nguồn: {names}",
            f"Pulled is not accepted plus quarantined, or was not recorded, for: {names}",
            observed=str(pulled),
            failing_rows=len(wrong),
            sample=tuple(wrong),
        )
    return passed(
        f"{pulled} dòng nhận về đều được tính đủ",
        f"All {pulled} pulled rows are accounted for",
        str(pulled),
    )
