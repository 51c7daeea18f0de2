"""Great Expectations on DuckDB in place: no data frame, no copy, no data context, no telemetry.

As shipped, every SQL expectation on DuckDB fails, because the engine reads a result after the
connection it came from was given back, and knows no regular expressions for the dialect. The
subclass here freezes results inside the connection block and names PostgreSQL's `~`, which DuckDB
has as a match of the whole text.

`import great_expectations` costs seconds of CPU, so it happens on first use and once per process.
Without a data context nothing is written to disk and nothing is sent anywhere.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import duckdb

from pipelines.quality.messages import harmless


@dataclass(frozen=True)
class Validation:
    """One expectation on one relation. `error` is set where it could not be evaluated."""

    passed: bool
    observed: Any
    unexpected: int | None
    sample: tuple[Mapping[str, Any], ...]
    error: str | None


@cache
def _classes() -> SimpleNamespace:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import sqlalchemy
    from duckdb_engine import ConnectionWrapper
    from great_expectations.core.batch import Batch
    from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
    from great_expectations.execution_engine.sqlalchemy_execution_engine import (
        SqlAlchemyExecutionEngine,
    )
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )
    from great_expectations.validator.validator import Validator
    from sqlalchemy.dialects import postgresql

    class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
        """Reads each result completely while its connection is still its own."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            dialect: Any = SimpleNamespace(dialect=postgresql.dialect)
            self.dialect_module = dialect

        def execute_query(self, query: Any) -> Any:
            with self.get_connection() as connection:
                return connection.execute(query).freeze()()

        def execute_query_in_transaction(self, query: Any) -> Any:
            return self.execute_query(query)

    class QuietValidator(Validator):
        """Draws no progress bars into logs."""

        def _determine_progress_bars(self) -> bool:
            return False

    return SimpleNamespace(
        sqlalchemy=sqlalchemy,
        ConnectionWrapper=ConnectionWrapper,
        Batch=Batch,
        SqlAlchemyBatchData=SqlAlchemyBatchData,
        ExpectationConfiguration=ExpectationConfiguration,
        Engine=DuckDBExecutionEngine,
        Validator=QuietValidator,
    )


def _raised(info: Any) -> str | None:
    """The message of an exception in a result's `exception_info`, which has two shapes."""
    if not isinstance(info, Mapping):
        return None
    for item in (info, *info.values()):
        if isinstance(item, Mapping) and item.get("raised_exception"):
            return harmless(RuntimeError(str(item.get("exception_message") or "no message")))
    return None


def _validation(result: Any) -> Validation:
    detail = result.result or {}
    return Validation(
        passed=bool(result.success),
        observed=detail.get("observed_value", detail.get("element_count")),
        unexpected=detail.get("unexpected_count"),
        sample=tuple(detail.get("partial_unexpected_index_list") or ()),
        error=_raised(result.exception_info),
    )


def validate(
    cursor: Callable[[], duckdb.DuckDBPyConnection],
    relation: str,
    expectations: Sequence[tuple[str, str, Mapping[str, Any]]],
    *,
    key: Sequence[str],
    sample: int,
) -> dict[str, Validation]:
    """Evaluate expectations, given as (name, type, arguments), on one relation.

    `relation` is the name of a table or view in every connection that `cursor` makes. Failing rows
    come with the columns in `key`, at most `sample` of them per expectation. The result has an
    entry for each expectation that was evaluated; what is missing in it was not.
    """
    ge = _classes()
    engine = ge.sqlalchemy.create_engine(
        "duckdb://",
        creator=lambda: ge.ConnectionWrapper(cursor()),
        poolclass=ge.sqlalchemy.pool.StaticPool,
    )
    # A view has no primary key; looking for one in the catalogue costs more than all the checks.
    engine.dialect.get_pk_constraint = lambda *_, **__: {"constrained_columns": [], "name": None}
    try:
        execution = ge.Engine(engine=engine)
        data = ge.SqlAlchemyBatchData(
            execution_engine=execution, table_name=relation, create_temp_table=False
        )
        validator = ge.Validator(execution_engine=execution, batches=[ge.Batch(data=data)])

        def evaluate(
            wanted: Sequence[tuple[str, str, Mapping[str, Any]]], result_format: Mapping[str, Any]
        ) -> dict[str, Validation]:
            results = validator.graph_validate(
                configurations=[
                    ge.ExpectationConfiguration(
                        type=kind, kwargs=dict(arguments), meta={"name": name}
                    )
                    for name, kind, arguments in wanted
                ],
                runtime_configuration={"result_format": dict(result_format)},
            )
            return {
                result.expectation_config.meta["name"]: _validation(result) for result in results
            }

        # First only yes or no, which is one scan for most expectations together; counts and rows
        # are then asked for where the answer was no.
        found = evaluate(expectations, {"result_format": "BOOLEAN_ONLY"})
        failed = [item for item in expectations if item[0] in found and not found[item[0]].passed]
        if failed:
            found |= evaluate(
                failed,
                {
                    "result_format": "SUMMARY",
                    "partial_unexpected_count": sample,
                    "unexpected_index_column_names": list(key),
                    "return_unexpected_index_query": False,
                },
            )
        return found
    finally:
        engine.dispose()
