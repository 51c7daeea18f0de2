"""Prove a release, offline, from its folder and a public key (see `layout` for what is in it).

Checked: the set of files, every byte, the signature under the decision, the digest and the folder's
name, that the decision says publish and every required check passed on this digest, that the
scorecard is what the decision adds up to, that
descriptor, CSV and Parquet agree, and the small-cell rules once more. Without a public key all but
the signature is checked: the release is whole, but who published it is not proved. Where a release
was withdrawn a signed tombstone stands, and nothing else may.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.canonical import canonical_json, digest_of, sha256_file
from pipelines.contracts import Text
from pipelines.contracts.vocabulary import Severity
from pipelines.publish.candidate import DESCRIPTOR, data_files, version_of
from pipelines.publish.decision import severities
from pipelines.publish.layout import (
    DECISION,
    LATEST,
    SIGNATURE,
    STAGING,
    SUMS,
    TOMBSTONE,
    TOMBSTONE_SIGNATURE,
    VERSION,
    find_releases,
    release_files,
    sums,
)
from pipelines.publish.scorecard import SCORECARD, scorecard
from pipelines.publish.signing import SIGNATURE_BYTES, Keys, is_signature
from pipelines.publish.verify_content import compare
from pipelines.quality.messages import harmless
from pipelines.quality.waivable import waivable


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a release, and the file it is wrong in."""

    release: Path
    file: str
    text: Text

    def __str__(self) -> str:
        return f"{self.release}/{self.file}: {self.text.en}"


@dataclass(frozen=True)
class Origin:
    """Which key a release says it was signed with, and whether it is a *demo* key."""

    key: str
    demo: bool


def is_tombstone(path: Path) -> bool:
    """True where a release was withdrawn and its tombstone stands."""
    return (path / TOMBSTONE).exists()


def origin(path: Path) -> Origin:
    """What a release (or a tombstone) that has no problems says of its signature; `verify` with
    keys proves it.
    """
    file = TOMBSTONE if is_tombstone(path) else DECISION
    said = json.loads((path / file).read_bytes())["signedBy"]
    return Origin(str(said["key"]), bool(said["demo"]))


def verify(path: Path, keys: Keys | None = None) -> dict[Path, list[Problem]]:
    """The problems of every release at or below `path`; empty lists where there are none.

    With `keys` each release must be signed with one of them. Without any release the result is
    empty. Below a dataset's folder, anything but versions and a `latest` that leads to one is a
    problem, too.

    Raises:
        FileNotFoundError: `path` is not a folder.
    """
    found = {folder: verify_release(folder, keys) for folder in find_releases(path)}
    for dataset in sorted({folder.parent for folder in found}):
        inside = dataset.is_relative_to(path.resolve())
        if inside and (problems := list(_surroundings(dataset))):
            found[dataset] = problems
    return found


def _surroundings(dataset: Path) -> Iterator[Problem]:
    latest = dataset / LATEST
    versions = [path for path in dataset.iterdir() if VERSION.fullmatch(path.name)]
    none_left = not latest.is_symlink() and all(is_tombstone(path) for path in versions)
    leads = latest.is_symlink() and latest.resolve().parent == dataset and latest.exists()
    if not none_left and (not leads or is_tombstone(latest)):
        yield Problem(
            dataset,
            LATEST,
            Text("không dẫn tới bản phát hành nào", "it does not lead to a release"),
        )
    for entry in sorted(dataset.iterdir()):
        known = entry.name == LATEST or (entry.is_dir() and VERSION.fullmatch(entry.name))
        if not known and not entry.name.startswith(STAGING):
            yield Problem(
                dataset,
                entry.name,
                Text("không thuộc bản phát hành nào", "it is no part of any release"),
            )


def verify_release(path: Path, keys: Keys | None = None) -> list[Problem]:
    """Everything that is wrong with one release folder (or the `latest` that leads to it)."""
    folder = path.resolve()
    if is_tombstone(folder):
        return list(_tombstone(folder, keys or {}))
    return list(_Verification(folder, folder.parent.name, keys or {}).problems())


def _tombstone(folder: Path, keys: Keys) -> Iterator[Problem]:
    """Everything that is wrong with what stands where a release was withdrawn."""

    def problem(file: str, vi: str, en: str) -> Problem:
        return Problem(folder, file, Text(vi, en))

    expected = {TOMBSTONE, TOMBSTONE_SIGNATURE}
    actual = {path.name for path in folder.iterdir()}
    for name in sorted(actual - expected):
        yield problem(
            name, "bản này đã bị thu hồi: không được có tệp này", "withdrawn: this may not be here"
        )
    if TOMBSTONE_SIGNATURE not in actual:
        yield problem(TOMBSTONE_SIGNATURE, "thiếu tệp này", "this file is missing")
        return
    try:
        data = (folder / TOMBSTONE).read_bytes()
        said = json.loads(data)
        if data != canonical_json(said, indent=2):
            yield problem(TOMBSTONE, "không ở dạng chuẩn", "it is not canonical JSON")
        if [said["dataset"], said["version"]] != [folder.parent.name, folder.name]:
            yield problem(TOMBSTONE, "thuộc bản khác", "it belongs to another version")
        if not all((said["reason"]["vi"], said["reason"]["en"], said["role"], said["withdrawnAt"])):
            yield problem(TOMBSTONE, "thiếu lý do", "it does not say why, who and when")
        yield from _signature(folder, TOMBSTONE, TOMBSTONE_SIGNATURE, keys)
    except Exception as error:
        reason = harmless(error)
        yield problem(TOMBSTONE, f"không kiểm được ({reason})", f"cannot be read ({reason})")


def _signature(folder: Path, document: str, name: str, keys: Keys) -> Iterator[Problem]:
    """What is wrong with the signature `name` over a document that names its key."""

    def problem(file: str, vi: str, en: str) -> Problem:
        return Problem(folder, file, Text(vi, en))

    data, signature = ((folder / file).read_bytes() for file in (document, name))
    if len(signature) != SIGNATURE_BYTES:
        yield problem(
            name,
            f"không phải chữ ký: phải có đúng {SIGNATURE_BYTES} byte",
            f"it is no signature, which has {SIGNATURE_BYTES} bytes",
        )
        return
    said = json.loads(data)
    said = said.get("signedBy") if isinstance(said, dict) else None
    key = said.get("key") if isinstance(said, dict) else None
    if not isinstance(key, str):
        yield problem(document, "không nêu khoá ký", "it does not say with which key it is signed")
    elif keys and key not in keys:
        given = ", ".join(sorted(keys))
        yield problem(
            name,
            f"ký bằng khoá {key}, không thuộc các khoá được dùng để xác minh: {given}",
            f"it is signed with the key {key}, which is none of those to verify with: {given}",
        )
    elif keys and not is_signature(keys[key], signature, data):
        yield problem(
            name,
            f"không phải chữ ký của khoá {key} trên {document} này: một trong hai tệp đã bị sửa,"
            " hoặc người khác đã ký",
            f"it is not the signature of the key {key} over this {document}: one of the two was"
            " changed, or somebody else signed it",
        )


class _Verification:
    """One pass over one release. Later steps need what earlier ones proved, and are left out."""

    def __init__(self, folder: Path, dataset: str, keys: Keys) -> None:
        # A release is staged in a hidden folder first, whose name is not the dataset's.
        self.folder = folder
        self.dataset = self._claimed_dataset() or dataset
        self.digests: dict[str, str] = {}
        self.keys = keys

    def _claimed_dataset(self) -> str | None:
        found = [path.stem for path in self.folder.glob("*.parquet")]
        return found[0] if len(found) == 1 else None

    def problem(self, file: str, vi: str, en: str) -> Problem:
        return Problem(self.folder, file, Text(vi, en))

    def problems(self) -> Iterator[Problem]:
        found = list(self._file_set())
        yield from found
        if any(problem.file in release_files(self.dataset) for problem in found):
            return
        for step, file in (
            (self._bytes, SUMS),
            (self._signed, DECISION),
            (self._decision, DECISION),
            (self._scorecard, SCORECARD),
            (self._content, DESCRIPTOR),
        ):
            try:
                found = list(step())
            except Exception as error:
                said = harmless(error)
                found = [
                    self.problem(file, f"không kiểm được ({said})", f"cannot be read ({said})")
                ]
            yield from found
            if found:
                return

    def _file_set(self) -> Iterator[Problem]:
        parent = self.folder.parent
        if not parent.name.startswith(".") and parent.name != self.dataset:
            yield self.problem(
                f"{self.dataset}.parquet",
                f"thư mục thuộc tập dữ liệu {parent.name}",
                f"the folder belongs to the dataset {parent.name}",
            )
        expected = set(release_files(self.dataset))
        actual = {path.name for path in self.folder.iterdir()}
        for name in sorted(expected - actual):
            yield self.problem(name, "thiếu tệp này", "this file is missing")
        for name in sorted(actual - expected):
            yield self.problem(name, "tệp này không thuộc bản phát hành", "this file is no part")
        for name in sorted(expected & actual):
            path = self.folder / name
            if path.is_symlink() or not path.is_file():
                yield self.problem(name, "không phải tệp thường", "this is not a regular file")

    def _bytes(self) -> Iterator[Problem]:
        names = [name for name in release_files(self.dataset) if name != SUMS]
        self.digests = {name: sha256_file(self.folder / name) for name in names}
        given = (self.folder / SUMS).read_bytes()
        if given == sums(self.digests):
            return
        listed = _parse_sums(given)
        wrong = [name for name in names if listed.get(name) != self.digests[name]]
        # The version holds the digest of the data files: it tells a changed file from a changed
        # list. For what follows from the decision nothing else can tell: both are named.
        own = {name: self.digests[name] for name in data_files(self.dataset)}
        intact = self.folder.name.endswith(digest_of(own)[:12])
        for name in wrong:
            if name in (DECISION, SIGNATURE, SCORECARD) or not intact:
                yield self.problem(
                    name,
                    f"nội dung không khớp với {SUMS}",
                    f"its bytes are not those listed in {SUMS}",
                )
        if intact:
            yield self.problem(
                SUMS,
                f"không đúng với các tệp: {', '.join(wrong) or 'hình thức'}",
                f"it is not what the files add up to: {', '.join(wrong) or 'its form'}",
            )
        elif not wrong:
            yield self.problem(SUMS, "sai hình thức", "its form is not the one expected")

    def _signed(self) -> Iterator[Problem]:
        yield from _signature(self.folder, DECISION, SIGNATURE, self.keys)

    def _decision(self) -> Iterator[Problem]:
        data = (self.folder / DECISION).read_bytes()
        decision = json.loads(data)
        if data != canonical_json(decision, indent=2):
            yield self.problem(DECISION, "không ở dạng chuẩn", "it is not canonical JSON")
        files = {name: self.digests[name] for name in data_files(self.dataset)}
        decided = decision["files"]
        for name in sorted(name for name in files if decided.get(name) != files[name]):
            yield self.problem(
                name, "không phải tệp đã được quyết định", "it is not the file that was decided on"
            )
        if any(decided.get(name) != files[name] for name in files):
            return
        digest = digest_of(files)
        expected = {
            "dataset": self.dataset,
            "files": files,
            "digest": digest,
            "version": self.folder.name,
            "verdict": "publish",
            "reasons": [],
        }
        for name, value in expected.items():
            if decision.get(name) != value:
                yield self.problem(
                    DECISION,
                    f"mục {name} không khớp với bản phát hành này",
                    f"its {name} is not that of this release",
                )
        if version_of(self.folder.name[:10], digest) != self.folder.name:
            yield self.problem(
                ".", "tên thư mục không khớp nội dung", "the folder's name does not fit its content"
            )
        checks = decision.get("checks") or []
        if not checks:
            yield self.problem(DECISION, "không có kiểm tra nào", "it lists no check at all")
        waived = {waiver["check"] for waiver in decision["waivers"]}
        weighs = severities(decision)
        for check in checks:
            subject = decision.get("content") if check.get("engine") == "dbt" else digest
            ok = check.get("status") == "passed" or (
                check.get("status") == "failed"
                and (
                    weighs[check["check"]] is not Severity.BLOCKER
                    or (check.get("check") in waived and waivable(check))
                )
            )
            if not ok or check.get("subject") != subject:
                yield self.problem(
                    DECISION,
                    f"kiểm tra {check.get('check')} không đạt cho đúng nội dung này",
                    f"the check {check.get('check')} did not pass on these bytes",
                )

    def _scorecard(self) -> Iterator[Problem]:
        decision = json.loads((self.folder / DECISION).read_bytes())
        if (self.folder / SCORECARD).read_bytes() != scorecard(decision):
            yield self.problem(
                SCORECARD,
                f"không phải kết quả tính từ {DECISION}",
                f"it is not what {DECISION} adds up to",
            )

    def _content(self) -> Iterator[Problem]:
        for name, text in compare(self.folder, self.dataset, self.digests):
            yield Problem(self.folder, name, text)


def _parse_sums(data: bytes) -> dict[str, str]:
    lines = (line.partition("  ") for line in data.decode("utf-8", "replace").splitlines())
    return {name: digest for digest, _, name in lines}
