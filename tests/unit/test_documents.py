"""JSON, NDJSON, GeoJSON and Parquet become rows of text without losing a digit or a record."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.ingest.readers import ReadError
from pipelines.settings import Home
from tests.unit.landed_source import LandedSource, column


@pytest.fixture
def documents(tmp_path: Path, home: Home) -> LandedSource:
    source = LandedSource(tmp_path / "sources", home)
    source.declare("json", [column("code", "code"), column("amount", "so.tien", "DECIMAL(30,2)")])
    return source


def test_numbers_keep_the_digits_their_sender_wrote(documents: LandedSource) -> None:
    (documents.samples / "a.json").write_text(
        '[{"code": 1.000080, "so": {"tien": 12345678901234567890.10}},'
        ' {"code": "00004", "so": {"tien": 0.1}}, {"code": 7, "so": {"tien": null}}]'
    )
    assert documents.land().accepted == 3
    assert documents.rows("code, amount::varchar, _row") == [
        ("1.000080", "12345678901234567890.10", 1),
        ("00004", "0.10", 2),
        ("7", None, 3),
    ]


def test_text_that_looks_like_json_with_numbers_stays_as_it_is(documents: LandedSource) -> None:
    text = 'a, 1.50: "2", [3.0] \\ "{4}'
    (documents.samples / "a.json").write_text(json.dumps([{"code": text, "so": {"tien": 5}}]))
    documents.land()
    assert documents.rows("code, amount::varchar") == [(text, "5.00")]


def test_records_are_found_where_the_contract_says(documents: LandedSource) -> None:
    documents.declare("json", json={"records": "data.items"})
    body = {"data": {"items": [{"code": "1", "so": {"tien": 2}}]}, "total": 1}
    (documents.samples / "a.json").write_text("\ufeff" + json.dumps(body), encoding="utf-8")
    documents.land()
    assert documents.rows("code") == [("1",)]


def test_records_that_are_elsewhere_refuse_the_file_and_say_what_it_has(
    documents: LandedSource,
) -> None:
    documents.declare("json", json={"records": "data.items"})
    (documents.samples / "a.json").write_text('{"error": "expired", "result": []}')
    with pytest.raises(ReadError, match=r"a\.json.*nothing at 'data.items'.*error, result"):
        documents.land()


def test_a_document_that_is_one_object_is_one_record(documents: LandedSource) -> None:
    (documents.samples / "a.json").write_text('{"code": "1", "so": {"tien": 2}}')
    assert documents.land().accepted == 1


def test_what_is_no_record_is_quarantined_and_the_rest_lands(documents: LandedSource) -> None:
    (documents.samples / "a.json").write_text(
        '[{"code": "1", "so": {"tien": 1}}, 5, {"code": "2", "code": "3", "so": {"tien": 1}},'
        ' {"code": ["x"], "so": {"tien": 1}}, {"code": "a\\u0000b", "so": {"tien": 1}},'
        ' {"code": "6", "so": {"tien": "nhiều"}}]'
    )
    done = documents.land()
    assert (done.pulled, done.accepted, done.quarantined) == (6, 1, 5)
    assert [
        (row, reasons, json.loads(original).get("error"))
        for row, reasons, original in documents.rows("_row, _reasons, _original", "quarantine")
    ] == [
        (2, ["columns: record"], "not an object"),
        (3, ["columns: record"], "a field occurs twice"),
        (4, ["columns: record"], "code holds a list or an object"),
        (5, ["columns: record"], "a text with a NUL character"),
        (6, ["amount: type"], None),
    ]


def test_lists_and_objects_land_as_the_contract_declares(tmp_path: Path, home: Home) -> None:
    source = LandedSource(tmp_path / "sources", home)
    source.declare("json", [column("tags", "tags", join="; "), column("rest", "rest", json=True)])
    (source.samples / "a.json").write_text(
        '[{"tags": ["a", "b"], "rest": {"x": [1, 2.50]}}, {"tags": "c", "rest": null},'
        ' {"tags": [["d"]], "rest": null}]'
    )
    assert source.land().quarantined == 1
    assert source.rows("tags, rest") == [("a; b", '{"x":[1,2.5]}'), ("c", None)]


def test_fields_the_contract_does_not_know_refuse_the_file(documents: LandedSource) -> None:
    (documents.samples / "a.json").write_text(
        '[{"code": "1", "so": {"tien": 1}}, {"code": "1", "so": {"tien": 1}, "moi": 2}]'
    )
    with pytest.raises(ReadError, match="does not know: moi"):
        documents.land()


def test_a_document_cut_short_is_refused(documents: LandedSource) -> None:
    (documents.samples / "a.json").write_text('[{"code": "1", "so": {"tien": 1}}, {"co')
    with pytest.raises(ReadError, match=r"a\.json: not readable as JSON"):
        documents.land()


def test_no_record_at_all_is_no_row(documents: LandedSource) -> None:
    (documents.samples / "a.json").write_text("[]")
    assert documents.land().pulled == 0


def test_a_line_that_is_not_json_is_quarantined_with_its_number(tmp_path: Path, home: Home) -> None:
    source = LandedSource(tmp_path / "sources", home)
    source.declare("ndjson", [column("code", "code"), column("n", "n", "INTEGER")])
    (source.samples / "a.ndjson").write_text(
        '{"code": "00001", "n": 1}\n{"code": "0000\n{"code": 00003, "n": 3}\n'
        '{"code": "Đắk, Lắk; \\"x\\"", "n": 4}\r\n'
    )
    done = source.land()
    assert (done.pulled, done.accepted, done.quarantined) == (4, 2, 2)
    assert source.rows("code, n, _row") == [("00001", 1, 1), ('Đắk, Lắk; "x"', 4, 4)]
    assert source.rows("_row", "quarantine") == [(2,), (3,)]


@pytest.fixture
def tiles(tmp_path: Path, home: Home) -> LandedSource:
    source = LandedSource(tmp_path / "sources", home)
    source.declare(
        "geojson",
        [
            column("quadkey", "quadkey"),
            column("tests", "tests", "INTEGER"),
            column("geometry", "@geometry"),
        ],
    )
    return source


def features(**extra: Any) -> str:
    point = {"type": "Point", "coordinates": [105.5, 18.25]}
    properties = {"quadkey": "0132", "tests": 14}
    feature = {"type": "Feature", "properties": properties, "geometry": point}
    return json.dumps({"type": "FeatureCollection", "features": [feature], **extra})


def test_features_land_with_their_geometry_as_text(tiles: LandedSource) -> None:
    (tiles.samples / "a.geojson").write_text(features())
    tiles.land()
    [(quadkey, tests, geometry)] = tiles.rows("quadkey, tests, geometry")
    assert (quadkey, tests) == ("0132", 14)
    assert json.loads(geometry) == {"type": "Point", "coordinates": [105.5, 18.25]}


def test_coordinates_in_another_system_are_refused(tiles: LandedSource) -> None:
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::9210"}}
    (tiles.samples / "a.geojson").write_text(features(crs=system))
    with pytest.raises(ReadError, match="9210, not in WGS 84"):
        tiles.land()


@pytest.fixture
def columnar(tmp_path: Path, home: Home) -> LandedSource:
    source = LandedSource(tmp_path / "sources", home)
    source.declare(
        "parquet",
        [
            column("code", "code"),
            column("amount", "amount", "DECIMAL(38,4)"),
            column("day", "day", "DATE"),
            column("at", "at", "TIMESTAMP"),
        ],
    )
    return source


def test_parquet_values_land_exactly(columnar: LandedSource) -> None:
    target = columnar.samples / "a.parquet"
    duckdb.sql(
        "select '00004' as code, 1234567890123456789012345678.1234::decimal(38,4) as amount,"
        " date '2024-02-29' as day, timestamp '2024-02-29 23:59:59' as at"
    ).write_parquet(str(target))
    columnar.land()
    assert columnar.rows('code, amount::varchar, day::varchar, "at"::varchar, _row') == [
        ("00004", "1234567890123456789012345678.1234", "2024-02-29", "2024-02-29 23:59:59", 1)
    ]


def test_a_parquet_file_that_is_cut_short_is_refused(columnar: LandedSource) -> None:
    target = columnar.samples / "a.parquet"
    duckdb.sql("select 'x' as code, 1 as amount, current_date as day, now() as at").write_parquet(
        str(target)
    )
    target.write_bytes(target.read_bytes()[:-20])
    with pytest.raises(ReadError, match=r"a\.parquet: not a readable Parquet file"):
        columnar.land()


def test_binary_and_nested_parquet_columns_are_refused(columnar: LandedSource) -> None:
    duckdb.sql(
        "select [1, 2] as code, 1 as amount, current_date as day, now() as at"
    ).write_parquet(str(columnar.samples / "a.parquet"))
    with pytest.raises(ReadError, match="column 'code' is INTEGER\\[\\], which is no plain value"):
        columnar.land()
