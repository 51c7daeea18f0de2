"""The expectation suite of a published dataset, derived from its contract's columns.

This is the list of what must hold and in which files; it is also what the gate requires, so it
imports nothing heavy. Great Expectations evaluates it in `ge_engine`. Relations between models
belong to dbt, totals and disclosure to SQL rules: a rule has one engine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipelines.contracts import Column, PublishedContract, Rule, Text
from pipelines.contracts.vocabulary import Dimension, Severity, dimension, severity

ENGINE = "great_expectations"
COLUMNS_LISTED = "columns_listed"
ROW_COUNT = "expect_table_row_count_to_be_between"
PARQUET = "parquet"
CSV = "csv"


@dataclass(frozen=True)
class Expectation:
    """One expectation: its name as a check, its type in Great Expectations, its arguments per file.

    A file that is not in `arguments` is not examined: CSV is text, which has no range.
    """

    name: str
    type: str
    arguments: Mapping[str, Mapping[str, Any]]
    dimension: Dimension
    description: Text
    severity: Severity = Severity.BLOCKER
    columns: Sequence[str] = field(default_factory=tuple)


def _both(arguments: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {PARQUET: arguments, CSV: arguments}


_TYPED: Mapping[str, Callable[[str], Any]] = {
    "DATE": date.fromisoformat,
    "TIMESTAMP": datetime.fromisoformat,
    "BOOLEAN": lambda text: text.lower() == "true",
    "VARCHAR": str,
    "DOUBLE": float,
    "DECIMAL": Decimal,
}


def typed(value: Any, column: Column) -> Any:
    """A contract's limit or code as a value of the column's type."""
    return _TYPED.get(column.type.partition("(")[0], int)(str(value))


def _columns_listed(contract: PublishedContract) -> Expectation:
    return Expectation(
        COLUMNS_LISTED,
        "expect_table_columns_to_match_ordered_list",
        _both({"column_list": [column.name for column in contract.table.columns]}),
        Dimension.VALIDITY,
        Text(
            "Tệp có đúng các cột hợp đồng liệt kê, đúng thứ tự, không thừa cột nào",
            "The files have exactly the columns the contract lists, in order, and no other",
        ),
    )


_BOUNDS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "mustBe": lambda given: {"min_value": given, "max_value": given},
    "mustBeGreaterThan": lambda given: {"min_value": given + 1},
    "mustBeGreaterOrEqualTo": lambda given: {"min_value": given},
    "mustBeLessThan": lambda given: {"max_value": given - 1},
    "mustBeLessOrEqualTo": lambda given: {"max_value": given},
    "mustBeBetween": lambda given: {"min_value": given[0], "max_value": given[1]},
}


def row_count_bounds(rule: Rule) -> dict[str, Any] | None:
    """The bounds of a `rowCount` rule as the expectation takes them; None if it has none."""
    if rule.threshold is None or rule.threshold[0] not in _BOUNDS:
        return None
    operator, operand = rule.threshold
    return _BOUNDS[operator](operand)


def is_row_count(rule: Rule) -> bool:
    """True for a library rule on the number of rows that an expectation can express."""
    return (
        rule.kind == "library" and rule.metric == "rowCount" and row_count_bounds(rule) is not None
    )


def _row_counts(contract: PublishedContract) -> list[Expectation]:
    rules = [rule for rule in contract.table.rules if is_row_count(rule)]
    if not rules:
        return [
            Expectation(
                "row_count",
                ROW_COUNT,
                _both({"min_value": 1}),
                Dimension.COMPLETENESS,
                Text("Tập dữ liệu không rỗng", "The dataset is not empty"),
            )
        ]
    return [
        Expectation(
            f"rule.{rule.name}",
            ROW_COUNT,
            _both(row_count_bounds(rule) or {}),
            dimension(rule.dimension),
            Text(rule.description or rule.name, rule.description or rule.name),
            severity(rule.severity),
        )
        for rule in rules
    ]


def _unique_key(contract: PublishedContract) -> list[Expectation]:
    names = [column.name for column in contract.table.key]
    if not names:
        return []
    single = len(names) == 1
    return [
        Expectation(
            "unique_key",
            "expect_column_values_to_be_unique"
            if single
            else "expect_compound_columns_to_be_unique",
            _both({"column": names[0]} if single else {"column_list": names}),
            Dimension.UNIQUENESS,
            Text(f"Khoá {', '.join(names)} không lặp lại", f"The key {', '.join(names)} is unique"),
            columns=names,
        )
    ]


def _of_column(column: Column) -> list[Expectation]:
    found: list[Expectation] = []

    def add(
        check: str,
        kind: str,
        arguments: Mapping[str, Mapping[str, Any]],
        description: Text,
        kind_of_quality: Dimension = Dimension.VALIDITY,
    ) -> None:
        found.append(
            Expectation(
                f"{check}.{column.name}",
                kind,
                {file: {"column": column.name, **extra} for file, extra in arguments.items()},
                kind_of_quality,
                description,
                columns=[column.name],
            )
        )

    if column.required:
        add(
            "not_null",
            "expect_column_values_to_not_be_null",
            _both({}),
            Text(f"Cột {column.name} luôn có giá trị", f"Column {column.name} always has a value"),
            Dimension.COMPLETENESS,
        )
    if pattern := column.options.get("pattern"):
        add(
            "pattern",
            "expect_column_values_to_match_regex",
            _both({"regex": str(pattern)}),
            Text(
                f"Cột {column.name} theo đúng mẫu {pattern}",
                f"Column {column.name} matches {pattern} as a whole",
            ),
            Dimension.VALIDITY,
        )
    if column.enum:
        texts = [entry.value for entry in column.enum]
        add(
            "values",
            "expect_column_values_to_be_in_set",
            {
                PARQUET: {"value_set": [typed(text, column) for text in texts]},
                CSV: {"value_set": texts},
            },
            Text(
                f"Cột {column.name} chỉ dùng các mã trong danh mục",
                f"Column {column.name} uses codes of its list only",
            ),
            Dimension.VALIDITY,
        )
    lengths = {
        name: column.options[option]
        for name, option in (("min_value", "minLength"), ("max_value", "maxLength"))
        if option in column.options
    }
    if lengths:
        add(
            "length",
            "expect_column_value_lengths_to_be_between",
            _both(lengths),
            Text(
                f"Độ dài của cột {column.name} trong giới hạn",
                f"The length of column {column.name} is within its limits",
            ),
            Dimension.VALIDITY,
        )
    if limits := _limits(column):
        add(
            "range",
            "expect_column_values_to_be_between",
            {PARQUET: limits},
            Text(
                f"Giá trị của cột {column.name} trong giới hạn",
                f"Values of column {column.name} are within their limits",
            ),
            Dimension.VALIDITY,
        )
    return found


def _limits(column: Column) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for name, option, strict in (
        ("min_value", "minimum", None),
        ("max_value", "maximum", None),
        ("min_value", "exclusiveMinimum", "strict_min"),
        ("max_value", "exclusiveMaximum", "strict_max"),
    ):
        if option in column.options:
            limits[name] = typed(column.options[option], column)
            if strict:
                limits[strict] = True
    return limits


def expectations(contract: PublishedContract) -> list[Expectation]:
    """Every expectation of a dataset: the table's first, then each column's in order."""
    return [
        _columns_listed(contract),
        *_row_counts(contract),
        *_unique_key(contract),
        *(item for column in contract.table.columns for item in _of_column(column)),
    ]
