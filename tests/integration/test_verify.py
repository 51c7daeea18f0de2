"""A release proves itself; anything that was touched is found and named."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.canonical import canonical_json, digest_of, sha256_file
from pipelines.publish.layout import SUMS, find_releases, sums
from pipelines.publish.scorecard import scorecard
from pipelines.publish.verify import verify, verify_release

FILES = [
    "unit-counts.csv",
    "unit-counts.parquet",
    "datapackage.json",
    "decision.json",
    "decision.sig",
    "scorecard.json",
    SUMS,
]


@pytest.fixture
def folder(world: Any) -> Iterator[Path]:
    done = world.publish()
    for path in done.folder.iterdir():
        path.chmod(0o644)
    yield done.folder


def named(problems: Any) -> set[str]:
    return {problem.file for problem in problems}


def test_a_release_verifies_from_anywhere(folder: Path) -> None:
    for path in (folder, folder.parent / "latest", folder.parent, folder.parent.parent):
        assert verify(path) == {folder: []}


def test_a_copy_elsewhere_verifies_without_the_home(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    copy = tmp_path / "downloads" / folder.parent.name / folder.name
    shutil.copytree(folder, copy)
    shutil.rmtree(folder.parents[2])
    monkeypatch.setenv("KHOMO_HOME", str(tmp_path / "no home"))

    assert verify_release(copy) == []


@pytest.mark.parametrize("name", FILES)
def test_flipping_any_byte_is_found_in_the_right_file(folder: Path, name: str) -> None:
    path = folder / name
    right = path.read_bytes()
    # Every position would take minutes; head, tail and a stride that meets every part will do.
    positions = {*range(8), *range(0, len(right), max(1, len(right) // 60)), len(right) - 1}
    for position in sorted(positions):
        for mask in (0x01, 0x20, 0x80):
            changed = bytearray(right)
            changed[position] ^= mask
            path.write_bytes(bytes(changed))
            problems = verify_release(folder)
            assert name in named(problems), (name, position, mask, problems)
            assert named(problems) <= {
                name,
                SUMS,
                "decision.json",
                "decision.sig",
                "scorecard.json",
            }
            if name not in (SUMS, "decision.json", "decision.sig", "scorecard.json"):
                assert named(problems) == {name}
    path.write_bytes(right)
    assert verify_release(folder) == []


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()

    assert named(verify_release(folder)) == {name}


@pytest.mark.parametrize("name", ["README.txt", ".hidden", "copy.csv", "other.parquet"])
def test_an_added_file_is_named(folder: Path, name: str) -> None:
    (folder / name).write_text("x")

    assert name in named(verify_release(folder))


def test_a_file_replaced_by_a_link_is_named(folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved.csv"
    (folder / "unit-counts.csv").rename(moved)
    (folder / "unit-counts.csv").symlink_to(moved)

    assert named(verify_release(folder)) == {"unit-counts.csv"}


def test_another_version_name_is_found(folder: Path) -> None:
    renamed = folder.rename(folder.with_name("2026-11-30" + folder.name[10:]))

    problems = verify_release(renamed)

    assert problems
    assert {"decision.json"} <= named(problems)


def test_a_release_under_another_dataset_is_found(folder: Path) -> None:
    moved = folder.parent.rename(folder.parent.with_name("other-counts"))

    assert verify_release(moved / folder.name)


def _resign(folder: Path) -> None:
    """Make digest, decision, name and sums fit again, as a careful forger without checks would."""
    decision = json.loads((folder / "decision.json").read_bytes())
    names = FILES[:3]
    descriptor = json.loads((folder / "datapackage.json").read_bytes())
    for resource in descriptor["resources"]:
        path = folder / resource["path"]
        resource["bytes"] = path.stat().st_size
        resource["hash"] = f"sha256:{sha256_file(path)}"
    (folder / "datapackage.json").write_bytes(canonical_json(descriptor, indent=2))
    files = {name: sha256_file(folder / name) for name in names}
    old, new = decision["digest"], digest_of(files)
    decision |= {"files": files, "digest": new, "version": f"{folder.name[:10]}-{new[:12]}"}
    for check in decision["checks"]:
        if check["subject"] == old:
            check["subject"] = new
    (folder / "decision.json").write_bytes(canonical_json(decision, indent=2))
    (folder / "scorecard.json").write_bytes(scorecard(decision))
    _resum(folder)
    folder.rename(folder.with_name(decision["version"]))


@pytest.mark.parametrize(
    ("severity", "status", "problems"),
    [
        ("error", "passed", set()),
        ("warning", "failed", set()),
        ("error", "failed", {"decision.json"}),
        ("information", "failed", {"decision.json"}),
    ],
)
def test_a_decision_of_the_first_format_is_verified_by_its_own_words(
    folder: Path, severity: str, status: str, problems: set[str]
) -> None:
    decision = json.loads((folder / "decision.json").read_bytes())
    del decision["format"], decision["information"]
    for check in decision["checks"]:
        check["severity"] = {"blocker": "error"}.get(check["severity"], check["severity"])
    (check,) = (item for item in decision["checks"] if item["check"] == "unique_key")
    check |= {"severity": severity, "status": status}
    (folder / "decision.json").write_bytes(canonical_json(decision, indent=2))
    (folder / "scorecard.json").write_bytes(scorecard(decision))
    _resum(folder)

    assert named(verify_release(folder)) == problems


def _resum(folder: Path) -> None:
    (folder / SUMS).write_bytes(sums({name: sha256_file(folder / name) for name in FILES[:-1]}))


def only(parent: Path) -> Path:
    (found,) = (path for path in parent.iterdir() if not path.is_symlink())
    return found


def test_a_forged_csv_differs_from_the_parquet(folder: Path) -> None:
    parent = folder.parent
    path = folder / "unit-counts.csv"
    path.write_bytes(
        path.read_bytes().replace(b"00007,2026-02-01,counter,21", b"00007,2026-02-01,counter,22")
    )
    _resign(folder)

    assert named(verify_release(only(parent))) == {"unit-counts.csv"}


def test_forging_both_files_does_not_fit_the_decision(folder: Path) -> None:
    import duckdb

    parent = folder.parent
    csv, parquet = folder / "unit-counts.csv", folder / "unit-counts.parquet"
    csv.write_bytes(csv.read_bytes().replace(b"counter,21", b"counter,22"))
    with duckdb.connect() as connection:
        connection.execute(f"create table t as from '{parquet}'")
        connection.execute("update t set received = 22 where unit_code = '00007'")
        connection.execute(f"copy t to '{parquet}'")
    _resign(folder)

    assert named(verify_release(only(parent))) == {"unit-counts.parquet"}


def test_a_small_cell_is_found_even_with_a_fitting_decision(folder: Path) -> None:
    parent = folder.parent
    descriptor = json.loads((folder / "datapackage.json").read_bytes())
    descriptor["khomo"]["disclosure"][0]["threshold"] = 30
    (folder / "datapackage.json").write_bytes(canonical_json(descriptor, indent=2))
    _resign(folder)

    problems = verify_release(only(parent))

    assert named(problems) == {"unit-counts.parquet"}
    assert "small-cell" in problems[0].text.en


def test_wrong_rows_or_types_in_the_descriptor_are_found(folder: Path) -> None:
    parent = folder.parent
    descriptor = json.loads((folder / "datapackage.json").read_bytes())
    descriptor["khomo"]["rows"] = 61
    (folder / "datapackage.json").write_bytes(canonical_json(descriptor, indent=2))
    _resign(folder)

    assert named(verify_release(only(parent))) == {"unit-counts.csv", "unit-counts.parquet"}


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "withhold"},
        {"checks": []},
        {"content": "0" * 64},
        {"reasons": [{"check": "x"}]},
        {"rows": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_decision_is_found(folder: Path, change: dict[str, Any]) -> None:
    decision = json.loads((folder / "decision.json").read_bytes())
    (folder / "decision.json").write_bytes(canonical_json(decision | change, indent=2))
    _resum(folder)

    assert verify_release(folder)


@pytest.mark.parametrize("field", ["status", "subject"])
def test_a_decision_that_rests_on_no_evidence_is_found(folder: Path, field: str) -> None:
    decision = json.loads((folder / "decision.json").read_bytes())
    decision["checks"][0][field] = "failed" if field == "status" else "0" * 64
    (folder / "decision.json").write_bytes(canonical_json(decision, indent=2))
    _resum(folder)

    problems = verify_release(folder)

    assert named(problems) == {"decision.json"}
    assert decision["checks"][0]["check"] in problems[0].text.en


def test_a_decision_that_is_not_canonical_is_found(folder: Path) -> None:
    decision = json.loads((folder / "decision.json").read_bytes())
    (folder / "decision.json").write_text(json.dumps(decision), encoding="utf-8")
    _resum(folder)

    assert named(verify_release(folder)) == {"decision.json"}


@pytest.mark.parametrize("name", ["decision.json", "datapackage.json"])
@pytest.mark.parametrize("text", ["[]", "{}", "null", "not JSON", '{"checks": [1]}'])
def test_a_file_of_another_shape_is_a_problem_not_a_crash(
    folder: Path, name: str, text: str
) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    _resum(folder)

    assert name in named(verify_release(folder))


def test_latest_must_lead_to_a_version(folder: Path) -> None:
    (folder.parent / "latest").unlink()

    found = verify(folder.parent)
    assert named(found[folder.parent]) == {"latest"}


def test_a_stray_entry_beside_the_versions_is_named(folder: Path) -> None:
    (folder.parent / "2026.csv").write_text("x")

    assert named(verify(folder.parent.parent)[folder.parent]) == {"2026.csv"}


def test_a_path_that_holds_no_release(tmp_path: Path) -> None:
    assert find_releases(tmp_path) == []
    assert verify(tmp_path) == {}
    with pytest.raises(FileNotFoundError, match="not a folder"):
        find_releases(tmp_path / "nowhere")


def test_a_flattered_scorecard_is_named_although_the_sums_fit(folder: Path) -> None:
    path = folder / "scorecard.json"
    path.write_bytes(path.read_bytes().replace(b'"khomo:required": 1', b'"khomo:required": 2', 1))
    _resum(folder)

    assert named(verify_release(folder)) == {"scorecard.json"}
