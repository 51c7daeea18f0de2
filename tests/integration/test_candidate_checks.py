"""Each check finds what it is there for, in the candidate's own bytes."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.contracts.drift import KINDS
from pipelines.contracts.vocabulary import Severity
from pipelines.ingest.pseudonym import keyed_hash_sql
from pipelines.publish import export
from pipelines.quality import run
from pipelines.quality.ge_engine import Validation
from pipelines.quality.messages import from_two_lines


def failing(results: dict[str, Any]) -> set[str]:
    """What objects; that too little was published before to see drift is no objection."""
    return {
        name
        for name, result in results.items()
        if result.status == "failed" and result.severity != Severity.INFORMATION
    }


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take expectations as met, where a test is about another engine's rules."""

    def met(_connection: Any, _view: str, wanted: Any, **_: Any) -> dict[str, Validation]:
        return {name: Validation(True, None, None, (), None) for name, _kind, _arguments in wanted}

    monkeypatch.setattr(run, "validate", met)


def test_a_good_candidate_passes_every_check(world: Any) -> None:
    results = world.check(world.export())

    not_passed = {name for name, result in results.items() if not result.passed}
    assert not_passed == {f"drift_{kind}" for kind in KINDS}  # nothing was published before
    assert {result.engine for result in results.values()} == {"great_expectations", "khomo", "sql"}
    assert {result.subject for result in results.values()} == {world.export().digest}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("unit_code = '7' where unit_code = '00007'", {"pattern.unit_code"}),
        (
            "unit_code = '000077' where unit_code = '00007'",
            {"pattern.unit_code", "length.unit_code"},
        ),
        ("channel = 'pigeon' where unit_code = '00007'", {"values.channel"}),
        ("seen_at = null where unit_code = '00007'", {"not_null.seen_at"}),
        ("score = 100.5 where unit_code = '00007'", {"range.score"}),
        ("received = 2, late = 0 where unit_code = '00007'", {"rule.small_cells"}),
        ("suppressed = true where unit_code = '00007'", {"rule.small_cells"}),
        ("late = 1 + received where unit_code = '00007'", {"rule.late_within_received"}),
        (
            "received = null, late = null, suppressed = true where unit_code > '00150'",
            {"rule.visible_share"},
        ),
    ],
)
def test_a_bad_value_is_found_by_the_check_for_it(
    world: Any, rows: str, change: str, expected: set[str]
) -> None:
    """The build itself holds the bad value: only the rules of the contract can tell."""
    values, _, where = change.partition(" where ")
    casts = {"received": "::bigint", "late": "::bigint", "score": "::decimal(9, 4)"}
    replaced = ", ".join(
        f"(case when {where} then {value} else {name} end){casts.get(name, '')} as {name}"
        for name, _, value in (part.strip().partition(" = ") for part in values.split(","))
    )
    world.build(f"select * replace ({replaced}) from ({rows})", build_id="build-2")

    results = world.check(world.export(build_id="build-2"))

    assert failing(results) == expected
    assert not any(result.status == "error" for result in results.values())


def test_failing_rows_come_with_their_key(world: Any, rows: str) -> None:
    world.build(f"select * replace ('x' as channel) from ({rows})", build_id="build-2")

    result = world.check(world.export(build_id="build-2"))["values.channel"]

    assert result.failing_rows == 60
    assert len(result.sample) == 20
    assert result.sample[0].keys() == {"unit_code", "month", "channel"}
    text = from_two_lines(result.message)
    assert "60" in text.vi
    assert "60" in text.en
    assert text.vi != text.en


@pytest.mark.usefixtures("quick")
def test_a_small_cell_is_reported_without_its_value(world: Any, rows: str) -> None:
    world.build(
        "select * replace ((case unit_code when '00007' then 3 else late end)::bigint as late)"
        f" from ({rows})",
        build_id="build-2",
    )

    result = world.check(world.export(build_id="build-2"))["rule.small_cells"]

    assert result.status == "failed"
    assert result.sample == ({"unit_code": "00007", "month": "2026-02-01"},)


def test_a_repeated_key_is_found(world: Any, rows: str) -> None:
    world.build(
        f"select * from ({rows}) union all select * replace ('post' as channel) from ({rows})"
        " where unit_code = '00007'",
        build_id="build-2",
    )

    assert failing(world.check(world.export(build_id="build-2"))) == {"unique_key"}


def test_an_empty_dataset_is_found(world: Any, rows: str) -> None:
    world.build(f"select * from ({rows}) where false", build_id="build-2")

    assert "rule.not_empty" in failing(world.check(world.export(build_id="build-2")))


def _altered(change: str) -> str:
    return f"(select * replace ({change}) from {{relation}})"


@pytest.mark.parametrize(
    ("writer", "change", "expected"),
    [
        ("write_csv", "late + 1 as late", {"readback_csv"}),
        ("write_parquet", "(late + 1)::bigint as late", {"readback_parquet"}),
        ("write_csv", "coalesce(note, '') as note", set()),
        ("write_parquet", "coalesce(note, '') as note", {"readback_parquet"}),
        (
            "write_csv",
            "ltrim(unit_code, '0') as unit_code",
            {"readback_csv", "pattern.unit_code", "not_null.unit_code"},
        ),
        ("write_parquet", "late::integer as late", {"column_types"}),
    ],
)
def test_a_faulty_exporter_is_found_by_reading_back(
    world: Any, monkeypatch: pytest.MonkeyPatch, writer: str, change: str, expected: set[str]
) -> None:
    """An empty field and an empty text are the same in CSV, so that only Parquet can differ."""
    right: Callable[..., None] = getattr(export, writer)

    def faulty(connection: Any, relation: str, *rest: Any) -> None:
        right(connection, _altered(change).format(relation=relation), *rest)

    monkeypatch.setattr(export, writer, faulty)

    results = world.check(world.export())

    assert failing(results) >= expected
    assert failing(results) - expected <= {"unique_key"}


def test_one_extra_private_column_in_a_file_is_found(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaking(connection: Any, relation: str, _contract: Any, path: Any, *_: Any) -> None:
        connection.execute(f"copy (select * from {relation} order by unit_code) to '{path}'")

    monkeypatch.setattr(export, "write_parquet", leaking)

    found = world.check(world.export())["columns_listed"]

    assert found.status == "failed"
    assert "private_total" in (found.observed or "")


@pytest.mark.usefixtures("quick")
def test_the_message_tells_a_changed_warehouse_from_a_faulty_export(world: Any) -> None:
    world.by_hand("update marts.mart_unit_counts set late = late + 1 where unit_code = '00007'")

    results = world.check(world.export())

    assert failing(results) == {"readback_csv", "readback_parquet"}
    assert "changed after the build" in results["readback_csv"].message


@pytest.mark.usefixtures("quick")
def test_files_that_disagree_are_shown_row_by_row(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = export.write_csv

    def faulty(connection: Any, relation: str, *rest: Any) -> None:
        changed = "case unit_code when '00007' then 99 else late end as late"
        right(connection, _altered(changed).format(relation=relation), *rest)

    monkeypatch.setattr(export, "write_csv", faulty)
    sample = world.check(world.export())["readback_csv"].sample

    assert [(row["file"], row["unit_code"], row["late"]) for row in sample] == [
        ("csv", "00007", "99"),
        ("parquet", "00007", "6"),
    ]


def _without(data: dict[str, Any], name: str) -> dict[str, Any]:
    changed = deepcopy(data)
    changed["customProperties"] = [
        item for item in changed["customProperties"] if item["property"] != name
    ]
    return changed


@pytest.mark.usefixtures("quick")
def test_missing_metadata_is_named(world: Any, contract_data: dict[str, Any]) -> None:
    changed = _without(contract_data, "titleEn")
    changed["schema"][0]["properties"][3]["description"] = ""
    changed["team"] = {"name": ""}
    world.write_contract(changed)

    found = world.check(world.export())["metadata_complete"]

    assert found.status == "failed"
    assert {item["missing"] for item in found.sample} == {
        "titleEn",
        "owner",
        "unit-counts.received.description",
        "unit-counts-parquet.received.description",
    }


@pytest.mark.usefixtures("quick")
def test_synthetic_input_cannot_be_published_as_real(
    world: Any, contract_data: dict[str, Any]
) -> None:
    world.write_contract(_without(contract_data, "synthetic"))

    assert failing(world.check(world.export())) == {"synthetic_marked"}


@pytest.mark.usefixtures("quick")
def test_a_file_that_lost_its_synthetic_mark_is_found(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_metadata", lambda contract, _synthetic: {"dataset": "x"})

    found = world.check(world.export())["synthetic_marked"]

    assert found.status == "failed"
    assert "parquet" in found.message


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("said", "status"), [("synthetic", "passed"), ("real", "failed")])
def test_a_column_for_the_origin_must_tell_the_truth(
    world: Any, rows: str, contract_data: dict[str, Any], said: str, status: str
) -> None:
    changed = deepcopy(contract_data)
    origin = deepcopy(changed["schema"][0]["properties"][8])
    changed["schema"][0]["properties"].append({**origin, "name": "data_origin"})
    world.write_contract(changed)
    world.build(f"select *, '{said}' as data_origin from ({rows})", build_id="build-2")

    results = world.check(world.export(build_id="build-2"))

    assert results["synthetic_marked"].status == status


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("personal", ["classification", "pseudonymise"])
def test_a_personal_column_cannot_be_listed(
    world: Any, source_data: dict[str, Any], personal: str
) -> None:
    changed = deepcopy(source_data)
    property_ = changed["schema"][0]["properties"][1]
    property_["name"] = "note"
    if personal == "pseudonymise":
        property_["classification"] = "internal"
        property_["customProperties"].append({"property": "pseudonymise", "value": True})
    world.write_source(changed)

    found = world.check(world.export())["no_personal_columns"]

    assert found.status == "failed"
    assert "note" in found.message


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("CC-BY-4.0", "passed"),
        ("CC0-1.0", "passed"),
        ("MIT", "passed"),
        ("CC-BY-NC-SA-4.0", "failed"),
        ("CC-BY-SA-4.0", "failed"),
        ("ODbL-1.0", "failed"),
        ("CC-BY-ND-4.0", "failed"),
        ("", "failed"),
    ],
)
def test_a_source_licence_must_allow_the_published_one(
    world: Any, source_data: dict[str, Any], name: str, status: str
) -> None:
    changed = _without(source_data, "license")
    changed["customProperties"].append({"property": "license", "value": {"name": name}})
    world.write_source(changed)

    assert world.check(world.export())["licence_compatible"].status == status


@pytest.mark.usefixtures("quick")
def test_rows_that_vanish_on_landing_are_found(world: Any) -> None:
    world.land(pulled=60, accepted=57, quarantined=2)

    found = world.check(world.export())["sources_accounted"]

    assert found.status == "failed"
    assert found.sample[0]["accepted_rows"] == 57


@pytest.mark.usefixtures("quick")
def test_an_input_without_a_landing_is_found(world: Any, source_data: dict[str, Any]) -> None:
    with world.ledger.connect() as connection:
        connection.execute("delete from landings")

    assert failing(world.check(world.export())) == {"sources_accounted"}


@pytest.mark.usefixtures("quick")
def test_a_rule_that_cannot_be_evaluated_is_an_error_not_a_pass(
    world: Any, contract_data: dict[str, Any]
) -> None:
    changed = deepcopy(contract_data)
    changed["schema"][0]["quality"] += [
        {"name": "odd", "type": "custom", "engine": "khomo", "implementation": {"rule": "magic"}},
        {"name": "unknown", "type": "library", "metric": "missingValues", "mustBe": 0},
        {"name": "broken", "type": "sql", "query": "select nothing from {object}", "mustBe": 0},
        {"name": "no_bound", "type": "sql", "query": "select count(*) from {object}"},
    ]
    world.write_contract(changed)

    results = world.check(world.export())

    errors = {name for name, result in results.items() if result.status == "error"}
    assert errors == {"rule.odd", "rule.unknown", "rule.broken", "rule.no_bound"}


def test_a_damaged_file_makes_every_check_an_error(world: Any) -> None:
    candidate = world.export()
    candidate.parquet.write_bytes(b"PAR1 no more")

    results = world.check(candidate)

    assert {result.status for result in results.values()} == {"error"}


@pytest.mark.usefixtures("quick")
def test_an_error_quotes_no_value(world: Any, contract_data: dict[str, Any]) -> None:
    changed = deepcopy(contract_data)
    changed["schema"][0]["quality"].append(
        {"name": "cast", "type": "sql", "query": "select sum(note::int) from {object}", "mustBe": 0}
    )
    world.write_contract(changed)

    result = world.check(world.export())["rule.cast"]

    assert result.status == "error"
    assert "Thọ" not in result.message


def test_results_are_kept_with_the_digest_they_are_about(world: Any) -> None:
    candidate = world.export()
    results = world.check(candidate)

    kept = world.ledger.checks(candidate.dataset, candidate.digest)
    assert {name: result.status for name, result in kept.items()} == {
        name: result.status for name, result in results.items()
    }


def test_validation_writes_nothing_outside_the_home(
    world: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("HOME", str(elsewhere))

    world.check(world.export())

    assert list(elsewhere.iterdir()) == []


def test_great_expectations_reads_duckdb_in_place(tmp_path: Any) -> None:
    """The result is frozen while its connection is open, and regular expressions match whole."""
    from pipelines.quality.ge_engine import validate

    with duckdb.connect() as connection:
        connection.execute("create view v as select range as n, range::varchar as t from range(50)")
        found = validate(
            connection.cursor,
            "v",
            [
                ("whole", "expect_column_values_to_match_regex", {"column": "t", "regex": "[0-9]"}),
                ("absent", "expect_column_values_to_not_be_null", {"column": "gone"}),
                ("fine", "expect_column_values_to_be_unique", {"column": "n"}),
            ],
            key=["n"],
            sample=5,
        )

    assert (found["whole"].passed, found["whole"].unexpected) == (False, 40)
    assert [row["n"] for row in found["whole"].sample] == [10, 11, 12, 13, 14]
    assert found["absent"].error is not None
    assert found["fine"].passed


@pytest.mark.usefixtures("quick")
def test_a_source_that_the_contract_hides_is_found_by_lineage_and_its_licence_holds(
    world: Any, source_data: dict[str, Any]
) -> None:
    """A dataset under CC-BY whose model also reads non-commercial tiles, without saying so."""
    tiles = _without(source_data, "license")
    tiles |= {"name": "tiles", "id": "khomo-source-tiles"}
    tiles["customProperties"].append({"property": "license", "value": {"name": "CC-BY-NC-SA-4.0"}})
    path = world.folder / "sources" / "tiles" / "contract.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(tiles, allow_unicode=True), encoding="utf-8")

    honest = world.check(world.export(), lineage={"desk"})
    assert honest["sources_declared"].status == honest["licence_compatible"].status == "passed"

    found = world.check(world.export(), lineage={"desk", "tiles"})
    assert found["sources_declared"].status == "failed"
    assert "tiles" in found["sources_declared"].message
    assert found["licence_compatible"].status == "failed"


@pytest.mark.usefixtures("quick")
def test_a_personal_value_in_free_text_is_found_and_not_repeated(world: Any, rows: str) -> None:
    world.build(
        "select * replace (case unit_code when '00007' then 'Gọi ông An 0912.345.678 nhé' else note"
        f" end as note) from ({rows})",
        build_id="build-2",
    )

    results = world.check(world.export(build_id="build-2"))

    assert failing(results) == {"no_personal_values"}
    found = results["no_personal_values"]
    assert found.sample == (
        {
            "column": "note",
            "kind": "phone",
            "shape": "9999.999.999",
            "unit_code": "00007",
            "month": "2026-02-01",
        },
    )
    assert not any("0912" in repr(result) for result in results.values())


@pytest.mark.usefixtures("quick")
def test_a_personal_value_in_the_descriptor_is_found(world: Any) -> None:
    candidate = world.export()
    text = candidate.descriptor.read_text(encoding="utf-8")
    candidate.descriptor.write_text(
        text.replace('"A note"', '"Ask an.nguyen@hopthu.vn"'), encoding="utf-8"
    )

    found = world.check(candidate)["no_personal_values"]

    assert found.status == "failed"
    assert [item["kind"] for item in found.sample] == ["email"]
    assert "notes" in found.sample[0]["place"]
    assert "hopthu" not in repr(found)


@pytest.mark.usefixtures("quick")
def test_a_keyed_hash_is_found_whatever_its_column_is_called(world: Any, rows: str) -> None:
    hashed = keyed_hash_sql("unit_code").replace("getvariable('khomo_secret')", "'secret'::blob")
    world.build(
        f"select * replace ({hashed} as note) from ({rows})",
        build_id="build-2",
    )

    found = world.check(world.export(build_id="build-2"))["no_personal_columns"]

    assert found.status == "failed"
    assert [item["column"] for item in found.sample] == ["note"]
