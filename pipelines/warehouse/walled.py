"""The promoted warehouse for whoever asks: read-only, without files or network, without `private`.

DuckDB has no rights per schema, so a statement is judged before it runs: it must be one query, and
every table its *bound* plan reads must lie outside `private`. The plan is the one before the
optimizer, which still names what statistics could answer. Names, quotes, CTEs, subqueries, views
and `query_table()` are resolved in it. What cannot be judged is refused.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.duck import connect, literal
from pipelines.ledger import Ledger
from pipelines.warehouse.ledger_tables import attach_ledger

if TYPE_CHECKING:
    import duckdb

PRIVATE = "private"
CATALOG = "warehouse"

_ALLOW = "start `khomo sql` with --private to allow it"
_BLANK = r"(?:\s|--[^\n]*\n|/\*.*?\*/)"
_EXPLAIN = re.compile(
    rf"{_BLANK}*explain(?:{_BLANK}*\([^)]*\)|{_BLANK}+analyze\b)?", re.IGNORECASE | re.DOTALL
)
_TEMPORARY = re.compile(
    rf"{_BLANK}*create{_BLANK}+(?:or{_BLANK}+replace{_BLANK}+)?temp(?:orary)?{_BLANK}+table{_BLANK}+"
    rf"(?:if{_BLANK}+not{_BLANK}+exists{_BLANK}+)?(?:\w+|\"(?:[^\"]|\"\")+\"){_BLANK}+as\b",
    re.IGNORECASE | re.DOTALL,
)
_PART = re.compile(r'"((?:[^"]|"")*)"|([^.]+)')

# Where the rows of a plan may come from, besides tables. What is missing here is refused: DuckDB
# has functions that take a table's name or a whole query as text and read it behind the plan.
_LEAVES = frozenset(
    [
        "chunk_get",
        "column_data_scan",
        "cte_scan",
        "delim_get",
        "dummy_scan",
        "empty_result",
        "expression_get",
        "duckdb_columns",
        "duckdb_constraints",
        "duckdb_databases",
        "duckdb_functions",
        "duckdb_indexes",
        "duckdb_keywords",
        "duckdb_schemas",
        "duckdb_sequences",
        "duckdb_settings",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "pragma_table_info",
        "pragma_version",
        "generate_series",
        "icu_calendar_names",
        "json_each",
        "json_tree",
        "pg_timezone_names",
        "range",
        "repeat",
        "repeat_row",
        "unnest",
    ]
)
# Functions whose arguments never name a table; any other one is judged by what it was given, so it
# has to be given literals: a value that changes could name another table when the query runs.
_HARMLESS = frozenset(
    [
        "generate_series",
        "json_each",
        "json_tree",
        "range",
        "repeat",
        "repeat_row",
        "unnest",
        "summary",
    ]
)
_BEHIND_THE_PLAN = frozenset({"query", "json_execute_serialized_sql", "json_serialize_plan"})


class Refused(Exception):
    """The statement may not run; the message says why and what to do."""


class Walled:
    """A connection to one build, and what it lets through."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection", *, private: bool) -> None:
        self.connection = connection
        self.private = private

    def execute(self, text: str) -> "duckdb.DuckDBPyConnection":
        """Run the statements of `text`; the result is that of the last one.

        Raises:
            Refused: a statement is no query, or reads the private schema.
            duckdb.Error: DuckDB cannot run it.
        """
        if self.private:
            return self.connection.execute(text)
        result = self.connection
        for statement in self.connection.extract_statements(text):
            query = statement.query
            self._judge(query)
            result = self.connection.execute(query)
            if _EXPLAIN.match(query) and (plans := result.fetchall()):
                # The connection explains at every stage, for the judgement; people want the last.
                shown = f"{literal(str(plans[-1][0]))}, {literal(str(plans[-1][1]))}"
                result = self.connection.execute(
                    f"select * from (values ({shown})) as plan (explain_key, explain_value)"
                )
        return result

    def _judge(self, statement: str) -> None:
        prefix = _EXPLAIN.match(statement) or _TEMPORARY.match(statement)
        query = statement[prefix.end() :] if prefix else statement
        for node in _nodes(self._parsed(query)):
            _judge_written(node)
        for node in _nodes(self._bound(query)):
            _judge_bound(node)

    def _parsed(self, query: str) -> Any:
        row = self.connection.execute("select json_serialize_sql(?::varchar)", [query]).fetchone()
        assert row is not None
        parsed = json.loads(row[0])
        if parsed.get("error_type") == "parser":
            raise Refused(f"Parser Error: {parsed['error_message']}")
        if parsed["error"]:
            raise Refused(
                "only queries and `create temp table … as` are answered: the warehouse is read-only"
            )
        if len(parsed["statements"]) != 1:
            raise Refused("a `pivot` needs its values here: `on column in (…)`")
        return parsed["statements"]

    def _bound(self, query: str) -> Any:
        import duckdb

        try:
            plans = self.connection.execute(f"explain (format json)\n{query}").fetchall()
        except duckdb.Error as error:
            # The line numbers of the query as it was written.
            message = re.sub(
                r"\bLINE (\d+):", lambda found: f"LINE {int(found[1]) - 1}:", str(error)
            )
            raise Refused(message) from error
        return json.loads(dict(plans)["logical_plan"])


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of a JSON tree."""
    waiting = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _judge_written(node: Mapping[str, Any]) -> None:
    """A node of the parsed query.

    Raises:
        Refused: it names the private schema, or a function whose reading no plan shows.
    """
    if str(node.get("schema_name", "")).casefold() == PRIVATE and node.get("table_name"):
        raise Refused(_reads(f"{node['schema_name']}.{node['table_name']}"))
    name = str(node.get("function_name", "")).casefold()
    if name in _BEHIND_THE_PLAN:
        raise Refused(f"what {name}() reads cannot be judged; {_ALLOW}")
    if node.get("type") == "TABLE_FUNCTION":
        function = node["function"]
        if str(function["function_name"]).casefold() not in _HARMLESS and not all(
            _is_literal(argument) for argument in function["children"]
        ):
            raise Refused(f"{function['function_name']}() takes only literals here; {_ALLOW}")


def _is_literal(argument: Mapping[str, Any]) -> bool:
    if argument["class"] == "FUNCTION":
        return argument["function_name"] == "list_value" and all(
            _is_literal(item) for item in argument["children"]
        )
    return bool(argument["class"] == "CONSTANT")


def _judge_bound(node: Mapping[str, Any]) -> None:
    """A node of the bound plan.

    Raises:
        Refused: it reads a private table, or something that is not known to be harmless.
    """
    if "name" not in node or node.get("children"):
        return
    name = str(node["name"]).casefold()
    if name != "seq_scan":
        if name not in _LEAVES:
            raise Refused(f"what {name}() reads cannot be judged; {_ALLOW}")
        return
    table = str(node["extra_info"].get("Table", ""))
    parts = [quoted.replace('""', '"') or bare for quoted, bare in _PART.findall(table)]
    if len(parts) != 3 or parts[1].casefold() == PRIVATE:  # noqa: PLR2004
        raise Refused(_reads(".".join(parts[1:]) or table))


def _reads(table: str) -> str:
    return f"the query reads {table}: single rows are off by default; {_ALLOW}"


@contextmanager
def open_walled(
    database: Path, ledger: Ledger | None = None, *, private: bool = False
) -> Iterator[Walled]:
    """The build in `database` as catalog `warehouse`, beside it the ledger where one is given."""
    with connect() as connection:
        connection.execute(f"attach {literal(str(database))} as {CATALOG} (read_only)")
        if ledger is not None:
            attach_ledger(connection, ledger)
        connection.execute(f"use {CATALOG}")
        if not private:
            connection.execute("set explain_output = 'all'")
        connection.execute("set python_enable_replacements = false")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield Walled(connection, private=private)
