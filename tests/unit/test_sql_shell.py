"""The shell of `khomo sql`, without a terminal: statements, dot commands, completion, errors."""

import io
import json
from collections.abc import Iterator

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from pipelines.cli.completion import WarehouseCompleter
from pipelines.cli.results import TABLE_ROWS, Format
from pipelines.cli.shell import Shell, read_statements
from pipelines.cli.statements import split
from pipelines.settings import Home
from tests.small_warehouse import promote_small

CASES = (
    ("select 1; select 2;", ["select 1", "select 2"], ""),
    ("select 1", [], "select 1"),
    ("select ';' ; x", ["select ';'"], " x"),
    ("select 'it''s;' -- ;\n;", ["select 'it''s;' -- ;"], ""),
    ('select ";" /* ; */;', ['select ";" /* ; */'], ""),
    ("select $$;$$, $a$ ; $$ $a$;", ["select $$;$$, $a$ ; $$ $a$"], ""),
    (r"select e'\';';", [r"select e'\';'"], ""),
    ("select 'open ;", [], "select 'open ;"),
    ("/* open ;", [], ""),
    (";;\n-- nothing\n;", [], ""),
)


@pytest.mark.parametrize(("text", "statements", "rest"), CASES)
def test_a_statement_ends_where_sql_says(text: str, statements: list[str], rest: str) -> None:
    assert split(text) == (statements, rest)


@pytest.fixture
def shell(home: Home) -> Iterator[Shell]:
    promote_small(home)
    with Shell(home, Format.csv) as opened:
        yield opened


def said(shell: Shell, text: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    shell.take(text)
    shown = capsys.readouterr()
    return shown.out.replace("\r\n", "\n"), shown.err


def test_statements_are_answered_in_the_chosen_format(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(shell, "select 1 as a; select 'x' as b;", capsys)[0] == "a\n1\nb\nx\n"
    shell.take(".format json")
    assert json.loads(said(shell, "select 1 as a;", capsys)[0]) == [{"a": 1}]
    assert "table, csv, json" in said(shell, ".format xml", capsys)[1]


def test_a_table_is_cut_where_a_person_stops_reading(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.take(".format table")
    shown, hint = said(shell, "from range(1000);", capsys)
    assert shown.count("\n") == TABLE_ROWS + 4
    assert f"only the first {TABLE_ROWS} rows" in hint


def test_tables_are_listed_with_their_descriptions_and_without_private_ones(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shown, _ = said(shell, ".tables", capsys)
    assert "dim_unit" in shown
    assert "Đơn vị" in shown
    assert "fct_dossier" not in shown
    assert "--private" in shown
    assert "dim_unit" not in said(shell, ".tables COUNT", capsys)[0]
    assert "mart_counts" in said(shell, ".tables marts.*counts", capsys)[0]
    assert "no table" in said(shell, ".tables nothing", capsys)[1]


def test_a_table_is_described(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("marts.dim_unit", "dim_unit", '"marts"."dim_unit";'):
        shown, _ = said(shell, f".describe {name}", capsys)
        assert "One row per unit." in shown
        assert "VARCHAR" in shown
        assert "Code of the unit." in shown
    assert "--private" in said(shell, ".describe private.fct_dossier", capsys)[1]


def test_private_tables_are_there_when_asked_for(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    promote_small(home)
    with Shell(home, Format.csv, private=True) as shell:
        assert "fct_dossier" in said(shell, ".tables", capsys)[0]
        assert said(shell, "select count(*) as n from private.fct_dossier;", capsys)[0] == "n\n9\n"


def test_an_error_is_shown_and_the_session_goes_on(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "select [oops;\nfrom private.fct_dossier;\n.nonsense\nselect 1\nas one"
    assert not read_statements(shell, io.StringIO(lines))
    shown = capsys.readouterr()
    assert shown.out.replace("\r\n", "\n") == "one\n1\n"
    for message in ("Parser Error", "--private", "no command .nonsense"):
        assert message in shown.err


def test_quit_leaves_what_follows_alone(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert read_statements(shell, io.StringIO("select 1 as a;\n.quit\nselect 2 as b;\n"))
    assert capsys.readouterr().out.replace("\r\n", "\n") == "a\n1\n"


def test_a_text_that_does_not_end_is_said(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert not read_statements(shell, io.StringIO("select 'open\n"))
    assert "does not end" in capsys.readouterr().err


def test_a_new_build_is_read_as_soon_as_it_is_promoted(
    shell: Shell, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(shell, "select number from marts.build;", capsys)[0] == "number\n1\n"
    promote_small(home, name="next", answer=2)
    shown, hint = said(shell, "select number from marts.build;", capsys)
    assert shown == "number\n2\n"
    assert "a run has finished" in hint


COMPLETIONS = (
    ("sele", {"select"}),
    ("from mar", {"marts", "marts.dim_unit", "marts.mart_counts", "marts.build"}),
    ("from marts.d", {"dim_unit"}),
    ("from private.", set()),
    ("select u.n| from marts.dim_unit as u", {"name"}),
    ("select dim_unit.c| from marts.dim_unit", {"code"}),
    ("select rec| from marts.mart_counts where", {"received", "recursive"}),
    ('select "marts".mart_c', {"mart_counts"}),
    (".des", {".describe"}),
    (".describe marts.m", {"marts.mart_counts"}),
    (".format j", {"json"}),
    ("", set()),
)


@pytest.mark.parametrize(("text", "expected"), COMPLETIONS)
def test_completion_knows_the_warehouse(shell: Shell, text: str, expected: set[str]) -> None:
    before, _, after = text.partition("|")
    document = Document(before + after, len(before))
    found = WarehouseCompleter(shell).get_completions(document, CompleteEvent())
    assert {item.text for item in found} >= expected
    assert not {item.text for item in found if "dossier" in item.text}
    if not expected:
        assert not list(WarehouseCompleter(shell).get_completions(document, CompleteEvent()))
