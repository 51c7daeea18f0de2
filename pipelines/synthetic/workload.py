"""How many dossiers each unit receives on each day: a table of cells, exact in total.

Everything is counted in whole numbers, so the cells are the same whatever the thread count.
"""

from datetime import date

import duckdb

from pipelines.synthetic.common import SyntheticError, filled

_LARGEST_SEQUENCE = 99_999  # a dossier code has room for five digits a day and unit

_HOLIDAYS: tuple[tuple[date, date], ...] = (
    (date(2024, 1, 1), date(2024, 1, 1)),
    (date(2024, 2, 8), date(2024, 2, 14)),  # Lunar New Year
    (date(2024, 4, 18), date(2024, 4, 18)),  # Hung Kings
    (date(2024, 4, 29), date(2024, 5, 1)),
    (date(2024, 9, 2), date(2024, 9, 3)),
    (date(2025, 1, 1), date(2025, 1, 1)),
    (date(2025, 1, 25), date(2025, 2, 2)),
    (date(2025, 4, 7), date(2025, 4, 7)),
    (date(2025, 4, 30), date(2025, 5, 2)),
    (date(2025, 9, 1), date(2025, 9, 2)),
    (date(2026, 1, 1), date(2026, 1, 1)),
    (date(2026, 2, 14), date(2026, 2, 22)),
    (date(2026, 4, 27), date(2026, 4, 27)),
    (date(2026, 4, 30), date(2026, 5, 1)),
    (date(2026, 9, 1), date(2026, 9, 2)),
)

_CALENDAR = """
create table calendar as
with
    days as (
        select unnest(generate_series($first_day, $last_day, interval 1 day))::date as day
    ),
    holidays as (
        select unnest($holiday_starts) as starts_on, unnest($holiday_ends) as ends_on
    ),
    lunar_new_year as (
        select starts_on, ends_on from holidays where ends_on - starts_on >= 6
    )
select
    d.day,
    isodow(d.day) as weekday,
    date_diff('month', $first_day, d.day) as month,
    (
        -- weekends and holidays receive nothing; Monday catches up
        case
            when isodow(d.day) >= 6 then 0
            when exists (
                select 1 from holidays as h where d.day between h.starts_on and h.ends_on
            ) then 0
            when isodow(d.day) = 1 then 115
            when isodow(d.day) = 5 then 92
            else 100
        end
        -- the two weeks around the lunar new year are slow
        * case
            when exists (
                select 1
                from lunar_new_year as t
                where
                    d.day between t.starts_on - 10 and t.starts_on
                    or d.day between t.ends_on and t.ends_on + 10
            ) then 60
            else 100
        end
        -- school papers in summer, year-end lull
        * case month(d.day)
            when 6 then 112 when 7 then 114 when 8 then 110 when 12 then 92 else 100
        end
        -- demand grows half a percent a month; the first weeks of the new units are slow
        * (1000 + 5 * date_diff('month', $first_day, d.day))
        * case when d.day between date '2025-07-01' and date '2025-07-20' then 70 else 100 end
    )::bigint as weight,
from days as d
"""

# A unit keeps its size and quality over its whole life: both hang on scheme and code only.
_UNIT_DAYS = """
create table unit_days as
with
    sized as (
        select
            u.*,
            -- the sum of three uniform draws is nearly normal: sizes are log-normal, hence skewed
            round(1e6 * exp(
                0.55 * (
                    (hash(u.scheme, u.code, $seed, 'a') % 1000)::bigint
                    + (hash(u.scheme, u.code, $seed, 'b') % 1000)::bigint
                    + (hash(u.scheme, u.code, $seed, 'c') % 1000)::bigint
                    - 1500
                ) / 500.0
            ) * case when u.unit_type in ('Phường', 'Thành phố', 'Thị xã') then 1.7 else 1.0 end)
                ::bigint as size,
            (30 + hash(u.scheme, u.code, $seed, 'late') % 60)::bigint as late_permille,
        from territory as u
    ),
    open_units as (
        select
            c.day,
            c.weekday,
            c.month,
            c.weight as day_weight,
            s.*,
            -- communes take over what districts did once there are no districts
            case
                when s.level = 'province' then 24.0
                when s.level = 'district' then 26.0
                when c.day >= date '2025-07-01' then 76.0
                else 50.0
            end as level_share,
        from calendar as c
        inner join sized as s on c.day between s.first_day and s.last_day
        where c.weight > 0
    )
select
    *,
    row_number() over (order by day, code, scheme) as cell,
    greatest(
        round(
            1e6 * level_share * size
            / sum(size) over (partition by day, level)
            * (day_weight / 1e11)
            * (0.4 + (hash(day, scheme, code, $seed, 'day') % 1000) / 833.0)
        ),
        1
    )::bigint as weight,
from open_units
"""

# Rounding the running total, not each cell, gives exactly the rows asked for.
_CELLS = """
create table cells as
with
    running as (
        select
            *,
            sum(weight::hugeint) over (order by cell rows unbounded preceding) as upto,
            sum(weight::hugeint) over () as total,
        from unit_days
    ),
    counted as (
        select
            *,
            ($rows::hugeint * upto // total)::bigint as last_row,
            ($rows::hugeint * (upto - weight) // total)::bigint as first_row,
        from running
    )
select
    month,
    day,
    weekday,
    scheme,
    code,
    level,
    name,
    province_code,
    late_permille,
    first_row,
    last_row - first_row as receipts,
    cell,
from counted
where last_row > first_row
order by cell
"""

_AGENCIES = """
create table agencies as
with
    provinces as (
        select scheme, code, row_number() over (order by scheme, code) as number
        from (select distinct scheme, code from territory where level = 'province')
    ),
    districts as (
        select code, row_number() over (order by code) as number
        from (select distinct code from territory where level = 'district')
    ),
    old_communes as (
        select
            code,
            parent_code,
            row_number() over (partition by parent_code order by code) as number,
        from (
            select distinct code, parent_code
            from territory
            where level = 'commune' and scheme <> 'QD19_2025'
        )
    ),
    new_communes as (
        select code, 100 + row_number() over (order by code) as number
        from (
            select distinct code from territory where level = 'commune' and scheme = 'QD19_2025'
        )
    )
-- provinces and today's communes use the newer form, read from the left; districts and their
-- communes used the older one, read from the right; both forms number one tree, so districts begin
-- where the numbers of departments end
select
    t.scheme,
    t.code,
    t.last_day,
    case
        when t.level = 'province' then $agency || '.' || printf('%02d', p.number)
        when t.level = 'district' then '000.00.' || printf('%02d', 50 + d.number) || '.' || $agency
        when t.scheme = 'QD19_2025' then $agency || '.' || n.number
        else
            printf('%03d', o.number)
            || '.00.' || printf('%02d', 50 + coalesce(pd.number, 0)) || '.' || $agency
    end as agency_code,
from territory as t
left join provinces as p
    on t.level = 'province' and t.scheme = p.scheme and t.code = p.code
left join districts as d on t.level = 'district' and t.code = d.code
left join old_communes as o
    on
        t.level = 'commune'
        and t.scheme <> 'QD19_2025'
        and t.code = o.code
        and t.parent_code = o.parent_code
left join districts as pd
    on t.level = 'commune' and t.scheme <> 'QD19_2025' and t.parent_code = pd.code
left join new_communes as n
    on t.level = 'commune' and t.scheme = 'QD19_2025' and t.code = n.code
"""


def plan_cells(
    con: duckdb.DuckDBPyConnection,
    *,
    rows: int,
    seed: int,
    first_day: date,
    last_day: date,
    agency: str,
) -> None:
    """Create table `cells` from `territory`: one row per unit and working day with receipts.

    `receipts` add up to `rows` exactly; `first_row` is the number of dossiers before the cell, so
    `first_row + n` numbers every dossier of the whole run. `agency_code` is the unit's identifier.

    Raises:
        SyntheticError: a unit would receive more dossiers in a day than a code can number.
    """
    con.execute(
        filled(
            _CALENDAR,
            first_day=first_day,
            last_day=last_day,
            holiday_starts=[start for start, _ in _HOLIDAYS],
            holiday_ends=[end for _, end in _HOLIDAYS],
        )
    )
    con.execute(filled(_UNIT_DAYS, seed=seed))
    con.execute(filled(_CELLS, rows=rows))
    con.execute(filled(_AGENCIES, agency=agency))
    con.execute(
        """
        create or replace table cells as
        select c.*, a.agency_code
        from cells as c
        inner join agencies as a
            on c.scheme = a.scheme and c.code = a.code and c.day <= a.last_day
        qualify row_number() over (partition by c.cell order by a.last_day) = 1
        order by c.cell
        """
    )
    largest = con.execute("select coalesce(max(receipts), 0) from cells").fetchone()
    if largest is not None and largest[0] > _LARGEST_SEQUENCE:
        raise SyntheticError(
            f"{rows:,} rows would give one unit {largest[0]:,} dossiers in a day, more than a"
            f" dossier code can number ({_LARGEST_SEQUENCE:,}); ask for fewer rows"
        )
