"""Indicator values of the warehouse as CSV, in the layout that `khomo indicators import` takes.

Writing only; taking values in is what a source does.
"""

import re
from pathlib import Path

import duckdb

from pipelines.duck import literal
from pipelines.province import load_province

COLUMNS = (
    *("indicator_code", "unit_scheme", "unit_code", "period", "value", "value_state", "unit"),
    *("source", "document", "note"),
)
_PERIOD = re.compile(r"(19|20)\d{2}([1-4]|0[1-9]|1[0-2])?")


class IndicatorsError(ValueError):
    """What was asked for cannot be written; the message says why."""


def write_values(connection: duckdb.DuckDBPyConnection, target: Path) -> tuple[int, int]:
    """Write the values that belong to one period and one unit (or the country).

    `connection` is to a finished warehouse. Returns how many were written, and how many are left
    out because the layout cannot say them.
    """
    fitting = (
        "value_state in ('value', 'explicit_none', 'blank') and problem is null"
        " and operator = '=' and period_code is not null"
        " and (unit_scope = 'national' or units.admin_unit_key is not null)"
    )
    relation = (
        "marts.fct_indicator_value as facts"
        " left join marts.dim_admin_unit as units using (admin_unit_key)"
    )
    written = _copy(
        connection,
        f"""
        select
            facts.indicator_code,
            coalesce(units.scheme, 'NATIONAL') as unit_scheme,
            coalesce(units.code, '00') as unit_code,
            facts.period_code as period,
            facts.value_number as value,
            facts.value_state,
            facts.unit,
            facts.source,
            case when facts.origin = 'document' then facts.source end as document,
            facts.note
        from {relation}
        where {fitting}
        order by all
        """,
        target,
    )
    [(left_out,)] = connection.execute(
        f"select count(*) from {relation} where ({fitting}) is not true"
    ).fetchall()
    return written, int(left_out)


def write_template(connection: duckdb.DuckDBPyConnection, target: Path, period: str) -> int:
    """Write one blank row per indicator with a unit of measure, for the configured province.

    Raises:
        IndicatorsError: `period` is none.
    """
    if not _PERIOD.fullmatch(period):
        raise IndicatorsError(f"{period!r} is no period; write YYYY, YYYYQ or YYYYMM")
    province = load_province()
    return _copy(
        connection,
        f"""
        select
            indicator_code,
            {literal(province.province.scheme)} as unit_scheme,
            {literal(province.province.code)} as unit_code,
            {literal(period)} as period,
            null as value,
            'blank' as value_state,
            unit,
            {literal(province.publisher.name_vi)} as source,
            null as document,
            name_vi as note
        from marts.dim_indicator
        where unit is not null
        order by system_code, indicator_code
        """,
        target,
    )


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    columns = ", ".join(COLUMNS)
    [(rows,)] = connection.execute(
        f"copy (select {columns} from ({query})) to {literal(str(target))}"
        " (format csv, header true, delimiter ',')"
    ).fetchall()
    return int(rows)
