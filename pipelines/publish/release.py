"""Sign what was decided and make it public, in one step that a kill cannot split.

A release is assembled in a hidden folder beside its place, forced to disk, verified there as a
stranger would verify it, renamed, and only then does `latest` point to it. What exists is never
written again. Withheld means that nothing in `releases/` changes: the last good release stays.
"""

import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.canonical import (
    point,
    sha256_file,
    sync_file,
    sync_folder,
    write_durably,
)
from pipelines.clock import stamp
from pipelines.contracts import Text
from pipelines.ledger import Ledger
from pipelines.publish.candidate import Candidate, data_files
from pipelines.publish.decision import Decision, Reason
from pipelines.publish.layout import (
    DECISION,
    LATEST,
    SIGNATURE,
    STAGING,
    SUMS,
    release_files,
    sums,
)
from pipelines.publish.scorecard import SCORECARD, scorecard
from pipelines.publish.signing import Keys, known_keys, signer
from pipelines.publish.verify import Problem, verify_release
from pipelines.publish.withdraw import settle, withdrawn
from pipelines.settings import Home

PUBLISHED = "published"
UNCHANGED = "unchanged"
WITHHELD = "withheld"

_OPEN, _READ_ONLY = 0o755, 0o444


@dataclass(frozen=True)
class Release:
    """What became of a candidate.

    `folder` is the release that readers see after it, None where there is none yet; `version` is
    the candidate's, also where it was withheld.
    """

    dataset: str
    outcome: str
    version: str
    rows: int
    folder: Path | None
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]


def latest(home: Home, dataset: str) -> Path | None:
    """The release folder that readers of a dataset see now, or None."""
    link = home.releases / dataset / LATEST
    return link.resolve() if link.exists() else None


def _sweep(folder: Path) -> None:
    """Remove what a killed run left half done."""
    for leftover in [*folder.glob(f"{STAGING}*"), *folder.glob(f".{LATEST}.*")]:
        if leftover.is_symlink():
            leftover.unlink()
        else:
            shutil.rmtree(leftover)


@dataclass(frozen=True)
class _Signed:
    """A decision as it stands on disk: `decision.json`, `decision.sig` and what follows from it."""

    document: bytes
    signature: bytes
    scorecard: bytes


def _sign(decision: Decision, home: Home) -> _Signed:
    key = signer(home)
    signed = decision.signed_by(key.as_json())
    document = signed.to_bytes()
    card = scorecard(signed.document) if decision.publish else b""
    return _Signed(document, key.sign(document), card)


def _stage(staged: Path, candidate: Candidate, signed: _Signed) -> None:
    """Write all files of the release into `staged` and force them to disk."""
    staged.mkdir(parents=True)
    staged.chmod(_OPEN)
    for name in data_files(candidate.dataset):
        shutil.copyfile(candidate.folder / name, staged / name)
    (staged / DECISION).write_bytes(signed.document)
    (staged / SIGNATURE).write_bytes(signed.signature)
    (staged / SCORECARD).write_bytes(signed.scorecard)
    names = [name for name in release_files(candidate.dataset) if name != SUMS]
    (staged / SUMS).write_bytes(sums({name: sha256_file(staged / name) for name in names}))
    for name in release_files(candidate.dataset):
        (staged / name).chmod(_READ_ONLY)
        sync_file(staged / name)
    sync_folder(staged)


def _refused(check: str, what: Text, problems: list[Problem]) -> Reason:
    vi = "; ".join(f"{problem.file}: {problem.text.vi}" for problem in problems[:3])
    en = "; ".join(f"{problem.file}: {problem.text.en}" for problem in problems[:3])
    return Reason(
        check,
        Text(f"{what.vi}: {vi}", f"{what.en}: {en}"),
        Text(
            "Không ghi đè bản đã phát hành: khôi phục từ bản sao lưu, hoặc dời thư mục hỏng đi rồi"
            " chạy lại",
            "A release is never overwritten: restore it from a backup, or move the damaged folder"
            " away and run again",
        ),
    )


def _withdrawn(home: Home, dataset: str, version: str) -> Reason | None:
    """Why a version that was taken back is not published again; None where it was not."""
    entry = withdrawn(home, dataset).get(version)
    if entry is None:
        return None
    reason, day = entry["reason"], entry["at"][:10]
    return Reason(
        "release.withdrawn",
        Text(
            f"bản {version} đã bị thu hồi ngày {day}: {reason['vi']}",
            f"version {version} was withdrawn on {day}: {reason['en']}",
        ),
        Text(
            "Sửa nguồn hoặc mô hình để có nội dung khác; hoặc, nếu bản này đúng, cho nó có hiệu"
            f" lực lại: khomo withdraw {dataset} {version} --undo",
            "Correct source or model, so that the content is another; or, where this version is"
            f" right, let it count again: khomo withdraw {dataset} {version} --undo",
        ),
    )


def _place(
    folder: Path,
    candidate: Candidate,
    version: str,
    signed: _Signed,
    keys: Keys,
    step: Callable[[str], None],
) -> Reason | None:
    """Bring the version into its place; returns why that was refused, if it was."""
    target = folder / version
    if target.exists():
        problems = verify_release(target, keys)
        if problems:
            return _refused(
                "release.existing",
                Text(
                    f"bản {version} đã có nhưng không còn nguyên vẹn",
                    f"version {version} exists and does not verify",
                ),
                problems,
            )
        return None
    staging = folder / f"{STAGING}{uuid.uuid4().hex[:8]}"
    staged = staging / version
    try:
        _stage(staged, candidate, signed)
        step("staged")
        problems = verify_release(staged, keys)
        if problems:
            return _refused(
                "release.verify",
                Text(
                    "bản vừa ghép không qua được xác minh",
                    "the assembled release does not verify",
                ),
                problems,
            )
        step("verified")
        staged.rename(target)
        sync_folder(folder)
        step("renamed")
        return None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def release(
    candidate: Candidate,
    decision: Decision,
    *,
    home: Home,
    ledger: Ledger,
    run_id: str | None = None,
    step: Callable[[str], None] = lambda _name: None,
) -> Release:
    """Sign a decision, carry it out, and record what became of it.

    `step` is called after each durable step with its name (staged, verified, renamed, pointed);
    what it raises ends the release there, as a kill would.

    Raises:
        SigningError: the signing key cannot be used; nothing was changed.
    """
    signed = _sign(decision, home)
    folder = home.releases / candidate.dataset
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(_OPEN)
    _sweep(folder)
    publishing = decision.version if decision.publish else None
    settle(home, ledger, candidate.dataset, publishing=publishing)
    if candidate.folder.is_dir():
        write_durably(candidate.folder / DECISION, signed.document)
        write_durably(candidate.folder / SIGNATURE, signed.signature)
    before = latest(home, candidate.dataset)
    reasons = decision.reasons
    outcome = WITHHELD
    if decision.publish:
        refused = _withdrawn(home, candidate.dataset, decision.version) or _place(
            folder, candidate, decision.version, signed, known_keys(home), step
        )
        if refused is not None:
            reasons = (refused,)
        elif before is not None and before.name == decision.version:
            outcome = UNCHANGED
        else:
            point(folder / LATEST, folder / decision.version)
            step("pointed")
            outcome = PUBLISHED
    done = Release(
        dataset=candidate.dataset,
        outcome=outcome,
        version=decision.version,
        rows=decision.rows,
        folder=latest(home, candidate.dataset),
        reasons=reasons,
        warnings=decision.warnings,
    )
    _record(done, decision, ledger, run_id)
    return done


def _record(done: Release, decision: Decision, ledger: Ledger, run_id: str | None) -> None:
    ledger.insert(
        "decisions",
        [
            {
                "dataset": done.dataset,
                "digest": decision.digest,
                "version": done.version,
                "verdict": decision.verdict,
                "outcome": done.outcome,
                "reasons": json.dumps(
                    [reason.as_json() for reason in done.reasons], ensure_ascii=False
                ),
                "rows": done.rows,
                "decided_at": stamp(),
                "run_id": run_id,
            }
        ],
    )
