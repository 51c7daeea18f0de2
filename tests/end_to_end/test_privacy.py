"""No personal value leaves the private stages, whatever is published, logged or shown."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise

import duckdb

from pipelines.quality.personal.scan import scan_texts
from pipelines.settings import Home
from pipelines.synthetic.personal import personal_values
from tests.end_to_end.conftest import Run

WORDS = re.compile(r"[^\W_]+", re.UNICODE)


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


class Search:
    """Finds values in a text by their words, whatever stands between them.

    A code, an address and a sentence are all runs of words; a value of many words is looked for
    only where its first two stand.
    """

    def __init__(self, values: list[str]) -> None:
        runs = {tuple(WORDS.findall(value)) for value in values}
        self.single = {run[0] for run in runs if len(run) == 1}
        self.runs = {run for run in runs if len(run) > 1}
        self.lengths: dict[tuple[str, ...], set[int]] = {}
        for run in self.runs:
            self.lengths.setdefault(run[:2], set()).add(len(run))

    def found(self, text: str) -> set[str]:
        """The values that stand in a text, their words joined by blanks."""
        words = WORDS.findall(text)
        hits = self.single.intersection(words)
        for start, first in enumerate(pairwise(words)):
            for length in self.lengths.get(first, ()):
                run = tuple(words[start : start + length])
                if run in self.runs:
                    hits.add(" ".join(run))
        return hits


def test_no_personal_value_is_outside_the_private_stages(first_run: Run) -> None:
    values = personal_values(first_run.home.samples / "dossiers")
    assert len(values) > 100_000
    search = Search(values)
    places = {name: hits for name, text in texts(first_run.home) if (hits := search.found(text))}
    assert {name: sorted(hits)[:5] for name, hits in places.items()} == {}


def kept_lines(home: Home) -> Iterator[tuple[str, str]]:
    """Every line of what is written about the data: reports, logs, ledgers, events of Dagster."""
    for folder in (home.report, home.catalogue, home.dbt, home.dagster, home.ledger):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if not path.is_file() or path.is_symlink():
                continue
            name = str(path.relative_to(home.root))
            if not path.read_bytes().startswith(b"SQLite format 3"):
                text = path.read_bytes().decode("utf-8", "replace")
                yield from ((name, line) for line in text.splitlines())
                continue
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
                tables = opened.execute("select name from sqlite_master where type = 'table'")
                for (table,) in tables.fetchall():
                    for row in opened.execute(f'select * from "{table}"'):
                        yield from ((name, cell) for cell in row if isinstance(cell, str))


def test_the_detectors_find_nothing_in_logs_reports_and_ledgers(first_run: Run) -> None:
    """Values of people who are in no list too: whatever looks like one would be found."""
    lines = list(kept_lines(first_run.home))
    assert len(lines) > 10_000
    with duckdb.connect() as connection:
        assert scan_texts(connection, [*lines, ("printed", first_run.output)]) == []


def test_the_search_finds_every_value_where_it_stands(first_run: Run) -> None:
    """Codes of both forms, addresses with commas and whole sentences included."""
    folder = first_run.home.samples / "dossiers"
    values = personal_values(folder)
    search = Search(values)
    raw = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.csv")))
    missed = {" ".join(WORDS.findall(value)) for value in values} - search.found(raw)
    assert missed == set()


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
