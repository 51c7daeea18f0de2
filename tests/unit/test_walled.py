"""What `khomo sql` lets through: queries, and single rows only where they were asked for."""

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.ledger import Ledger
from pipelines.settings import Home
from pipelines.warehouse.promotion import promoted_file
from pipelines.warehouse.walled import Refused, Walled, open_walled
from tests.small_warehouse import promote_small

READS_PRIVATE = (
    "select count(*) from private.fct_dossier",
    'select 1 from "private"."fct_dossier"',
    'from warehouse."PRIVATE" . FCT_DOSSIER',
    "with a as (from private.fct_dossier) select count(*) from a",
    "with a as (with b as (from private.fct_dossier) from b) from a",
    "select (select count(*) from private.fct_dossier)",
    "from marts.dim_unit where exists (from private.fct_dossier)",
    "from marts.dim_unit as u, lateral (select u.code from private.fct_dossier)",
    "select code from marts.dim_unit union all from private.fct_dossier",
    "from marts.dim_unit semi join private.fct_dossier on code = dossier_key",
    "from (table private.fct_dossier)",
    "summarize private.fct_dossier",
    "from summary((from private.fct_dossier))",
    "explain analyze from private.fct_dossier",
    "explain (format json) from private.fct_dossier",
    "create or replace temp table mine as from private.fct_dossier",
    "select 1; select count(*) from private.fct_dossier",
    "from query_table('private.fct_dossier')",
    "from query_table(['private.fct_dossier'])",
    "from intermediate.pick('private.fct_dossier')",
    "select min(dossier_key) from private.fct_dossier limit 0",
)
CANNOT_BE_JUDGED = (
    "from query('from private.fct_dossier')",
    "from query_table(if(random() < 0.5, 'private.fct_dossier', 'marts.dim_unit'))",
    "from intermediate.pick(if(random() < 0.5, 'private.fct_dossier', 'marts.dim_unit'))",
    "from query_table(current_date)",
    "from duckdb_table_sample('private.fct_dossier')",
    "from pragma_storage_info('private.fct_dossier')",
    "select json_serialize_plan('select count(*) from private.fct_dossier', optimize := true)",
    "from json_execute_serialized_sql(json_serialize_sql('from private.fct_dossier'))",
)
NO_QUERY = (
    "create table t as select 1",
    "create temp view v as from marts.dim_unit",
    "create temp macro m() as table from query_table('marts.dim_unit')",
    "delete from marts.dim_unit",
    "copy (select 1) to 'leak.csv'",
    "attach 'other.duckdb'",
    "set enable_external_access = true",
    "set schema = 'private'",
    "use private",
    "install httpfs",
    "prepare p as from marts.dim_unit",
    "execute p",
    "explain create temp table t as from marts.dim_unit",
)
ANSWERED = (
    ("select count(*) from marts.dim_unit", 2),
    ("-- how many\nselect count(*) /* ; */ from warehouse.marts.dim_unit", 2),
    ("with u as (from marts.dim_unit) select count(*) from u", 2),
    ("select count(*) from query_table('marts.dim_unit')", 2),
    ("select count(*) from intermediate.pick('marts.dim_unit')", 2),
    ("with recursive r(i) as (select 1 union all select i + 1 from r where i < 5)"
     " select max(i) from r", 5),
    ("select sum(i) from range(4) as n (i) where i in (select code::int from marts.dim_unit)", 3),
    ("create temp table mine as select 4 as x; select x from mine", 4),
    ("select count(*) from information_schema.tables where table_schema = 'private'", 1),
    ("select count(*) from ledger.pulls", 0),
    ("select 'private.fct_dossier'", "private.fct_dossier"),
)  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walled]:
    home = Home(tmp_path_factory.mktemp("walled") / "home").create()
    promote_small(home)
    file = promoted_file(home)
    assert file is not None
    with open_walled(file, Ledger(home.ledger)) as opened:
        yield opened


@pytest.mark.parametrize("query", READS_PRIVATE)
def test_single_rows_are_refused_however_they_are_written(warehouse: Walled, query: str) -> None:
    with pytest.raises(Refused, match=r"(?i)private\.fct_dossier.*--private"):
        warehouse.execute(query)


@pytest.mark.parametrize("query", CANNOT_BE_JUDGED)
def test_what_no_plan_shows_is_refused(warehouse: Walled, query: str) -> None:
    with pytest.raises(Refused, match="--private"):
        warehouse.execute(query)


@pytest.mark.parametrize("statement", NO_QUERY)
def test_only_queries_are_answered(warehouse: Walled, statement: str) -> None:
    with pytest.raises(Refused, match="only queries"):
        warehouse.execute(statement)


@pytest.mark.parametrize(("query", "answer"), ANSWERED)
def test_everything_else_is_answered(warehouse: Walled, query: str, answer: object) -> None:
    assert warehouse.execute(query).fetchall() == [(answer,)]


def test_files_stay_out_of_reach(warehouse: Walled, home: Home) -> None:
    promote_small(home)
    for query in ("from read_csv('/etc/passwd')", "from '/etc/passwd'", "from read_text('/etc/*')"):
        with pytest.raises((Refused, duckdb.Error)):
            warehouse.execute(query)
    with open_walled(promoted_file(home), private=True) as open_one:  # type: ignore[arg-type]
        for query in ("from read_text('/etc/passwd')", "set enable_external_access = true"):
            with pytest.raises(duckdb.Error):
                open_one.execute(query)


def test_variables_of_the_program_are_no_tables(warehouse: Walled) -> None:
    secret = duckdb.sql("select 42 as number").arrow()
    assert secret is not None
    with pytest.raises(Refused, match="does not exist"):
        warehouse.execute("from secret")


def test_private_opens_the_schema(home: Home) -> None:
    promote_small(home)
    with open_walled(promoted_file(home), private=True) as opened:  # type: ignore[arg-type]
        assert opened.execute("select count(*) from private.fct_dossier").fetchall() == [(9,)]
        with pytest.raises(duckdb.Error, match="read-only"):
            opened.execute("delete from private.fct_dossier")


def test_an_error_points_into_the_query_as_it_was_written(warehouse: Walled) -> None:
    with pytest.raises(Refused, match=r"LINE 2: from marts\.nothing"):
        warehouse.execute("select 1\nfrom marts.nothing")


def test_explain_shows_one_plan(warehouse: Walled) -> None:
    rows = warehouse.execute("explain from marts.dim_unit").fetchall()
    assert [key for key, _ in rows] == ["physical_plan"]
    analysed = warehouse.execute("explain analyze from marts.dim_unit").fetchall()
    assert [key for key, _ in analysed] == ["analyzed_plan"]
