"""Defects of what stands published."""

import json

from pipelines.canonical import canonical_json
from pipelines.publish.layout import SIGNATURE
from pipelines.publish.scorecard import SCORECARD
from tests.defects.releases import Published, moved_away, on_release
from tests.integration.conftest import DATASET

CSV = f"{DATASET}.csv"


def _flip(it: Published, name: str) -> None:
    found = bytearray((it.folder / name).read_bytes())
    found[len(found) // 2] ^= 1
    (it.folder / name).write_bytes(bytes(found))


on_release(
    "a-figure-is-edited-in-a-release",
    "csv",
    "Một con số trong tệp CSV đã công bố bị sửa",
    "A figure in a published CSV is edited",
    lambda it: it.replace(CSV, b"counter,21", b"counter,22"),
)
on_release(
    "a-byte-flips-in-a-parquet",
    "parquet",
    "Một byte của tệp Parquet đã công bố bị lệch",
    "One byte of a published Parquet file flips",
    lambda it: _flip(it, f"{DATASET}.parquet"),
)
on_release(
    "a-descriptor-is-edited-in-a-release",
    "descriptor",
    "Giấy phép trong mô tả của bản đã công bố bị sửa",
    "The licence in a published descriptor is edited",
    lambda it: it.replace("datapackage.json", b"CC-BY-4.0", b"CC-BY-3.0"),
)


def _better_score(it: Published) -> None:
    path = it.folder / SCORECARD
    card = json.loads(path.read_bytes())
    card["hasQualityMeasurement"][0] |= {"khomo:passed": 999, "value": 1.5}
    path.write_bytes(canonical_json(card, indent=2))
    it.resum()


on_release(
    "a-scorecard-is-edited-in-a-release",
    "scorecard",
    "Bảng điểm của bản đã công bố bị sửa cho đẹp hơn, mã băm sửa cho khớp",
    "The scorecard of a release is edited to look better, and the sums made to fit",
    _better_score,
)
on_release(
    "a-list-of-sums-is-edited",
    "sums",
    "Tệp SHA256SUMS bị sửa",
    "SHA256SUMS is edited",
    lambda it: it.replace("SHA256SUMS", b"  ", b" *"),
)
on_release(
    "a-file-of-a-release-is-gone",
    "csv",
    "Bản đã công bố thiếu tệp CSV",
    "The CSV of a release is gone",
    lambda it: (it.folder / CSV).unlink(),
)
on_release(
    "a-file-is-added-to-a-release",
    "folder",
    "Ai đó đặt thêm một tệp vào bản đã công bố",
    "Somebody puts one more file into a release",
    lambda it: (it.folder / "ghi-chu.txt").write_text("x"),
)
on_release(
    "a-file-of-a-release-becomes-a-link",
    "csv",
    "Tệp CSV bị thay bằng liên kết tới nơi khác",
    "The CSV is replaced by a link to somewhere else",
    moved_away,
)


def _forged(it: Published) -> None:
    it.replace(CSV, b"counter,21", b"counter,22")
    it.refit()


on_release(
    "a-careful-forgery-without-the-key",
    "signature",
    "Sửa số liệu rồi sửa cả mô tả, quyết định, mã băm, tên thư mục cho khớp; chỉ thiếu khoá ký",
    "A figure is edited, and descriptor, decision, sums and folder made to fit; only the key lacks",
    _forged,
)
on_release(
    "a-decision-is-edited",
    "signature",
    "Quyết định đã ký bị sửa: số dòng khác",
    "A signed decision is edited to another number of rows",
    lambda it: it.decision(lambda decision: decision.update(rows=1)),
)
on_release(
    "a-signature-is-lost",
    "signature",
    "Tệp chữ ký biến mất",
    "The file of the signature is gone",
    lambda it: (it.folder / SIGNATURE).unlink(),
)
on_release(
    "latest-leads-nowhere",
    "latest",
    "Liên kết latest trỏ tới bản không tồn tại",
    "The link latest leads to a version that is not there",
    lambda it: (
        (it.folder.parent / "latest").unlink(),
        (it.folder.parent / "latest").symlink_to("2026-01-01-000000000000"),
    ),
)
on_release(
    "a-stray-file-beside-the-versions",
    "folder",
    "Một tệp lạ nằm cạnh các bản phát hành",
    "A stray file lies beside the versions",
    lambda it: (it.folder.parent / "2026.csv").write_text("x"),
)
on_release(
    "a-version-is-renamed",
    "decision",
    "Thư mục phiên bản bị đổi tên sang ngày khác",
    "The folder of a version is renamed to another day",
    lambda it: it.folder.rename(it.folder.with_name("2026-11-30" + it.folder.name[10:])),
)
on_release(
    "a-decision-against-its-own-checks-is-signed",
    "decision",
    "Cổng lỗi ký quyết định công bố dù một kiểm tra trong đó không đạt",
    "A faulty gate signs a decision to publish in which a check failed",
    lambda it: (
        it.decision(lambda decision: decision["checks"][0].update(status="failed")),
        it.sign(),
    ),
)


def _reworded(it: Published) -> None:
    path = it.withdraw()
    path.write_bytes(path.read_bytes().replace(b"Wrong unit", b"Right unit"))


on_release(
    "a-tombstone-is-reworded",
    "tombstone",
    "Lý do thu hồi trên bia ghi bị sửa",
    "The reason on a withdrawn release's tombstone is edited",
    _reworded,
)
on_release(
    "data-comes-back-beside-a-tombstone",
    "csv",
    "Ai đó chép lại tệp CSV vào bản đã thu hồi",
    "Somebody copies the CSV back beside the tombstone",
    lambda it: (it.withdraw().parent / CSV).write_text("x"),
)
