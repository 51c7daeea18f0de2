"""What a failing dbt test may show of the rows it objects to."""

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.warehouse.failing_rows import LIMIT, failing_rows

MANIFEST = {
    "nodes": {
        "model.mart": {"schema": "marts"},
        "model.fact": {"schema": "private"},
    }
}
ROWS = "select 'k' || i as dossier_key, 'Nguyễn Văn A' as name from range(30) t(i)"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def test_rows_of_a_mart_are_shown_and_at_most_twenty(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    test = {"depends_on": {"nodes": ["model.mart"]}}
    rows = failing_rows(connection, test, MANIFEST, ROWS)
    assert len(rows) == LIMIT
    assert rows[0] == {"dossier_key": "k0", "name": "Nguyễn Văn A"}


@pytest.mark.parametrize("read", [["model.fact"], ["model.mart", "model.fact"], ["source.x"]])
def test_of_private_relations_only_keys_are_shown(
    connection: duckdb.DuckDBPyConnection, read: list[str]
) -> None:
    rows = failing_rows(connection, {"depends_on": {"nodes": read}}, MANIFEST, ROWS)
    assert rows[0] == {"dossier_key": "k0"}


def test_a_query_that_cannot_run_again_shows_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    test = {"depends_on": {"nodes": ["model.mart"]}}
    assert failing_rows(connection, test, MANIFEST, "select * from gone") == ()
