"""A withdrawn release is out of reach at once, says why in its place, and does not come back."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.canonical import canonical_json
from pipelines.cli import app
from pipelines.contracts import Text
from pipelines.publish.release import latest
from pipelines.publish.signing import known_keys
from pipelines.publish.verify import verify, verify_release
from pipelines.publish.withdraw import WithdrawError, history, restore, settle, withdraw

DATASET = "unit-counts"
WHY = {"reason": Text("Sai đơn vị tính", "Wrong unit"), "role": "Phòng Dữ liệu mở"}


def other(rows: str) -> str:
    return f"select * replace ((score + 1)::decimal(9, 4) as score) from ({rows})"


def take_back(world: Any, version: str, **more: Any) -> Path | None:
    return withdraw(world.home, world.ledger, DATASET, version, **WHY, **more)


def let_count(world: Any, version: str, **more: Any) -> None:
    restore(world.home, world.ledger, DATASET, version, **WHY, **more)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def verified(world: Any) -> bool:
    return not any(verify(world.home.releases, known_keys(world.home)).values())


def test_latest_moves_back_and_a_signed_tombstone_stands_in_the_place(
    world: Any, rows: str
) -> None:
    first = world.publish()
    world.build(other(rows))
    second = world.publish()

    seen = take_back(world, second.version)

    assert seen == first.folder == latest(world.home, DATASET)
    place = world.releases / second.version
    assert names(place) == {"withdrawn.json", "withdrawn.sig"}
    said = json.loads((place / "withdrawn.json").read_bytes())
    assert said["reason"] == {"vi": "Sai đơn vị tính", "en": "Wrong unit"}
    assert said["role"] == "Phòng Dữ liệu mở"
    assert said["withdrawnAt"]
    assert verified(world)
    kept = world.home.withdrawn / DATASET / second.version
    assert verify_release(kept) == []
    assert world.home.withdrawn.stat().st_mode & 0o777 == 0o700


def test_an_older_release_goes_without_latest_moving(world: Any, rows: str) -> None:
    first = world.publish()
    world.build(other(rows))
    second = world.publish()

    assert take_back(world, first.version) == second.folder
    assert verified(world)


def test_without_a_release_that_counts_latest_leads_nowhere(world: Any) -> None:
    done = world.publish()

    assert take_back(world, done.version) is None

    assert names(world.releases) == {done.version}
    assert verified(world)


def test_latest_goes_back_to_what_was_published_last_not_to_the_greatest_name(
    world: Any, rows: str
) -> None:
    first = world.publish()
    world.build(other(rows))
    second = world.publish()
    world.build(other(other(rows)))
    third = world.publish()
    world.build(rows)
    assert world.publish().folder == first.folder
    world.build(other(other(rows)))
    assert world.publish().folder == third.folder

    assert take_back(world, third.version) == first.folder
    assert second.folder.is_dir()


def test_no_run_publishes_the_same_bytes_again(world: Any, rows: str) -> None:
    first = world.publish()
    world.build(other(rows))
    second = world.publish()
    take_back(world, second.version)

    again = world.publish()

    assert again.outcome == "withheld"
    assert [reason.check for reason in again.reasons] == ["release.withdrawn"]
    assert "Wrong unit" in again.reasons[0].problem.en
    assert again.folder == first.folder
    assert names(world.releases / second.version) == {"withdrawn.json", "withdrawn.sig"}
    world.build(other(other(rows)))
    assert world.publish().outcome == "published"


def test_undone_it_counts_by_a_new_decision_only(world: Any, rows: str) -> None:
    first = world.publish()
    world.build(other(rows))
    second = world.publish()
    kept = {path.name: path.read_bytes() for path in second.folder.iterdir()}
    take_back(world, second.version)

    let_count(world, second.version)

    assert latest(world.home, DATASET) == first.folder
    assert {path.name: path.read_bytes() for path in second.folder.iterdir()} == kept
    assert verified(world)
    assert world.publish().outcome == "published"
    assert latest(world.home, DATASET) == second.folder
    entries = history(world.home, DATASET)[second.version]
    assert [entry["action"] for entry in entries] == ["withdraw", "restore"]


def test_undone_where_nothing_else_is_public_the_tombstone_stays_until_it_is_published(
    world: Any,
) -> None:
    done = world.publish()
    kept = {path.name: path.read_bytes() for path in done.folder.iterdir()}
    take_back(world, done.version)
    let_count(world, done.version)

    assert verified(world)
    assert names(world.releases / done.version) == {"withdrawn.json", "withdrawn.sig"}
    assert world.publish().outcome == "published"
    assert {path.name: path.read_bytes() for path in done.folder.iterdir()} == kept
    assert verified(world)


def test_undone_after_its_files_were_removed_it_is_made_anew(world: Any) -> None:
    import shutil

    done = world.publish()
    take_back(world, done.version)
    shutil.rmtree(world.home.withdrawn / DATASET / done.version)

    let_count(world, done.version)

    assert names(world.releases) == {done.version}
    assert world.publish().outcome == "published"
    assert verified(world)


def test_what_does_not_verify_any_more_is_not_put_back(world: Any) -> None:
    done = world.publish()
    take_back(world, done.version)
    file = world.home.withdrawn / DATASET / done.version / "unit-counts.csv"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes() + b"x")

    with pytest.raises(WithdrawError, match="does not verify"):
        let_count(world, done.version)
    assert names(world.releases / done.version) == {"withdrawn.json", "withdrawn.sig"}


def test_what_is_not_there_is_refused(world: Any) -> None:
    done = world.publish()

    for version in ("2026-10-31-000000000000", "latest", "..", ""):
        with pytest.raises(WithdrawError, match="no release"):
            take_back(world, version)
    with pytest.raises(WithdrawError, match="not withdrawn"):
        let_count(world, done.version)
    take_back(world, done.version)
    with pytest.raises(WithdrawError, match="already"):
        take_back(world, done.version)


@pytest.mark.parametrize(
    ("name", "change", "file"),
    [
        ("reason", lambda said: said["reason"].update(vi="Khác"), "withdrawn.sig"),
        ("version", lambda said: said.update(version="2026-10-31-000000000000"), "withdrawn.json"),
        ("nobody", lambda said: said.update(role=""), "withdrawn.json"),
        ("shape", lambda said: said.clear(), "withdrawn.json"),
    ],
)
def test_an_edited_tombstone_is_found(world: Any, name: str, change: Any, file: str) -> None:
    done = world.publish()
    take_back(world, done.version)
    path = world.releases / done.version / "withdrawn.json"
    said = json.loads(path.read_bytes())
    change(said)
    path.chmod(0o644)
    path.write_bytes(canonical_json(said, indent=2))

    problems = verify_release(path.parent, known_keys(world.home))
    assert file in {problem.file for problem in problems}


def test_data_beside_a_tombstone_and_a_latest_that_leads_to_one_are_found(
    world: Any, rows: str
) -> None:
    done = world.publish()
    world.build(other(rows))
    world.publish()
    take_back(world, done.version)
    (world.releases / done.version / "unit-counts.csv").write_text("x")
    (world.releases / "latest").unlink()
    (world.releases / "latest").symlink_to(done.version)

    found = verify(world.home.releases)
    assert {problem.file for problem in found[world.releases / done.version]} == {"unit-counts.csv"}
    assert {problem.file for problem in found[world.releases]} == {"latest"}


class Killed(BaseException):
    """Stands for SIGKILL."""


@pytest.mark.parametrize("action", ["withdraw", "restore"])
@pytest.mark.parametrize("moment", range(1, 6))
def test_a_kill_at_any_moment_is_made_up_for(
    world: Any, rows: str, monkeypatch: pytest.MonkeyPatch, action: str, moment: int
) -> None:
    """Readers see the whole old release, the tombstone or neither, never a part of one."""
    from pipelines.publish import withdraw as stage

    first = world.publish()
    world.build(other(rows))
    second = world.publish()
    act = take_back
    if action == "restore":
        take_back(world, second.version)
        act = let_count
    calls = 0

    def kill(_step: str) -> None:
        nonlocal calls
        calls += 1
        if calls == moment:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(stage.shutil, "rmtree", lambda *_, **__: None)  # a real kill cleans nothing
        try:
            act(world, second.version, step=kill)
        except Killed:
            pass
        else:
            assert calls < moment
            return
    seen = latest(world.home, DATASET)
    assert seen is not None
    assert verify_release(seen, known_keys(world.home)) == []
    if action == "withdraw" and moment > 1:
        assert seen == first.folder

    again = world.publish()

    assert again.outcome == ("withheld" if action == "withdraw" else "published")
    assert verified(world)
    assert not [path for path in world.releases.iterdir() if path.name.startswith(".")]
    settle(world.home, world.ledger, DATASET)
    tombstone = (world.releases / second.version / "withdrawn.json").exists()
    assert tombstone == (action == "withdraw")


def test_the_command(world: Any) -> None:
    done = world.publish()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KHOMO_")}
    environment = {**kept, "KHOMO_HOME": str(world.home.root)}

    def khomo(*arguments: str) -> Any:
        return CliRunner().invoke(app, arguments, env=environment)

    assert khomo("withdraw", DATASET, done.version).exit_code == 2
    said = ("--reason", "Sai đơn vị tính", "--role", "Phòng Dữ liệu mở")
    first = khomo("withdraw", DATASET, done.version, *said)
    assert first.exit_code == 0, first.output
    assert "readers see no release" in first.output
    assert khomo("withdraw", DATASET, done.version, *said).exit_code == 2
    checked = khomo("verify", "--all")
    assert checked.exit_code == 0, checked.output
    assert "(withdrawn)" in checked.output
    undone = khomo("withdraw", DATASET, done.version, *said, "--undo")
    assert undone.exit_code == 0, undone.output
