"""A release appears whole or not at all, is never rewritten, and outlives what fails after it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipelines.publish import release as releasing
from pipelines.publish.verify import verify, verify_release


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.parent.is_symlink()
    }


def other_rows(rows: str) -> str:
    return f"select * replace ((score + 1)::decimal(9, 4) as score) from ({rows})"


def test_from_warehouse_to_verified_release(world: Any) -> None:
    candidate = world.export()
    world.check(candidate)

    done = world.release(candidate)

    assert done.outcome == "published"
    assert done.folder == (world.releases / "latest").resolve()
    assert done.folder.name == candidate.version
    assert sorted(path.name for path in done.folder.iterdir()) == [
        "SHA256SUMS",
        "datapackage.json",
        "decision.json",
        "decision.sig",
        "scorecard.json",
        "unit-counts.csv",
        "unit-counts.parquet",
    ]
    assert verify(world.home.releases) == {done.folder: []}
    recorded = world.ledger.rows("select * from decisions")
    assert [(row["outcome"], row["version"], row["rows"]) for row in recorded] == [
        ("published", candidate.version, 60)
    ]


def test_everybody_may_read_and_nobody_may_write(world: Any) -> None:
    done = world.publish()

    assert done.folder.stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_mode & 0o777 for path in done.folder.iterdir()} == {0o444}


def test_two_homes_publish_the_same_bytes(
    world: Any, make_world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one key: two homes that made one each sign alike, but not the same."""
    first = world.publish()
    monkeypatch.setenv("KHOMO_NOW", "2027-03-01T00:00:00+07:00")
    other = make_world(tmp_path / "other")
    shutil.copy(world.home.secrets / "signing.key", other.home.secrets)
    second = other.publish()

    assert first.version == second.version
    assert tree(first.folder) == tree(second.folder)


def test_publishing_the_same_again_changes_nothing(world: Any) -> None:
    first = world.publish()
    before = {path: path.stat().st_mtime_ns for path in first.folder.iterdir()}

    again = world.publish()

    assert again.outcome == "unchanged"
    assert {path: path.stat().st_mtime_ns for path in first.folder.iterdir()} == before
    assert sorted(path.name for path in world.releases.iterdir()) == [first.version, "latest"]


def test_new_content_is_a_new_version_beside_the_old(world: Any, rows: str) -> None:
    first = world.publish()
    kept = tree(first.folder)
    world.build(other_rows(rows))

    second = world.publish()

    assert second.outcome == "published"
    assert second.version != first.version
    assert (world.releases / "latest").resolve().name == second.version
    assert tree(first.folder) == kept
    assert all(not problems for problems in verify(world.home.releases).values())


def test_a_withheld_candidate_leaves_the_last_release_up(world: Any) -> None:
    first = world.publish()
    before = tree(world.releases)
    world.by_hand("update marts.mart_unit_counts set late = late + 1 where unit_code = '00007'")

    done = world.publish()

    assert done.outcome == "withheld"
    assert done.folder == first.folder
    assert tree(world.releases) == before
    kept = json.loads((world.home.candidates / "unit-counts" / "decision.json").read_bytes())
    assert kept["verdict"] == "withhold"
    assert "gate.content" in {reason["check"] for reason in kept["reasons"]}
    recorded = world.ledger.rows("select * from decisions order by id")[-1]
    assert recorded["outcome"] == "withheld"
    assert "gate.content" in recorded["reasons"]


def test_content_that_was_published_before_comes_back_without_rewriting(
    world: Any, rows: str
) -> None:
    first = world.publish()
    world.build(other_rows(rows))
    world.publish()
    world.build()

    back = world.publish()

    assert back.outcome == "published"
    assert back.folder == first.folder


def test_a_damaged_release_is_never_overwritten(world: Any) -> None:
    done = world.publish()
    damaged = done.folder / "unit-counts.csv"
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes() + b"x")

    again = world.publish()

    assert again.outcome == "withheld"
    assert [reason.check for reason in again.reasons] == ["release.existing"]
    assert "unit-counts.csv" in again.reasons[0].problem.en
    assert damaged.read_bytes().endswith(b"x")


class Killed(BaseException):
    """Stands for SIGKILL: no handler of the pipeline may swallow it."""


@pytest.mark.parametrize("moment", ["staged", "verified", "renamed", "pointed"])
@pytest.mark.parametrize("earlier", [True, False], ids=["with an earlier release", "first release"])
def test_a_kill_at_any_moment_leaves_a_good_state(
    world: Any, rows: str, moment: str, earlier: bool
) -> None:
    before = world.publish() if earlier else None
    world.build(other_rows(rows))

    def kill(step: str) -> None:
        if step == moment:
            raise Killed

    with pytest.raises(Killed):
        world.publish(kill)

    latest = releasing.latest(world.home, "unit-counts")
    if latest is None:
        assert before is None
    else:
        assert verify_release(latest) == []
        assert moment == "pointed" or (before is not None and latest == before.folder)

    done = world.publish()
    assert done.outcome == ("unchanged" if moment == "pointed" else "published")
    assert all(not problems for problems in verify(world.home.releases).values())
    expected = {done.version, "latest"} | ({before.version} if before else set())
    assert {path.name for path in world.releases.iterdir()} == expected


@pytest.mark.parametrize("after", range(1, 6))
def test_a_kill_between_two_files_leaves_a_good_state(
    world: Any, rows: str, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    before = world.publish()
    world.build(other_rows(rows))
    calls = 0
    right = releasing.sync_file

    def killed(path: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == after:
            raise Killed
        right(path)

    with monkeypatch.context() as patch:
        patch.setattr(releasing, "sync_file", killed)
        # A real kill runs no clean-up either.
        patch.setattr(releasing.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            world.publish()

    assert releasing.latest(world.home, "unit-counts") == before.folder
    assert verify(world.home.releases) == {before.folder: []}
    assert [path for path in world.releases.iterdir() if path.name.startswith(".staging")]
    done = world.publish()
    assert done.outcome == "published"
    assert {path.name for path in world.releases.iterdir()} == {
        before.version,
        done.version,
        "latest",
    }


def test_a_candidate_changed_between_decision_and_release_is_refused(world: Any) -> None:
    candidate = world.export()
    world.assume_passed(candidate)
    decision = world.decide(candidate)
    candidate.csv.write_bytes(candidate.csv.read_bytes().replace(b"post", b"mail"))

    done = releasing.release(candidate, decision, home=world.home, ledger=world.ledger)

    assert done.outcome == "withheld"
    assert [reason.check for reason in done.reasons] == ["release.verify"]
    assert not list(world.releases.iterdir())
