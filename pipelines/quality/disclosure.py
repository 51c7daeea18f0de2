"""Disclosure rules: what a published table must not let a reader find out.

A contract names them as custom rules of the engine `khomo`:

    implementation:
      rule: small_cells
      measures: [received, late]        # counts of people's dossiers; NULL where suppressed
      flag: suppressed                  # optional: true exactly where a measure is NULL
      flags: {late: late_suppressed}    # optional: the same per measure
      names: suppressed_measures        # optional: what is NULL, `;` between, in order; else NULL
      derived: {late_share: [late, received]}   # optional: NULL wherever one of these is NULL
      zero: visible                     # optional: publish 0; by default 0 is below the threshold
      threshold: 5                      # optional: otherwise the province's

    implementation:
      rule: visible_share
      measure: received
      minimum: 0.8                      # share of the total that must lie in visible cells
      total: {model: mart_dossiers_by_unit, column: received}   # the unsuppressed total
      where: "unit_level = 'commune'"   # optional: the rows that add up to the total

    implementation:
      rule: hidden_cells                # see `attack.tables`

`small_cells` needs nothing but the released file, so that a release can be re-checked anywhere.
"""

from collections.abc import Mapping
from typing import Any

import duckdb

from pipelines.duck import connect, identifier, literal
from pipelines.publish.export import find_relation
from pipelines.quality.attack.check import hidden_cells
from pipelines.quality.outcome import SAMPLE, Evidence, Outcome, failed, passed
from pipelines.quality.readback import PARQUET_VIEW


def _small_cell_condition(rule: Mapping[str, Any]) -> str:
    """SQL that is true for a row that says too much, or whose flags do not fit its values."""
    threshold = int(rule["threshold"])
    measures = [str(name) for name in rule["measures"]]
    lowest = 1 if rule.get("zero") == "visible" else -(10**18)
    parts = [
        f"({identifier(name)} < {threshold} and {identifier(name)} >= {lowest})"
        for name in measures
    ]
    if flag := rule.get("flag"):
        hidden = " or ".join(f"{identifier(name)} is null" for name in measures)
        parts.append(f"({identifier(str(flag))} is distinct from ({hidden}))")
    for name, own in dict(rule.get("flags") or {}).items():
        parts.append(f"({identifier(str(own))} is distinct from ({identifier(str(name))} is null))")
    if listed := rule.get("names"):
        hidden_names = ", ".join(
            f"case when {identifier(name)} is null then {literal(name)} end" for name in measures
        )
        parts.append(
            f"({identifier(str(listed))} is distinct from"
            f" nullif(concat_ws(';', {hidden_names}), ''))"
        )
    for name, inputs in dict(rule.get("derived") or {}).items():
        hidden = " or ".join(f"{identifier(str(item))} is null" for item in inputs)
        parts.append(f"({identifier(str(name))} is not null and ({hidden}))")
    return " or ".join(parts)


def small_cell_violations(
    connection: duckdb.DuckDBPyConnection, relation: str, rule: Mapping[str, Any]
) -> int:
    """Number of rows of `relation` that break a small-cell rule (threshold written out).

    Raises:
        KeyError, ValueError, duckdb.Error: the rule is incomplete or names an unknown column.
    """
    row = connection.execute(
        f"select count(*) from {relation} where {_small_cell_condition(rule)}"
    ).fetchone()
    return int(row[0]) if row else 0


def small_cells(evidence: Evidence, rule: Mapping[str, Any]) -> Outcome:
    """No visible count below the threshold, and flags that say exactly what is suppressed."""
    count = small_cell_violations(evidence.data.connection, PARQUET_VIEW, rule)
    threshold = rule["threshold"]
    if not count:
        return passed(
            f"Không ô nào dưới {threshold} còn hiện",
            f"No cell below {threshold} is visible",
            "0",
        )
    # References only: showing the row here would disclose what the rule protects.
    key = ", ".join(identifier(column.name) for column in evidence.contract.table.key) or "1"
    found = evidence.data.connection.execute(
        f"select {key} from {PARQUET_VIEW} where {_small_cell_condition(rule)}"
        f" order by all limit {SAMPLE}"
    )
    names = [str(item[0]) for item in found.description or ()]
    sample = tuple(dict(zip(names, row, strict=True)) for row in found.fetchall())
    return failed(
        f"{count} dòng để lộ ô dưới {threshold} hoặc có cờ che không khớp",
        f"{count} row(s) show a cell below {threshold}, or a flag that does not fit",
        observed=str(count),
        failing_rows=count,
        sample=sample,
    )


def visible_share(evidence: Evidence, rule: Mapping[str, Any]) -> Outcome:
    """Enough of the total lies in visible cells: suppression must not empty the table."""
    if evidence.warehouse is None:
        raise ValueError("the warehouse file is needed to know the unsuppressed total")
    where = f" where {rule['where']}" if rule.get("where") else ""
    visible = _number(
        evidence.data.connection,
        f"select coalesce(sum({identifier(str(rule['measure']))}), 0) from {PARQUET_VIEW}{where}",
    )
    source = rule["total"]
    with connect(evidence.warehouse, read_only=True) as warehouse:
        relation = find_relation(warehouse, str(source["model"]), evidence.contract.name)
        total = _number(
            warehouse,
            f"select coalesce(sum({identifier(str(source['column']))}), 0) from {relation}",
        )
    minimum = float(rule["minimum"])
    share = visible / total if total else 0.0
    observed = f"{share:.4f}"
    if minimum <= share <= 1:
        return passed(
            f"{share:.1%} nằm trong các ô được hiện (yêu cầu ít nhất {minimum:.0%})",
            f"{share:.1%} lies in visible cells (at least {minimum:.0%} is required)",
            observed,
        )
    return failed(
        f"{share:.1%} nằm trong các ô được hiện, ngoài khoảng {minimum:.0%}–100%",
        f"{share:.1%} lies in visible cells, outside {minimum:.0%}–100%",
        observed=observed,
    )


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    row = connection.execute(query).fetchone()
    return float(row[0]) if row else 0.0


RULES = {"small_cells": small_cells, "visible_share": visible_share, "hidden_cells": hidden_cells}
"""Domain rules a contract may name. A rule with another name can never pass."""
