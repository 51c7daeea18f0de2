-- Codes as provinces exchange them: 2025, 20253 (third quarter), 202509. What counts from the first
-- of January on has a code of its own, so that it is never added to a single quarter.
with months as (
    {{ month_starts('2000-01-01', '2035-12-01') | indent(4) }}
),

years as (
    select distinct cast(extract(year from month_start) as integer) as year_number
    from months
),

periods as (
    select
        cast(year_number as varchar) as period_code,
        'year' as period_kind,
        {{ day_of('year_number', 1, 1) }} as first_day,
        {{ day_of('year_number', 12, 31) }} as last_day,
        false as is_cumulative
    from years

    union all

    select
        cast(extract(year from month_start) as varchar)
        || cast(extract(quarter from month_start) as varchar) as period_code,
        'quarter' as period_kind,
        month_start as first_day,
        cast(month_start + interval 3 month - interval 1 day as date) as last_day,
        false as is_cumulative
    from months
    where extract(month from month_start) in (1, 4, 7, 10)

    union all

    select
        cast(extract(year from month_start) as varchar)
        || lpad(cast(extract(month from month_start) as varchar), 2, '0') as period_code,
        'month' as period_kind,
        month_start as first_day,
        cast(month_start + interval 1 month - interval 1 day as date) as last_day,
        false as is_cumulative
    from months

    union all

    select
        cast(years.year_number as varchar) || '-' || cast(spans.months as varchar) || 'M'
            as period_code,
        cast(spans.months as varchar) || ' months' as period_kind,
        {{ day_of('years.year_number', 1, 1) }} as first_day,
        cast(
            {{ day_of('years.year_number', 'spans.months + 1', 1) }} - interval 1 day as date
        ) as last_day,
        true as is_cumulative
    from years
    cross join (values (6), (9)) as spans (months)
)

select
    period_code,
    period_kind,
    first_day,
    last_day,
    cast(extract(year from first_day) as integer) as year_number,
    is_cumulative
from periods
