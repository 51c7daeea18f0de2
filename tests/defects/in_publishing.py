"""Defects of the step that makes a release of a candidate."""

from typing import Any

from pipelines.publish import release as releasing
from tests.defects.candidates import Street, take_back, withheld


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
