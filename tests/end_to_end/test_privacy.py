"""No personal value leaves the private stages, whatever is published, logged or shown."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines.settings import Home
from pipelines.synthetic.personal import personal_values
from tests.end_to_end.conftest import Run

WORDS = re.compile(r"[^\W_]+", re.UNICODE)
TOKENS = re.compile(r"[\w.+-]+@[\w.-]+|[A-Z]\d{2}[\d.]*-\d{6}-\d{4,5}|\d{9,12}")


def texts(home: Home) -> Iterator[tuple[str, str]]:
    """Everything readable outside the stages that are allowed to hold personal values."""
    allowed = {home.raw, home.samples, home.quarantine}
    for path in sorted(home.root.rglob("*")):
        if not path.is_file() or path.is_symlink() or allowed & set(path.parents):
            continue
        name = str(path.relative_to(home.root))
        if path.suffix == ".parquet":
            yield name, _relation(f"read_parquet('{path}')", duckdb.connect())
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for schema, table in connection.execute(
                    "select schema_name, table_name from duckdb_tables()"
                ).fetchall():
                    yield f"{name}:{table}", _relation(f'"{schema}"."{table}"', connection)
        else:
            yield name, path.read_bytes().decode("utf-8", "replace")


def _relation(relation: str, connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute(
        f"select string_agg(t::varchar, chr(10)) from (select distinct t from {relation} t)"
    ).fetchone()
    return str(row[0]) if row else ""


def phrases(text: str, lengths: set[int]) -> Iterator[str]:
    """Every run of so many words in a text, single-spaced."""
    for line in text.splitlines():
        words = WORDS.findall(line)
        for length in lengths:
            for start in range(len(words) - length + 1):
                yield " ".join(words[start : start + length])


def found(text: str, values: set[str], lengths: set[int]) -> set[str]:
    exact = values.intersection(TOKENS.findall(text))
    return exact | values.intersection(phrases(text, lengths))


def test_no_personal_value_is_outside_the_private_stages(first_run: Run) -> None:
    values = set(personal_values(first_run.home.samples / "dossiers"))
    assert len(values) > 100_000
    named = {value for value in values if WORDS.fullmatch(value.replace(" ", ""))}
    lengths = {len(value.split()) for value in named if " " in value and len(value.split()) <= 6}
    places = {
        name: hits for name, text in texts(first_run.home) if (hits := found(text, values, lengths))
    }
    assert places == {}


def test_the_search_would_find_a_value_if_there_were_one(first_run: Run, tmp_path: Path) -> None:
    values = set(personal_values(first_run.home.samples / "dossiers"))
    raw = next(path for path in sorted((first_run.home.samples / "dossiers").glob("*.csv")))
    hits = found(raw.read_text(encoding="utf-8"), values, {2, 3, 4})
    assert len(hits) > 1000


def test_the_warehouse_holds_no_column_that_identifies_a_person(first_run: Run) -> None:
    with duckdb.connect(str(first_run.home.promoted.resolve()), read_only=True) as connection:
        columns = {
            name
            for (name,) in connection.execute(
                "select column_name from duckdb_columns() where table_name = 'fct_dossier'"
            ).fetchall()
        }
    assert "dossier_key" in columns
    assert not {name for name in columns if name.startswith("applicant_n") or "phone" in name}
    assert not columns & {"dossier_code", "applicant_email", "applicant_address", "remark"}
