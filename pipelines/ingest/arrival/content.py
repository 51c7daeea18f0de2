"""The values of declared columns: periods that went missing, figures that repeat an earlier period.

Set-based SQL over landed Parquet: the new file, the one it replaces, and for repeated values the
one partition it is compared with.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from pipelines.contracts import Table
from pipelines.contracts.arrival import Policy, policy
from pipelines.duck import connect, identifier, literals
from pipelines.ingest.arrival.model import Arrived, Finding

_NAMED = 5  # periods that one finding names before it only counts the rest
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _parquet(*paths: Path) -> str:
    return f"read_parquet({literals([str(path) for path in paths])})"


def missing_periods(table: Table, file: Arrived, last: Arrived) -> Iterator[Finding]:
    """Values of the declared period column that the replaced file had and the new one has not."""
    column = identifier(policy(table, "missing_period").columns("column")[0])
    with connect() as connection:
        periods = [
            str(row[0])
            for row in connection.execute(
                f"""
                select distinct {column}::varchar as period from {_parquet(last.accepted_rows)}
                where {column} is not null
                except
                select distinct {column}::varchar from {_parquet(file.accepted_rows)}
                order by period
                """
            ).fetchall()
        ]
    if periods:
        rest = len(periods) - _NAMED
        named = ", ".join(periods[:_NAMED]) + (f" … (+{rest})" if rest > 0 else "")
        yield Finding(
            "missing_period",
            table.name,
            file.resource,
            f"no row for {named}",
            f"all periods of column {column} that were there",
            file.sha256,
        )


def repeated_values(
    table: Table, file: Arrived, last: Arrived | None, now: Sequence[Arrived]
) -> Iterator[Finding]:
    """Measures that equal those of a year, or a period, earlier in nearly all rows.

    A row is compared with the row of the same remaining key whose day is exactly that much
    earlier. NULL and 0 prove nothing and are not counted. Only periods that the replaced file did
    not have are looked at.
    """
    rule = policy(table, "repeated_values")
    column = rule.columns("column")[0]
    kind = next(item.type for item in table.columns if item.name == column)
    if kind == "INTEGER":
        day = f"make_date({identifier(column)}, 1, 1)"
    else:
        day = f"{identifier(column)}::date"
    period = str(rule.options.get("period", "year"))
    shift = _MONTHS[period] if rule.options.get("against") == "previous" else 12
    with connect() as connection:
        connection.execute(
            f"create temp table fresh as select *, {day} as _day,"
            f" date_trunc('{period}', {day})::date as _period"
            f" from {_parquet(file.accepted_rows)} where {identifier(column)} is not null"
        )
        if last is not None:
            connection.execute(
                f"delete from fresh where _period in (select date_trunc('{period}', {day})::date"
                f" from {_parquet(last.accepted_rows)} where {identifier(column)} is not null)"
            )
        others = _counterparts(connection, file, now, shift)
        if others is None:
            return
        by = [identifier(name) for name in _by(table, rule, column)]
        earlier = f"(select *, {day} + interval {shift} month as _day from {_parquet(*others)})"
        on = " and ".join(
            [
                "fresh._day = earlier._day",
                *(f"fresh.{name} is not distinct from earlier.{name}" for name in by),
            ]
        )
        for measure in rule.columns("measures"):
            name = identifier(measure)
            rows = connection.execute(
                f"""
                select _period::varchar, count(*) filter (fresh.{name} = earlier.{name}), count(*)
                from fresh join {earlier} as earlier on {on}
                where fresh.{name} <> 0 and earlier.{name} <> 0
                group by _period
                having count(*) >= {rule.number("minimum")}
                    and count(*) filter (fresh.{name} = earlier.{name})
                        >= {rule.number("share")} * count(*)
                order by _period
                """
            ).fetchall()
            for start, equal, compared in rows:
                yield Finding(
                    "repeated_values",
                    table.name,
                    file.resource,
                    f"{equal:,} of {compared:,} values of {measure} in the {period} from {start}"
                    f" equal those {_ago(shift)} earlier",
                    f"fewer than {rule.number('share'):.0%}",
                    file.sha256,
                    subject=f"{measure} {start}",
                )


def _ago(months: int) -> str:
    return "a year" if months == 12 else f"{months} month(s)"  # noqa: PLR2004


def _by(table: Table, rule: Policy, column: str) -> tuple[str, ...]:
    """What tells rows of one day apart: as declared, otherwise the rest of the primary key."""
    if named := rule.columns("by"):
        return named
    return tuple(
        f"{item.name}_key" if item.pseudonymise else item.name
        for item in table.key
        if item.name != column and (item.pseudonymise or not item.personal)
    )


def _counterparts(
    connection: duckdb.DuckDBPyConnection, file: Arrived, now: Sequence[Arrived], shift: int
) -> list[Path] | None:
    """Where the earlier rows are: in the new file itself and, in a parted table, in the partitions
    that lie `shift` months before the new periods. None where there is no new period.
    """
    rows = connection.execute(
        f"select distinct strftime(_day - interval {shift} month, '%Y-%m') from fresh"
    ).fetchall()
    if not rows:
        return None
    months = {str(row[0]) for row in rows}
    others = [
        other.accepted_rows
        for other in now
        if file.partition
        and other.table == file.table
        and other.resource != file.resource
        and other.partition in months
    ]
    return [file.accepted_rows, *others]
