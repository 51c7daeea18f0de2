"""Small-cell rules find every way in which a row says too much."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from pipelines.quality.disclosure import small_cell_violations

RULE: dict[str, Any] = {
    "rule": "small_cells",
    "measures": ["received", "late"],
    "flag": "hidden",
    "names": "hidden_measures",
    "derived": {"late_share": ["late", "received"]},
    "threshold": 5,
}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def violations(connection: duckdb.DuckDBPyConnection, row: str, **changes: Any) -> int:
    relation = f"(select {row}) t(received, late, late_share, hidden, hidden_measures)"
    return small_cell_violations(connection, relation, RULE | changes)


@pytest.mark.parametrize(
    "row",
    [
        "30, 5, 0.1667, false, null",
        "5, 5, 1.0, false, null",
        "30, null, null, true, 'late'",
        "null, null, null, true, 'received;late'",
    ],
)
def test_rows_that_may_be_published(connection: duckdb.DuckDBPyConnection, row: str) -> None:
    assert violations(connection, row) == 0


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("30, 1, 0.0333, false, null", id="late = 1 of 30"),
        pytest.param("4, null, null, true, 'late'", id="a total below the threshold"),
        pytest.param("30, 0, 0.0, false, null", id="zero"),
        pytest.param("30, 5, 0.1667, true, null", id="flag without suppression"),
        pytest.param("30, null, null, false, 'late'", id="suppression without flag"),
        pytest.param("30, null, null, null, 'late'", id="no flag"),
        pytest.param("30, null, 0.0333, true, 'late'", id="a share gives the count away"),
        pytest.param("30, null, null, true, 'received'", id="the wrong name"),
        pytest.param("30, null, null, true, null", id="no name"),
    ],
)
def test_rows_that_say_too_much(connection: duckdb.DuckDBPyConnection, row: str) -> None:
    assert violations(connection, row) == 1


def test_the_threshold_itself_may_be_shown_and_zero_only_where_asked(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert violations(connection, "30, 5, 0.1667, false, null", threshold=6) == 1
    assert violations(connection, "30, 0, 0.0, false, null", zero="visible") == 0
    assert violations(connection, "30, 1, 0.0333, false, null", zero="visible") == 1


def test_a_flag_of_one_measure(connection: duckdb.DuckDBPyConnection) -> None:
    rule = {"measures": ["n"], "flags": {"n": "n_hidden"}, "threshold": 5}

    def count(row: str) -> int:
        return small_cell_violations(connection, f"(select {row}) t(n, n_hidden)", rule)

    assert count("5, false") == 0
    assert count("null::int, true") == 0
    assert count("null::int, false") == 1
    assert count("5, true") == 1


def test_a_rule_that_names_no_measure_is_an_error(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(KeyError):
        small_cell_violations(connection, "(select 1) t(n)", {"threshold": 5})
