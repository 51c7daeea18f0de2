"""What the exporter writes: files any reader understands, the same bytes every time."""

import csv
import json
import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.canonical import canonical_json, digest_of
from pipelines.publish.candidate import (
    Candidate,
    CandidateError,
    candidate_digest,
    data_files,
    read_candidate,
)

MakeWorld = Callable[[Path], Any]


def files(candidate: Candidate) -> dict[str, bytes]:
    return {name: (candidate.folder / name).read_bytes() for name in data_files(candidate.dataset)}


def test_csv_is_rfc_4180_utf8_and_ordered_by_key(world: Any) -> None:
    candidate = world.export()

    data = candidate.csv.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    assert data.count(b"\n") == data.count(b"\r\n") == 61

    with candidate.csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [column.name for column in world.contract.table.columns]
    assert [row["unit_code"] for row in rows] == sorted(row["unit_code"] for row in rows)
    assert rows[1] == {
        "unit_code": "00007",
        "month": "2026-02-01",
        "channel": "counter",
        "received": "21",
        "late": "6",
        "suppressed": "false",
        "score": "0.1429",
        "spread": "1.0",
        "note": 'Xã "Đức, Thọ" 1',
        "seen_at": "2026-10-01T08:31:01",
    }


def test_private_columns_of_the_model_stay_in_the_warehouse(world: Any) -> None:
    candidate = world.export()

    for data in files(candidate).values():
        assert b"private_total" not in data


def test_same_input_gives_the_same_bytes_in_another_home(
    world: Any,
    rows: str,
    make_world: MakeWorld,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = world.export()
    monkeypatch.setenv("KHOMO_THREADS", "1")
    monkeypatch.setenv("KHOMO_NOW", "2027-03-01T00:00:00+07:00")
    other = make_world(tmp_path / "other")
    other.build(f"select * from ({rows}) order by random()")
    second = other.export()

    assert files(first) == files(second)
    assert first.digest == second.digest
    assert first.version == second.version == f"2026-10-31-{first.digest[:12]}"


def test_one_changed_value_gives_another_digest(world: Any) -> None:
    before = world.export()
    world.by_hand("update marts.mart_unit_counts set late = late + 1 where unit_code = '00007'")
    after = world.export()

    assert before.digest != after.digest
    assert before.relation_digest != after.relation_digest


def test_replacing_a_candidate_leaves_nothing_of_the_old_one(world: Any) -> None:
    world.export()
    candidate = world.export()

    assert sorted(path.name for path in world.home.candidates.iterdir()) == sorted(
        [candidate.dataset, candidate.folder.name]
    )
    assert read_candidate(world.home, candidate.dataset) == candidate
    assert candidate_digest(candidate.folder, candidate.dataset) == candidate.digest


def test_a_killed_export_leaves_the_last_candidate_whole(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.export()

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipelines.publish.candidate.describe", killed)
    with pytest.raises(KeyboardInterrupt):
        world.export()

    assert read_candidate(world.home, before.dataset) == before
    assert candidate_digest(before.folder, before.dataset) == before.digest


def test_the_descriptor_says_that_synthetic_data_is_synthetic(world: Any) -> None:
    candidate = world.export()

    described = json.loads(candidate.descriptor.read_bytes())
    assert described["khomo"]["synthetic"] is True
    assert "mô phỏng" in described["description"]
    assert "Synthetic" in described["descriptionEn"]
    with duckdb.connect() as connection:
        facts = dict(
            connection.execute(
                "select decode(key), decode(value) from parquet_kv_metadata(?)",
                [str(candidate.parquet)],
            ).fetchall()
        )
    assert facts["synthetic"] == "true"
    assert "Synthetic" in facts["notice_en"]


def test_descriptor_bytes_and_hashes_are_those_of_the_files(world: Any) -> None:
    candidate = world.export()

    described = json.loads(candidate.descriptor.read_bytes())
    for resource in described["resources"]:
        path = candidate.folder / resource["path"]
        assert resource["bytes"] == path.stat().st_size
        assert resource["hash"] == f"sha256:{candidate.files[path.name]}"
    assert candidate.digest == digest_of(dict(candidate.files))
    assert candidate.descriptor.read_bytes() == canonical_json(described, indent=2)


@pytest.mark.skipif("KHOMO_STANDARDS" not in os.environ, reason="KHOMO_STANDARDS is not set")
def test_descriptor_is_a_data_package_2(world: Any) -> None:
    import jsonschema

    folder = Path(os.environ["KHOMO_STANDARDS"])
    described = json.loads(world.export().descriptor.read_bytes())

    for part, value in [
        ("datapackage", described),
        *(("dataresource", resource) for resource in described["resources"]),
        *(("tableschema", resource["schema"]) for resource in described["resources"]),
    ]:
        schema = json.loads((folder / f"datapackage-2.0-{part}.json").read_bytes())
        assert list(jsonschema.Draft7Validator(schema).iter_errors(value)) == []


def test_frictionless_finds_the_package_valid(world: Any, tmp_path: Path) -> None:
    from frictionless import Package, system

    candidate = world.export()
    described = json.loads(candidate.descriptor.read_bytes())
    for resource in described["resources"]:
        if resource["format"] == "parquet":
            # frictionless counts the bytes it reads of a Parquet, not those of the file.
            del resource["bytes"], resource["hash"]
    copy = tmp_path / "package"
    copy.mkdir()
    for name, data in files(candidate).items():
        (copy / name).write_bytes(data)
    (copy / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")

    with system.use_context(trusted=True):
        report = Package(str(copy / "datapackage.json")).validate()

    by_path = {task.place: task for task in report.tasks}
    assert by_path["unit-counts.csv"].stats["rows"] == 60
    assert not by_path["unit-counts.csv"].errors
    # Its Parquet reader goes through floats, so that a missing integer becomes "nan"; nothing else
    # may be wrong.
    others = [
        error for error in by_path["unit-counts.parquet"].errors if '"nan"' not in error.message
    ]
    assert not others


def test_codes_keep_their_leading_zeros_in_pandas_and_duckdb(world: Any) -> None:
    import pandas

    candidate = world.export()
    typed = pandas.read_parquet(candidate.parquet)
    text = pandas.read_csv(candidate.csv, dtype={"unit_code": "string"})

    assert typed["unit_code"].tolist() == text["unit_code"].tolist()
    assert typed["unit_code"].iloc[0] == "00000"
    assert typed["received"].tolist()[:3] == [20, 21, 22]


def test_a_model_that_is_not_there_is_named(world: Any) -> None:
    world.by_hand("alter table marts.mart_unit_counts rename to other")

    with pytest.raises(CandidateError, match="mart_unit_counts"):
        world.export()


def test_a_type_the_contract_does_not_promise_is_refused(world: Any) -> None:
    world.by_hand("alter table marts.mart_unit_counts alter received type integer")

    with pytest.raises(CandidateError, match=r"unit-counts\.received.*INTEGER.*BIGINT"):
        world.export()


def test_a_column_the_model_lacks_is_named(world: Any, contract_data: dict[str, Any]) -> None:
    changed = deepcopy(contract_data)
    changed["schema"][0]["properties"][8]["name"] = "remark"
    world.write_contract(changed)

    with pytest.raises(CandidateError, match="remark"):
        world.export()


def test_a_dataset_without_an_as_of_date_has_no_version(
    world: Any, source_data: dict[str, Any]
) -> None:
    changed = deepcopy(source_data)
    changed["customProperties"] = [
        item for item in changed["customProperties"] if item["property"] != "asOf"
    ]
    world.write_source(changed)

    with pytest.raises(CandidateError, match="asOf"):
        world.export()


def test_the_latest_day_in_the_data_counts_where_it_is_later_than_what_sources_say(
    world: Any, contract_data: dict[str, Any]
) -> None:
    changed = deepcopy(contract_data)
    changed["customProperties"].append({"property": "asOfColumn", "value": "month"})
    world.write_contract(changed)
    assert world.export().version.startswith("2026-12-01-")

    world.by_hand("update marts.mart_unit_counts set month = date '2026-01-01'")
    assert world.export().version.startswith("2026-10-31-")  # the source's own day is later


def test_what_the_publisher_gives_is_found_where_the_publisher_is(
    world: Any, source_data: dict[str, Any]
) -> None:
    changed = deepcopy(source_data)
    changed["customProperties"] = [
        item for item in changed["customProperties"] if item["property"] != "sources"
    ] + [{"property": "sources", "value": [{"title": "Tệp của tỉnh", "publisher": True}]}]
    world.write_source(changed)

    publisher = world.province.publisher
    described = json.loads((world.export().folder / "datapackage.json").read_bytes())
    assert described["sources"] == [
        {
            "title": f"Tệp của tỉnh: {publisher.name_vi}",
            "path": publisher.contact_path,
            "source": "desk",
            "license": "CC-BY-4.0",
        }
    ]
