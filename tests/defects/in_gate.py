"""Defects of the evidence that the gate decides on: results, builds, waivers."""

from datetime import date
from typing import Any

from pipelines.quality import run
from tests.defects.candidates import Street, licensed, on_candidate, rules_of, withheld
from tests.defects.model import WARNED

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
        lambda data: rules_of(data).append(
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
        street.source(licensed("CC-BY-NC-SA-4.0")),
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
withheld(
    "a-check-never-ends",
    "gate",
    "gate.error",
    "Một quy tắc chạy mãi không xong: bị dừng, và không được tính là đạt",
    "A rule runs on and on: it is stopped, and does not count as passed",
    lambda street: (
        street.patch.setenv("KHOMO_CHECK_SECONDS", "0.5"),
        street.contract(
            lambda data: rules_of(data).append(
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
