"""Whoever has the public key can tell who decided; without it nothing else is taken for proof."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.canonical import canonical_json, sha256_file
from pipelines.cli import app
from pipelines.publish.layout import SUMS, release_files, sums
from pipelines.publish.signing import SigningError, known_keys, new_key, read_keys, signer
from pipelines.publish.verify import origin, verify, verify_release


@pytest.fixture
def folder(world: Any) -> Iterator[Path]:
    done = world.publish()
    for path in done.folder.iterdir():
        path.chmod(0o644)
    yield done.folder


def _resum(folder: Path) -> None:
    names = [name for name in release_files(folder.parent.name) if name != SUMS]
    (folder / SUMS).write_bytes(sums({name: sha256_file(folder / name) for name in names}))


def openssl(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *arguments], capture_output=True, check=False)


def test_a_key_made_here_is_the_owners_and_says_that_it_is_a_demo(world: Any, folder: Path) -> None:
    key = world.home.secrets / "signing.key"

    assert key.stat().st_mode & 0o777 == 0o600
    assert json.loads((folder / "decision.json").read_bytes())["signedBy"] == {
        "algorithm": "Ed25519",
        "key": signer(world.home).key,
        "demo": True,
    }
    assert origin(folder).demo
    assert verify_release(folder, known_keys(world.home)) == []


@pytest.mark.parametrize("form", ["the file", "the PEM"])
def test_a_key_from_the_environment_is_no_demo(
    world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    pem = tmp_path / "office.key"
    assert openssl("genpkey", "-algorithm", "ed25519", "-out", str(pem)).returncode == 0
    monkeypatch.setenv("KHOMO_SIGNING_KEY", str(pem) if form == "the file" else pem.read_text())

    done = world.publish()

    assert not origin(done.folder).demo
    assert not (world.home.secrets / "signing.key").exists()
    assert verify_release(done.folder, known_keys(world.home)) == []


def test_openssl_verifies_the_signature_with_the_key_of_the_catalogue(
    world: Any, folder: Path, tmp_path: Path
) -> None:
    public = tmp_path / "public.pem"
    public.write_bytes(signer(world.home).public)
    command = (
        *("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(public)),
        *("-in", str(folder / "decision.json"), "-sigfile", str(folder / "decision.sig")),
    )

    assert openssl(*command).returncode == 0
    (folder / "decision.json").write_bytes((folder / "decision.json").read_bytes() + b" ")
    assert openssl(*command).returncode != 0


@pytest.mark.parametrize("what", ["$KHOMO_SIGNING_KEY", "no such file", "RSA", "garbage"])
def test_a_key_that_cannot_be_used_stops_before_anything_changes(
    world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    given = tmp_path / "key.pem"
    if what == "RSA":
        openssl("genpkey", "-algorithm", "RSA", "-out", str(given))
    elif what == "garbage":
        given.write_text("secret stuff")
    text = "-----BEGIN secret stuff" if what.startswith("$") else str(given)
    monkeypatch.setenv("KHOMO_SIGNING_KEY", text)

    with pytest.raises(SigningError) as caught:
        world.publish()

    assert "secret stuff" not in str(caught.value)
    assert not world.releases.exists()


def test_an_edited_decision_with_fitting_sums_is_found(world: Any, folder: Path) -> None:
    """Everything fits but the signature: without the key, nothing could tell."""
    decision = json.loads((folder / "decision.json").read_bytes())
    decision["inputs"]["desk"] = ["0" * 64]
    (folder / "decision.json").write_bytes(canonical_json(decision, indent=2))
    _resum(folder)

    assert verify_release(folder) == []
    (problem,) = verify_release(folder, known_keys(world.home))
    assert problem.file == "decision.sig"
    assert "over this decision.json" in problem.text.en


def test_a_flipped_byte_of_the_signature_with_fitting_sums_is_found(
    world: Any, folder: Path
) -> None:
    right = (folder / "decision.sig").read_bytes()
    for position in range(len(right)):
        changed = bytearray(right)
        changed[position] ^= 1
        (folder / "decision.sig").write_bytes(bytes(changed))
        _resum(folder)
        (problem,) = verify_release(folder, known_keys(world.home))
        assert problem.file == "decision.sig"


def test_anothers_signature_under_our_name_is_found(
    world: Any, folder: Path, make_world: Any, tmp_path: Path
) -> None:
    other = signer(make_world(tmp_path / "other").home)
    (folder / "decision.sig").write_bytes(other.sign((folder / "decision.json").read_bytes()))
    _resum(folder)

    (problem,) = verify_release(folder, known_keys(world.home))
    assert problem.file == "decision.sig"


def test_a_release_signed_by_another_is_named_with_its_key(
    world: Any, make_world: Any, tmp_path: Path
) -> None:
    other = make_world(tmp_path / "other")
    theirs = other.publish().folder
    signer(world.home)

    (problem,) = verify_release(theirs, known_keys(world.home))
    assert problem.file == "decision.sig"
    assert signer(other.home).key in problem.text.en


def test_a_release_of_another_in_our_place_is_never_taken_for_ours(
    world: Any, make_world: Any, tmp_path: Path
) -> None:
    ours = world.publish()
    theirs = make_world(tmp_path / "other").publish()
    assert theirs.version == ours.version
    shutil.rmtree(ours.folder)
    shutil.copytree(theirs.folder, ours.folder)

    again = world.publish()

    assert again.outcome == "withheld"
    assert [reason.check for reason in again.reasons] == ["release.existing"]


def test_after_a_rotation_old_and_new_releases_verify_with_the_set_of_keys(
    world: Any, rows: str, tmp_path: Path
) -> None:
    first = world.publish()
    old = tmp_path / "old.pem"
    old.write_bytes(signer(world.home).public)
    new_key(world.home)
    world.build(f"select * replace ((score + 1)::decimal(9, 4) as score) from ({rows})")
    second = world.publish()
    new = tmp_path / "new.pem"
    new.write_bytes(signer(world.home).public)

    assert origin(first.folder).key != origin(second.folder).key
    assert not any(verify(world.home.releases, read_keys([old, new])).values())
    assert not any(verify(world.home.releases, known_keys(world.home)).values())
    found = verify(world.home.releases, read_keys([new]))
    assert {folder for folder, problems in found.items() if problems} == {first.folder}


def test_the_same_bytes_are_signed_alike_and_need_no_new_release_after_a_rotation(
    world: Any,
) -> None:
    first = world.publish()
    kept = (first.folder / "decision.sig").read_bytes()
    assert signer(world.home).sign((first.folder / "decision.json").read_bytes()) == kept
    new_key(world.home)

    again = world.publish()

    assert again.outcome == "unchanged"
    assert (first.folder / "decision.sig").read_bytes() == kept


def command(home: Path, *arguments: str) -> Any:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KHOMO_")}
    environment = {**kept, "KHOMO_HOME": str(home), "KHOMO_SIGNING_KEY": ""}
    return CliRunner().invoke(app, arguments, env=environment)


def test_the_command_says_whether_origin_is_proved(
    world: Any, folder: Path, tmp_path: Path
) -> None:
    public = tmp_path / "public.pem"
    done = command(world.home.root, "key", "export", "--out", str(public))
    assert done.exit_code == 0, done.output
    key = signer(world.home).key
    elsewhere = tmp_path / "no home"

    proved = command(elsewhere, "verify", str(folder), "--key", str(public))
    assert proved.exit_code == 0, proved.output
    assert f"signed with {key}, a demo key" in proved.output
    assert "not proved" not in proved.output
    unproved = command(elsewhere, "verify", str(folder))
    assert unproved.exit_code == 0
    assert "Origin is not proved" in unproved.output
    at_home = command(world.home.root, "verify", "--all")
    assert f"signed with {key}" in at_home.output
    no_key = command(elsewhere, "verify", str(folder), "--key", str(folder / "decision.json"))
    assert no_key.exit_code == 2


def test_the_command_rotates_the_key_of_the_home(world: Any, folder: Path) -> None:
    before = signer(world.home).key
    done = command(world.home.root, "key", "rotate")

    assert done.exit_code == 0, done.output
    assert signer(world.home).key != before
    shown = command(world.home.root, "key", "show").output
    assert f"{before}  signed before" in shown
    assert command(world.home.root, "verify", "--all").exit_code == 0
