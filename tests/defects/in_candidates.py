"""Defects between the warehouse and a release: values, exporter, metadata, privacy, gate."""

from datetime import date
from typing import Any

from pipelines.publish import candidate as candidates
from pipelines.publish import export
from pipelines.publish import release as releasing
from pipelines.publish.candidate import Candidate
from pipelines.quality import run
from tests.defects.candidates import Street, on_candidate, take_back
from tests.defects.model import WARNED, WITHHELD


def _rules(data: dict[str, Any]) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = data["schema"][0]["quality"]
    return rules


def _without_rules(*names: str) -> Any:
    def change(data: dict[str, Any]) -> None:
        data["schema"][0]["quality"] = [rule for rule in _rules(data) if rule["name"] not in names]

    return change


def _without(name: str) -> Any:
    def change(data: dict[str, Any]) -> None:
        data["customProperties"] = [
            item for item in data["customProperties"] if item["property"] != name
        ]

    return change


def _licensed(name: str) -> Any:
    def change(data: dict[str, Any]) -> None:
        _without("license")(data)
        data["customProperties"].append({"property": "license", "value": {"name": name}})

    return change


def withheld(name: str, stage: str, check: str, vi: str, en: str, spoil: Any) -> None:
    on_candidate(name, stage, check, WITHHELD, vi, en, spoil)


# Values that the model built and only the published contract can judge.

withheld(
    "a-published-code-loses-its-zeros",
    "keys",
    "pattern",
    "Mã đơn vị mất các số 0 đứng đầu ngay trong bảng",
    "A unit's code lost its leading zeros in the table itself",
    lambda street: street.replaced("'7' as unit_code"),
)
withheld(
    "a-published-text-is-too-long",
    "text",
    "length",
    "Ghi chú dài hơn giới hạn của hợp đồng",
    "A note is longer than the contract allows",
    lambda street: (
        street.contract(
            lambda data: data["schema"][0]["properties"][8].update(
                logicalTypeOptions={"maxLength": 40}
            )
        ),
        street.replaced("repeat('x', 41) as note"),
    ),
)
withheld(
    "a-published-code-is-not-in-its-list",
    "keys",
    "values",
    "Kênh tiếp nhận không có trong danh mục",
    "A channel that is not in the code list",
    lambda street: street.replaced("'pigeon' as channel"),
)
withheld(
    "a-published-key-repeats",
    "keys",
    "unique_key",
    "Một đơn vị có hai dòng trong cùng một tháng",
    "A unit has two rows in one month",
    lambda street: street.rows(
        "select * from rows union all select * replace ('post' as channel) from rows"
        " where unit_code = '00007'"
    ),
)
withheld(
    "a-required-value-is-missing",
    "joins",
    "not_null",
    "Thời điểm ghi nhận trống ở một dòng",
    "One row has no time of observation",
    lambda street: street.replaced("null as seen_at"),
)
withheld(
    "a-score-above-its-maximum",
    "numbers",
    "range",
    "Điểm 100,5 trên thang 100",
    "A score of 100.5 out of 100",
    lambda street: street.replaced("100.5 as score"),
)
withheld(
    "a-join-that-finds-nothing",
    "joins",
    "rule.row_count",
    "Phép nối hỏng, tập dữ liệu rỗng; hợp đồng nói rõ phải có dòng",
    "A broken join leaves the dataset empty; the contract says how many rows there must be",
    lambda street: (
        street.contract(_without_rules("visible_share")),
        street.rows("select * from rows where false"),
    ),
)
withheld(
    "an-empty-dataset-without-a-rule-about-it",
    "joins",
    "row_count",
    "Tập dữ liệu rỗng và hợp đồng không nói gì về số dòng",
    "The dataset is empty, and the contract says nothing about its rows",
    lambda street: (
        street.contract(_without_rules("visible_share", "not_empty")),
        street.rows("select * from rows where false"),
    ),
)
withheld(
    "more-late-than-received",
    "numbers",
    "rule.late_within_received",
    "Số hồ sơ trễ hạn lớn hơn số tiếp nhận",
    "More dossiers are late than were received",
    lambda street: street.replaced("received + 1 as late"),
)

# Privacy.

withheld(
    "a-small-cell-is-shown",
    "privacy",
    "rule.small_cells",
    "Ô có 3 hồ sơ trễ hạn không được che",
    "A cell of three late dossiers is shown",
    lambda street: street.replaced("3 as late"),
)
withheld(
    "a-cell-says-it-is-hidden-and-is-not",
    "privacy",
    "rule.small_cells",
    "Cờ che bật nhưng con số vẫn hiện",
    "The flag says suppressed, the figure is there",
    lambda street: street.replaced("true as suppressed"),
)
withheld(
    "nearly-everything-is-hidden",
    "privacy",
    "rule.visible_share",
    "Che quá tay: phần lớn hồ sơ nằm trong ô bị che",
    "Too much is suppressed: most dossiers lie in hidden cells",
    lambda street: street.rows(
        "select * replace ("
        "case when unit_code > '00150' then null else received end as received,"
        " case when unit_code > '00150' then null else late end as late,"
        " suppressed or unit_code > '00150' as suppressed) from rows"
    ),
)
withheld(
    "a-personal-column-is-listed",
    "privacy",
    "no_personal_columns",
    "Cột nguồn được xếp loại cá nhân, hợp đồng công bố vẫn liệt kê",
    "A column that is personal upstream is listed by the published contract",
    lambda street: street.source(
        lambda data: data["schema"][0]["properties"][1].update(name="note")
    ),
)
withheld(
    "a-pseudonym-is-listed",
    "privacy",
    "no_personal_columns",
    "Giả danh (băm có khoá) của một người được công bố như cột thường",
    "The keyed hash of a person is published like any column",
    lambda street: street.source(
        lambda data: data["schema"][0]["properties"][1].update(
            name="note",
            classification="internal",
            customProperties=[
                *data["schema"][0]["properties"][1]["customProperties"],
                {"property": "pseudonymise", "value": True},
            ],
        )
    ),
)


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

# Metadata.

withheld(
    "an-english-title-is-missing",
    "metadata",
    "metadata_complete",
    "Hợp đồng không có tiêu đề tiếng Anh",
    "The contract has no English title",
    lambda street: street.contract(_without("titleEn")),
)
withheld(
    "a-column-is-not-described",
    "metadata",
    "metadata_complete",
    "Một cột không có mô tả",
    "A column has no description",
    lambda street: street.contract(
        lambda data: data["schema"][0]["properties"][3].update(description="")
    ),
)
withheld(
    "nobody-owns-the-dataset",
    "metadata",
    "metadata_complete",
    "Hợp đồng không nêu cơ quan chủ quản",
    "The contract names no owner",
    lambda street: street.contract(lambda data: data.update(team={"name": ""})),
)


def _descriptor(street: Street, change: Any) -> None:
    """A faulty writer of metadata: the contract is right, the descriptor is not."""
    right = candidates.describe

    def faulty(*given: Any, **named: Any) -> Any:
        described = right(*given, **named)
        change(described)
        return described

    street.patch.setattr(candidates, "describe", faulty)


withheld(
    "a-descriptor-loses-the-contact",
    "metadata",
    "metadata_complete",
    "Mô tả kèm theo không ghi nơi liên hệ dù hợp đồng có",
    "The descriptor names no contact although the contract does",
    lambda street: _descriptor(street, lambda described: described["khomo"].pop("contact")),
)
withheld(
    "synthetic-input-published-as-real",
    "metadata",
    "synthetic_marked",
    "Nguồn là dữ liệu mô phỏng, hợp đồng không nói",
    "The source is synthetic, the contract does not say so",
    lambda street: street.contract(_without("synthetic")),
)
withheld(
    "a-file-loses-its-synthetic-mark",
    "metadata",
    "synthetic_marked",
    "Tệp Parquet không còn dòng ghi chú «dữ liệu mô phỏng»",
    "The Parquet file lost its notice of synthetic data",
    lambda street: street.patch.setattr(
        export, "_metadata", lambda _contract, _synthetic: {"dataset": "x"}
    ),
)
withheld(
    "a-source-forbids-reuse",
    "metadata",
    "licence_compatible",
    "Nguồn chỉ cho dùng phi thương mại (CC BY-NC-SA), tập dữ liệu ghi CC BY",
    "The source forbids commercial use (CC BY-NC-SA), the dataset says CC BY",
    lambda street: street.source(_licensed("CC-BY-NC-SA-4.0")),
)
withheld(
    "a-source-has-no-licence",
    "metadata",
    "licence_compatible",
    "Nguồn không ghi giấy phép",
    "The source states no licence",
    lambda street: street.source(_licensed("")),
)


def _hidden_source(street: Street) -> None:
    street.source(lambda _data: None, name="tiles")
    street.lineage = ("desk", "tiles")


withheld(
    "a-source-is-not-named",
    "metadata",
    "sources_declared",
    "Mô hình đọc thêm một nguồn mà hợp đồng không nêu",
    "The model also reads a source that the contract does not name",
    _hidden_source,
)
withheld(
    "rows-vanish-on-landing",
    "landing",
    "sources_accounted",
    "Nhận 60 dòng, tính được 59: một dòng biến mất",
    "60 rows were pulled, 59 are accounted for: one vanished",
    lambda street: street.world.land(pulled=60, accepted=57, quarantined=2),
)

# The gate.

withheld(
    "no-check-was-run",
    "gate",
    "gate.evidence",
    "Chạy thẳng bước công bố, bỏ qua kiểm tra",
    "The publishing step is run alone, without the checks",
    lambda street: setattr(street, "check", lambda _candidate: None),
)
withheld(
    "a-result-is-deleted",
    "gate",
    "gate.evidence",
    "Kết quả của một kiểm tra bị xoá khỏi sổ",
    "The result of one check is deleted from the ledger",
    lambda street: setattr(
        street,
        "checked",
        lambda _candidate: street.ledger(
            "delete from check_results where check_name = 'unique_key'"
        ),
    ),
)
withheld(
    "results-of-another-build",
    "gate",
    "gate.evidence",
    "Kết quả kiểm thử thuộc lần dựng trước, dù nội dung giống hệt",
    "The results belong to an earlier build, although the content is the same",
    lambda street: setattr(
        street,
        "checked",
        lambda _candidate: street.ledger("update check_results set build_id = 'older'"),
    ),
)
withheld(
    "a-file-is-edited-after-the-checks",
    "gate",
    "gate.evidence",
    "Tệp CSV bị sửa sau khi kiểm tra, trước khi quyết định",
    "The CSV is edited between checks and decision",
    lambda street: setattr(
        street,
        "checked",
        lambda candidate: candidate.csv.write_bytes(
            candidate.csv.read_bytes().replace(b"00007", b"00008")
        ),
    ),
)
withheld(
    "a-descriptor-is-edited-after-the-checks",
    "gate",
    "gate.evidence",
    "Ngày số liệu trong mô tả bị sửa sau khi kiểm tra",
    "The as-of date in the descriptor is edited after the checks",
    lambda street: setattr(
        street,
        "checked",
        lambda candidate: candidate.descriptor.write_text(
            candidate.descriptor.read_text(encoding="utf-8").replace("2026-10-31", "2026-10-30"),
            encoding="utf-8",
        ),
    ),
)


def _crash(street: Street) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of memory")

    street.patch.setattr(run, "validate", broken)


withheld(
    "a-check-crashes",
    "gate",
    "gate.error",
    "Bộ kiểm tra cột bị lỗi giữa chừng",
    "The engine of the column checks dies half-way",
    _crash,
)
withheld(
    "a-rule-nobody-can-evaluate",
    "gate",
    "gate.error",
    "Hợp đồng nêu một quy tắc không có trong hệ thống",
    "The contract names a rule that does not exist",
    lambda street: street.contract(
        lambda data: _rules(data).append(
            {
                "name": "odd",
                "description": "Lạ",
                "type": "custom",
                "engine": "khomo",
                "implementation": {"rule": "magic"},
            }
        )
    ),
)
withheld(
    "a-required-check-is-recorded-as-a-warning",
    "gate",
    "readback_csv",
    "Ai đó ghi kết quả không đạt của một kiểm tra bắt buộc thành cảnh báo",
    "Somebody records the failure of a required check as a warning",
    lambda street: setattr(
        street,
        "checked",
        lambda candidate: street.record(
            candidate, "readback_csv", status="failed", severity="warning"
        ),
    ),
)
withheld(
    "a-dbt-test-failed",
    "gate",
    "gate.dbt",
    "Một kiểm thử dbt của lần dựng không đạt",
    "A dbt test of the build failed",
    lambda street: setattr(
        street,
        "checked",
        lambda candidate: street.record(candidate, "dbt.totals_add_up", status="failed"),
    ),
)
on_candidate(
    "a-dbt-test-warned",
    "gate",
    "gate.dbt",
    WARNED,
    "Một kiểm thử dbt mức cảnh báo không đạt: công bố, và nói ra",
    "A dbt test of severity warning failed: published, and said",
    lambda street: setattr(
        street,
        "checked",
        lambda candidate: street.record(candidate, "dbt.looks_usual", status="failed"),
    ),
)
withheld(
    "a-table-is-changed-by-hand-and-every-result-forged",
    "gate",
    "gate.content",
    "Bảng bị sửa tay, rồi mọi kết quả được ghi khống là đạt",
    "The table is changed by hand, then a pass is written for every check",
    lambda street: (
        street.world.by_hand(
            "update marts.mart_unit_counts set late = late + 1 where unit_code = '00007'"
        ),
        setattr(street, "check", lambda _candidate: None),
        setattr(street, "checked", street.forge),
    ),
)
withheld(
    "a-contract-changes-after-the-export",
    "gate",
    "gate.contract",
    "Hợp đồng đổi phiên bản sau khi xuất tệp",
    "The contract gets a new version after the export",
    lambda street: setattr(
        street,
        "checked",
        lambda candidate: (
            street.contract(lambda data: data.update(version="1.0.1")),
            street.forge(candidate),
        ),
    ),
)


def _unknown_build(street: Street) -> None:
    street.build_id = "unknown"
    street.check = lambda _candidate: None
    street.checked = street.forge


withheld(
    "a-build-nobody-knows",
    "gate",
    "gate.build",
    "Lần dựng không có trong sổ, mọi kết quả được ghi khống",
    "The ledger knows no such build, and every result is forged",
    _unknown_build,
)
withheld(
    "a-candidate-loses-a-file",
    "gate",
    "gate.files",
    "Tệp Parquet biến mất trước khi quyết định",
    "The Parquet file is gone before the decision",
    lambda street: setattr(street, "checked", lambda candidate: candidate.parquet.unlink()),
)


def _waived(street: Street, check: str, expires: str = "2026-12-31") -> None:
    street.beside(
        "waivers.yaml",
        [
            {
                "check": check,
                "reason": {"vi": "Đang rà soát", "en": "Being looked into"},
                "role": "Phòng Dữ liệu mở",
                "expires": date.fromisoformat(expires),
            }
        ],
    )


withheld(
    "a-waiver-has-expired",
    "gate",
    "rule.late_within_received",
    "Kiểm tra không đạt, phiếu miễn đã hết hạn hôm qua",
    "A check fails, and its waiver ended yesterday",
    lambda street: (
        _waived(street, "rule.late_within_received", "2026-10-31"),
        street.replaced("received + 1 as late"),
    ),
)
withheld(
    "a-waiver-of-a-privacy-rule",
    "privacy",
    "rule.small_cells",
    "Có người xin miễn quy tắc che ô nhỏ: không bao giờ được",
    "Somebody waives the rule on small cells, which nobody may",
    lambda street: (
        _waived(street, "rule.small_cells"),
        street.replaced("3 as late"),
    ),
)
withheld(
    "a-waiver-of-a-licence",
    "metadata",
    "licence_compatible",
    "Có người xin miễn kiểm tra giấy phép: không bao giờ được",
    "Somebody waives the check of licences, which nobody may",
    lambda street: (
        _waived(street, "licence_compatible"),
        street.source(_licensed("CC-BY-NC-SA-4.0")),
    ),
)
withheld(
    "a-waiver-of-a-check-that-did-not-run",
    "gate",
    "gate.evidence",
    "Phiếu miễn cho một kiểm tra chưa từng chạy: miễn kết quả, không miễn việc kiểm tra",
    "A waiver of a check that never ran: results are waived, never the check",
    lambda street: (
        _waived(street, "unique_key"),
        setattr(
            street,
            "checked",
            lambda _candidate: street.ledger(
                "delete from check_results where check_name = 'unique_key'"
            ),
        ),
    ),
)
withheld(
    "a-file-of-waivers-nobody-can-read",
    "gate",
    "gate.waivers",
    "Tệp waivers.yaml sai cấu trúc",
    "waivers.yaml has another shape",
    lambda street: setattr(
        street,
        "checked",
        lambda _candidate: street.beside("waivers.yaml", [{"check": "unique_key"}]),
    ),
)

# Making the release.


def _damaged(street: Street) -> None:
    done = street.world.publish()
    path = done.folder / "unit-counts.csv"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")


withheld(
    "a-damaged-release-is-there-already",
    "release",
    "release.existing",
    "Bản cùng tên đã có nhưng bị hỏng: không ghi đè, không công bố",
    "The same version is there, damaged: neither overwritten nor published",
    _damaged,
)


def _bad_disk(street: Street) -> None:
    right = releasing.shutil.copyfile

    def copy(source: Any, target: Any) -> Any:
        done = right(source, target)
        if str(target).endswith(".csv"):
            target.write_bytes(target.read_bytes().replace(b"counter", b"counteq", 1))
        return done

    street.patch.setattr(releasing.shutil, "copyfile", copy)


withheld(
    "a-disk-flips-a-bit-while-staging",
    "release",
    "release.verify",
    "Đĩa lỗi làm lệch một bit khi chép tệp vào bản phát hành",
    "A bad disk flips a bit while the release is assembled",
    _bad_disk,
)


withheld(
    "a-withdrawn-release-comes-back",
    "release",
    "release.withdrawn",
    "Lần chạy sau xuất đúng bản đã thu hồi",
    "A later run makes exactly the release that was withdrawn",
    lambda street: take_back(street.world, street.world.publish().version),
)

# Published periods freeze: the release of these rows is there, as of 2026-10-31.


def _frozen(street: Street) -> None:
    policy = {"period": "month", "length": "P1M", "frozenAfter": "P3M"}
    street.contract(
        lambda data: data["customProperties"].append({"property": "revision", "value": policy})
    )
    street.world.build()
    assert street.world.publish().outcome == "published"


withheld(
    "a-frozen-month-is-rewritten",
    "restatement",
    "revision_policy",
    "Một con số của tháng 2 đã chốt bị sửa lặng lẽ",
    "A figure of February, which is frozen, is changed in silence",
    lambda street: (_frozen(street), street.replaced("99 as score")),
)
withheld(
    "a-frozen-month-loses-its-rows",
    "restatement",
    "revision_policy",
    "Mọi dòng của tháng 1 đã chốt biến mất khỏi bản mới",
    "The rows of January, which is frozen, are gone from the new version",
    lambda street: (
        _frozen(street),
        street.rows("select * from rows where month <> date '2026-01-01'"),
    ),
)


def _drifting(name: str, kind: str, vi: str, en: str, rows: str) -> None:
    """A build of other rows after three releases that hardly differ: published, and said."""
    on_candidate(
        name,
        "release",
        f"drift_{kind}",
        WARNED,
        vi,
        en,
        lambda street: (street.world.publish_before(), street.rows(rows)),
    )


_drifting(
    "a-quarter-of-the-rows-is-gone",
    "rows",
    "Bản mới thiếu một phần tư số dòng so với các bản trước: công bố, và nói ra",
    "A quarter of the rows is gone that the releases before had: published, and said",
    "select * from rows where unit_code::int // 7 % 4 <> 1",
)
_drifting(
    "a-channel-is-gone",
    "categories",
    "Kênh bưu chính không còn dòng nào, dồn hết vào tại quầy: công bố, và nói ra",
    "No row is left of the channel by post; all are at the counter: published, and said",
    "select * replace (case channel when 'post' then 'counter' else channel end as channel)"
    " from rows",
)
_drifting(
    "every-fifth-score-is-missing",
    "nulls",
    "Một phần năm số dòng bỗng không có điểm: công bố, và nói ra",
    "A fifth of the rows suddenly has no score: published, and said",
    "select * replace (case when unit_code::int % 5 > 0 then score end as score) from rows",
)
_drifting(
    "a-figure-is-in-another-unit",
    "distribution",
    "Một cột số được ghi bằng nghìn thay vì đơn vị: công bố, và nói ra",
    "A column of numbers is in thousands instead of ones: published, and said",
    "select * replace (spread / 1000 as spread) from rows",
)
withheld(
    "rows-are-gone-where-the-contract-forbids-it",
    "release",
    "drift_rows",
    "Thiếu một phần tư số dòng ở tập mà hợp đồng bắt buộc số dòng trong khoảng thường thấy",
    "A quarter of the rows is gone where the contract makes the usual number a must",
    lambda street: (
        street.contract(
            lambda data: data["customProperties"].append(
                {"property": "drift", "value": {"rows": {"severity": "blocker"}}}
            )
        ),
        street.world.publish_before(),
        street.rows("select * from rows where unit_code::int // 7 % 4 <> 1"),
    ),
)
withheld(
    "a-unit-is-not-in-the-released-list",
    "keys",
    "reference",
    "Một đơn vị không có trong bản phát hành của danh mục đơn vị mà tập này tham chiếu",
    "A unit is not in the release of the list of units that the dataset refers to",
    lambda street: (
        street.contract(street.world.refer_to_units),
        street.world.release_units("unit_code <> '00007'"),
    ),
)
withheld(
    "the-list-of-units-was-withheld",
    "keys",
    "reference",
    "Danh mục đơn vị mà tập này tham chiếu chưa từng được công bố",
    "The list of units that the dataset refers to was never published",
    lambda street: street.contract(street.world.refer_to_units),
)
withheld(
    "the-list-of-units-changes-meanwhile",
    "keys",
    "gate.references",
    "Danh mục đơn vị có bản khác sau khi khóa đã được đối chiếu",
    "Another release of the list of units stands after the keys were looked up",
    lambda street: (
        street.contract(street.world.refer_to_units),
        street.world.release_units(),
        setattr(
            street,
            "checked",
            lambda _candidate: street.world.release_units("unit_code <> '00014'"),
        ),
    ),
)
withheld(
    "a-check-never-ends",
    "gate",
    "gate.error",
    "Một quy tắc chạy mãi không xong: bị dừng, và không được tính là đạt",
    "A rule runs on and on: it is stopped, and does not count as passed",
    lambda street: (
        street.patch.setenv("KHOMO_CHECK_SECONDS", "0.5"),
        street.contract(
            lambda data: _rules(data).append(
                {
                    "name": "endless",
                    "description": "Không dừng",
                    "type": "sql",
                    "query": "select count(*) from {object}, range(100000) as a, range(1000000)"
                    " as b where (a.range * b.range) % 7 = unit_code::int",
                    "mustBe": 0,
                }
            )
        ),
    ),
)

# Personal values in what is published, in a column that may hold text. None belongs to anybody.


def _noted(name: str, vi: str, en: str, value: str) -> None:
    withheld(
        name,
        "privacy",
        "no_personal_values",
        vi,
        en,
        lambda street: street.replaced(f"'{value}' as note"),
    )


_noted(
    "a-citizen-id-in-a-note",
    "Số định danh 12 chữ số trong ghi chú",
    "A citizen id of twelve digits in a note",
    "Hồ sơ của ông A, số định danh 042874467276",
)
_noted(
    "an-old-identity-card-in-a-note",
    "Số chứng minh nhân dân 9 chữ số trong ghi chú",
    "The nine digits of an old identity card in a note",
    "CMND số 183 456 789 cấp năm 2009",
)
_noted(
    "a-phone-number-in-a-note",
    "Số điện thoại di động viết có dấu chấm trong ghi chú",
    "A mobile number with dots in a note",
    "Liên hệ 0912.345.678 trước 17 giờ",
)
_noted(
    "an-e-mail-address-in-a-note",
    "Địa chỉ thư điện tử trong ghi chú",
    "An e-mail address in a note",
    "Gửi về nguyen.van.a@hopthu.example giúp",
)
_noted(
    "a-number-plate-in-a-note",
    "Biển số xe trong ghi chú",
    "A number plate in a note",
    "Xe 38A-123.45 vi phạm",
)
_noted(
    "a-bank-card-in-a-note",
    "Số thẻ ngân hàng trong ghi chú",
    "The number of a bank card in a note",
    "Thẻ 4111 1111 1111 1111",
)
_noted(
    "a-dossier-code-in-a-note",
    "Mã hồ sơ trong ghi chú dẫn tới một người",
    "The code of a dossier in a note leads to a person",
    "Xem hồ sơ H27.18-240102-0001",
)
withheld(
    "a-persons-phone-as-the-contact",
    "privacy",
    "no_personal_values",
    "Số điện thoại riêng ghi làm nơi liên hệ trong mô tả",
    "A private phone number is the contact in the descriptor",
    lambda street: street.contract(
        lambda data: data.update(
            support=[{"channel": "desk", "description": "Bàn dữ liệu mở, 0912 345 678"}]
        )
    ),
)
