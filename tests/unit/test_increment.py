"""When a build may begin with a copy of the last one, and what it then has to look at again."""

import copy
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.settings import Home
from pipelines.warehouse.increment import Start, start

INPUTS: dict[str, Any] = {
    "landed": {"dossiers": "1", "events": "1", "units": "1"},
    "raw": {"dossiers": ["a"]},
    "dbt_project": "project",
    "published": {"counts": "contract"},
    "province": {"KHOMO_PROVINCE_CODE": "01"},
    "engines": {"duckdb": "1.5.5"},
}
LANDED: dict[str, Any] = {
    "dossiers": {
        "contract": "c",
        "files": [["dossier", f"2025-{month:02}.csv", f"dossier/{month}"] for month in range(1, 7)],
        "superseded": [],
    },
    "events": {
        "contract": "c",
        "files": [["event", f"e-{month:02}.csv", f"event/{month}"] for month in range(1, 7)],
        "superseded": [],
    },
    "units": {"contract": "c", "files": [["unit", "units.csv", "unit/1"]], "superseded": []},
}


def _model(follows: list[str] | None) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": "fct" if follows else "mart",
        "config": {
            "materialized": "incremental" if follows else "table",
            "meta": {"follows": follows} if follows else {},
        },
    }


# A fact made of dossiers and units, its own state of dossiers and events, and a mart of all.
MANIFEST: dict[str, Any] = {
    "nodes": {
        "model.fct": _model(["dossier"]),
        "model.state": _model(["dossier", "event"]),
        "model.mart": _model(None),
    },
    "sources": {f"source.{name}": {"name": name} for name in ("dossier", "event", "unit", "other")},
    "parent_map": {
        "model.fct": ["source.dossier", "source.unit"],
        "model.state": ["model.fct", "source.event"],
        "model.mart": ["model.state", "source.other"],
    },
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "last.duckdb"
    path.write_bytes(b"the last build")
    return path


def begin(
    home: Home,
    file: Path,
    landed: dict[str, Any],
    *,
    inputs: dict[str, Any] = INPUTS,
    was: dict[str, Any] = LANDED,
) -> Start:
    last = {"inputs": json.dumps(INPUTS), "landed_files": json.dumps(was)}
    return start(home, last, file, inputs, landed, MANIFEST)


@pytest.fixture
def landed() -> dict[str, Any]:
    return copy.deepcopy(LANDED)


def test_new_changed_and_removed_files_are_looked_at(
    home: Home, file: Path, landed: dict[str, Any]
) -> None:
    landed["dossiers"]["files"][2][2] = "dossier/3, changed"
    del landed["dossiers"]["files"][0]
    landed["events"]["files"].append(["event", "e-07.csv", "event/7"])
    other = {**INPUTS, "landed": {"dossiers": "2"}, "raw": {}, "corrections": {"dossiers": []}}
    found = begin(home, file, landed, inputs=other)
    assert found.copied == file
    assert found.changed == (
        ("dossier", "2025-01.csv"),
        ("dossier", "2025-03.csv"),
        ("event", "e-07.csv"),
    )
    assert "3 file(s)" in found.why


def test_the_copy_holds_what_the_last_build_held(
    home: Home, file: Path, landed: dict[str, Any], tmp_path: Path
) -> None:
    landed["dossiers"]["files"].append(["dossier", "2025-07.csv", "dossier/7"])
    database = tmp_path / "building.duckdb"
    begin(home, file, landed).make(database)
    assert database.read_bytes() == b"the last build"
    Start(None, (), "").make(tmp_path / "nothing.duckdb")
    assert not (tmp_path / "nothing.duckdb").exists()


@pytest.mark.parametrize("what", ["dbt_project", "published", "province", "engines", "new input"])
def test_another_input_means_a_build_from_nothing(
    home: Home, file: Path, landed: dict[str, Any], what: str
) -> None:
    found = begin(home, file, landed, inputs={**INPUTS, what: "changed"})
    assert (found.copied, found.changed) == (None, ())
    assert what in found.why


def test_a_file_that_an_incremental_model_does_not_follow_means_a_build_from_nothing(
    home: Home, file: Path, landed: dict[str, Any]
) -> None:
    landed["units"]["files"][0][2] = "unit/2"
    found = begin(home, file, landed)
    assert found.copied is None
    assert "unit changed, which fct does not follow" in found.why


def test_a_file_that_only_tables_are_made_from_does_not(
    home: Home, file: Path, landed: dict[str, Any]
) -> None:
    was = {**LANDED, "others": {"contract": "c", "files": [], "superseded": []}}
    landed["others"] = {
        "contract": "c",
        "files": [["other", "other.csv", "other/1"]],
        "superseded": [],
    }
    assert begin(home, file, landed, was=was).changed == (("other", "other.csv"),)


def test_most_files_changed_means_a_build_from_nothing(
    home: Home, file: Path, landed: dict[str, Any]
) -> None:
    for number in range(3):
        landed["dossiers"]["files"][number][2] += ", changed"
    assert begin(home, file, landed).copied == file
    landed["dossiers"]["files"][3][2] += ", changed"
    assert "most files of dossier" in begin(home, file, landed).why


def test_another_contract_or_source_means_a_build_from_nothing(
    home: Home, file: Path, landed: dict[str, Any]
) -> None:
    landed["events"]["contract"] = "d"
    assert "contract of events" in begin(home, file, landed).why
    assert "other sources" in begin(home, file, {"dossiers": LANDED["dossiers"]}).why


def test_rows_that_stopped_counting_change_the_files_they_are_in(
    home: Home, file: Path, landed: dict[str, Any]
) -> None:
    listed = home.landed / "events" / "superseded.parquet"
    listed.parent.mkdir(parents=True)
    rows = "(values ('e-02.csv', 7), ('e-02.csv', 9)) as t (_resource, _row)"
    duckdb.sql(f"copy (from {rows}) to '{listed}'")
    landed["events"]["superseded"].append(["event", "superseded.parquet"])
    assert begin(home, file, landed).changed == (("event", "e-02.csv"),)
    assert "count again" in begin(home, file, copy.deepcopy(LANDED), was=landed).why


def test_without_a_last_build_that_is_understood_a_build_begins_with_nothing(
    home: Home, file: Path, landed: dict[str, Any]
) -> None:
    assert start(home, None, None, INPUTS, landed, MANIFEST).copied is None
    last = {"inputs": json.dumps(INPUTS), "landed_files": "a digest, as older ledgers have it"}
    assert "does not say" in start(home, last, file, INPUTS, landed, MANIFEST).why
