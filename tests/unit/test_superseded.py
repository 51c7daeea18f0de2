"""Of all versions of a record exactly the newest is left, whatever order they arrive in."""

from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import Table, load_sources
from pipelines.ingest.landed import LandedFile, Superseded
from pipelines.ingest.superseded import supersede
from tests.integration.rest_api import GROWS, write_api

ROW = st.tuples(st.sampled_from("abcd"), st.integers(1, 4))  # key, day of the watermark


def landed(folder: Path, number: int, rows: list[tuple[str, int]]) -> LandedFile:
    """The rows of one increment, landed."""
    name = f"dossiers-{number:06}.zip"
    file = LandedFile("dossiers", name, "sha", f"dossiers/{number}.parquet", 0, 0, 0, {})
    values = [f"('{key}', {day}, {row})" for row, (key, day) in enumerate(rows, 1)]
    duckdb.execute(
        f"copy (select k as dossier_code, make_timestamp(2026, 10, d, 0, 0, 0) as updated_at,"
        f" '{name}' as _resource, r::bigint as _row from (values {', '.join(values)}) t (k, d, r))"
        f" to '{folder / file.file}' (format parquet)"
    )
    return file


def newest(increments: list[list[tuple[str, int]]]) -> set[tuple[str, int]]:
    """(resource, row) of the newest version of each record, found the plain way."""
    best: dict[str, tuple[int, int, int]] = {}
    for number, rows in enumerate(increments, 1):
        for row, (key, day) in enumerate(rows, 1):
            best[key] = max(best.get(key, (0, 0, 0)), (day, number, row))
    return {(f"dossiers-{number:06}.zip", row) for _day, number, row in best.values()}


@settings(max_examples=40, deadline=None)
@given(
    increments=st.lists(st.lists(ROW, min_size=1, max_size=6), min_size=1, max_size=4),
    at_once=st.integers(1, 4),
)
def test_exactly_the_newest_version_of_each_record_is_left(
    increments: list[list[tuple[str, int]]],
    at_once: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("landed")
    (folder / "dossiers").mkdir()
    table = _table(folder)
    files: list[LandedFile] = []
    lists: list[Superseded] = []
    for number, rows in enumerate(increments, 1):
        files.append(landed(folder, number, rows))
        if number >= at_once:
            lists = supersede(folder, table, files, lists)
    lists = supersede(folder, table, files, lists)
    gone = duckdb.execute(
        f"select _resource, _row from read_parquet({[str(folder / x.file) for x in lists]})"
    ).fetchall()
    every = {
        (f"dossiers-{number:06}.zip", row)
        for number, rows in enumerate(increments, 1)
        for row in range(1, len(rows) + 1)
    }
    assert len(gone) == len(set(gone)) == sum(item.rows for item in lists)
    assert every - set(gone) == newest(increments)


def _table(folder: Path) -> Table:
    write_api(folder / "sources", "https://lgsp.example.vn/", incremental=GROWS)
    return load_sources(folder / "sources")["lgsp"].tables[0]
