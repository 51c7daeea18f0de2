"""The content digest follows what a relation says, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import Column, Text
from pipelines.quality.content import canonical_text, relation_digest
from pipelines.quality.readback import csv_header, csv_relation


def column(name: str, kind: str) -> Column:
    text = Text(name, name)
    return Column(name, name, text, text, "string", kind, False, None, "public", {}, (), {}, ())


COLUMNS = (
    column("code", "VARCHAR"),
    column("amount", "DECIMAL(12,2)"),
    column("share", "DOUBLE"),
    column("day", "DATE"),
    column("seen", "TIMESTAMP"),
    column("active", "BOOLEAN"),
    column("n", "BIGINT"),
)
SELECT = """
    select * from (values
        ('00001', 1.50::decimal(12,2), 0.1::double, date '2026-01-02',
         timestamp '2026-01-02 03:04:05.25', true, 7::bigint),
        ('00002', null, 1e22, null, null, false, null),
        ('Đ, "x"' || chr(10) || 'y', -0.05, -3.0, date '1945-09-02',
         timestamp '2000-01-01', null, 0)
    ) as t(code, amount, share, day, seen, active, n)
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(f"create table facts as {SELECT}")
        yield opened


def test_order_of_rows_and_storage_do_not_matter(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "facts.parquet"
    connection.execute(f"copy (select * from facts order by code desc) to '{path}'")
    connection.execute("create table reversed as select n, * exclude (n) from facts")

    expected = relation_digest(connection, "facts", COLUMNS)
    assert relation_digest(connection, f"read_parquet('{path}')", COLUMNS) == expected
    assert relation_digest(connection, "reversed", COLUMNS) == expected


def test_the_csv_read_as_text_says_the_same(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "facts.csv"
    texts = ", ".join(
        f'{canonical_text(item.name, item.type)} as "{item.name}"' for item in COLUMNS
    )
    connection.execute(f"copy (select {texts} from facts) to '{path}' (header, new_line '\\r\\n')")

    found = relation_digest(connection, csv_relation(path, csv_header(path)), COLUMNS, text=True)
    assert found == relation_digest(connection, "facts", COLUMNS)


@pytest.mark.parametrize(
    "change",
    [
        "update facts set code = '1' where code = '00001'",
        "update facts set amount = 1.51 where code = '00001'",
        "update facts set amount = 0 where code = '00002'",
        "update facts set share = 0.1000000001 where code = '00001'",
        "update facts set day = date '2026-01-03' where code = '00001'",
        "update facts set seen = seen + interval 1 microsecond where code = '00001'",
        "update facts set active = false where active is null",
        "delete from facts where code = '00002'",
        "insert into facts select * from facts where code = '00002'",
        "update facts set code = code || ' ' where code = '00001'",
    ],
)
def test_any_change_of_content_shows(connection: duckdb.DuckDBPyConnection, change: str) -> None:
    before = relation_digest(connection, "facts", COLUMNS)
    connection.execute(change)

    assert relation_digest(connection, "facts", COLUMNS) != before


def test_values_cannot_imitate_their_neighbours(connection: duckdb.DuckDBPyConnection) -> None:
    columns = (column("a", "VARCHAR"), column("b", "VARCHAR"))
    pairs = ["'x', 'y'", "'x,1:y', null", "null, 'x,1:y'", "'', 'xy'", "'xy', ''", "'-', null"]

    found = {relation_digest(connection, f"(select {pair}) t(a, b)", columns) for pair in pairs}

    assert len(found) == len(pairs)


def test_a_renamed_or_retyped_column_shows(connection: duckdb.DuckDBPyConnection) -> None:
    one = relation_digest(connection, "(select 1 as a)", (column("a", "INTEGER"),))

    assert relation_digest(connection, "(select 1 as b)", (column("b", "INTEGER"),)) != one
    assert relation_digest(connection, "(select 1 as a)", (column("a", "BIGINT"),)) != one


def test_text_that_is_not_canonical_is_a_difference(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    columns = (column("a", "DECIMAL(5,2)"),)
    expected = relation_digest(connection, "(select 1.5::decimal(5,2) as a)", columns)

    def as_text(text: str) -> str:
        return relation_digest(connection, f"(select '{text}' as a)", columns, text=True)

    assert as_text("1.50") == expected
    assert as_text("1.5") != expected
    assert as_text("01.50") != expected
    assert as_text("1.499999") != expected


def test_a_column_that_is_not_there_is_an_error(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error, match="missing"):
        relation_digest(connection, "facts", (column("missing", "VARCHAR"),))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_double_reads_back_to_the_same_double(value: float) -> None:
    with duckdb.connect() as opened:
        row = opened.execute(
            f"select {canonical_text('x', 'DOUBLE')}::double = x from (select ?::double as x)",
            [value],
        ).fetchone()
    assert row == (True,)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1),
            st.none() | st.integers(-(2**63), 2**63 - 1),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_text_survives_the_csv(
    rows: list[tuple[str | None, int | None]], tmp_path: Path
) -> None:
    columns = (column("note", "VARCHAR"), column("n", "BIGINT"))
    path = tmp_path / "any.csv"
    with duckdb.connect() as opened:
        opened.execute("create table t (note varchar, n bigint)")
        opened.executemany("insert into t values (?, ?)", rows)
        opened.execute(f"copy t to '{path}' (header, new_line '\\r\\n')")
        found = relation_digest(opened, csv_relation(path, csv_header(path)), columns, text=True)
        assert found == relation_digest(opened, "t", columns)
