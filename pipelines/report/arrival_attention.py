"""What needs a person about arrivals; a part of `attention`."""

from collections.abc import Iterator, Sequence

from pipelines.contracts import Text
from pipelines.report.model import ArrivalFinding, Attention, SourceReport

_NAMED = 3  # findings or files that one line names before it only counts the rest


def arrival_trouble(item: SourceReport) -> Iterator[Attention]:
    """Findings that block or warn, files put aside, acknowledgements that match nothing."""
    anchor, found = f"nguon-{item.name}", item.arrivals
    blocked = [finding for finding in found.findings if finding.action == "block"]
    warned = [finding for finding in found.findings if finding.action == "warn"]
    if found.waiting and blocked:
        yield Attention(
            "act",
            "arrival_blocked",
            item.name,
            Text(
                f"{item.title.vi}: tệp mới bị chặn, số liệu cũ vẫn được dùng – {_said_vi(blocked)}",
                f"{item.title.en}: what arrived is blocked, the last good data stay –"
                f" {_said_en(blocked)}",
            ),
            Text(
                "Yêu cầu bên gửi sửa; nếu số liệu đúng, xác nhận trong hợp đồng (arrival:"
                " acknowledged).",
                "Have the sender correct it; where it is right, acknowledge it in the contract"
                " (arrival: acknowledged).",
            ),
            anchor,
        )
    elif found.waiting:
        yield Attention(
            "act",
            "not_landed",
            item.name,
            Text(
                f"{item.title.vi}: tệp đã kéo về nhưng chưa nạp được",
                f"{item.title.en}: pulled, but not landed",
            ),
            Text(
                "Chạy khomo run; thông báo lỗi của bước nạp nêu tệp và cách sửa.",
                "Run khomo run; the landing step's error names the file and the remedy.",
            ),
            anchor,
        )
    if found.rejected:
        names = _named(found.rejected)
        yield Attention(
            "act",
            "rejected_files",
            item.name,
            Text(
                f"{item.title.vi}: {len(found.rejected)} tệp bị trả lại – {names}",
                f"{item.title.en}: {len(found.rejected)} file(s) rejected – {names}",
            ),
            Text(
                "Đọc tệp .reason.txt trong thư mục rejected, gửi tệp đã sửa, rồi dọn thư mục.",
                "Read the .reason.txt in the folder rejected, have a corrected file sent, then"
                " clear the folder.",
            ),
            anchor,
        )
    if warned and not found.waiting:
        yield Attention(
            "look",
            "arrival_warning",
            item.name,
            Text(
                f"{item.title.vi}: tệp mới khác thường – {_said_vi(warned)}",
                f"{item.title.en}: what arrived is unusual – {_said_en(warned)}",
            ),
            Text(
                "So với lần trước; nếu sai, yêu cầu bên gửi sửa.",
                "Compare it with the time before; where it is wrong, have the sender correct it.",
            ),
            anchor,
        )
    if found.stale:
        yield Attention(
            "look",
            "stale_acknowledgement",
            item.name,
            Text(
                f"{item.title.vi}: xác nhận không còn ứng với tệp nào – {_named(found.stale)}",
                f"{item.title.en}: acknowledged, but for no file any more – {_named(found.stale)}",
            ),
            Text(
                "Xóa mục đó trong arrival: acknowledged.",
                "Remove the entry from arrival: acknowledged.",
            ),
            anchor,
        )


def unlisted_trouble(names: Sequence[str]) -> Iterator[Attention]:
    """Sources that were removed without a word."""
    for name in names:
        yield Attention(
            "look",
            "source_unlisted",
            name,
            Text(
                f"Nguồn {name} đã kéo về trước đây nhưng không còn hợp đồng và không có trong"
                " sources/retired.yaml",
                f"Source {name} was pulled before, but has no contract any more and is not in"
                " sources/retired.yaml",
            ),
            Text(
                "Thêm một mục với ngày cuối và lý do.",
                "Add an entry with its last day and the reason.",
            ),
            "nguon",
        )


def _named(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" … (+{rest})" if rest > 0 else "")


def _said_vi(findings: Sequence[ArrivalFinding]) -> str:
    return _named([f"{item.file or item.table}: {item.meaning.vi}" for item in findings])


def _said_en(findings: Sequence[ArrivalFinding]) -> str:
    return _named([f"{item.file or item.table}: {item.meaning.en}" for item in findings])
