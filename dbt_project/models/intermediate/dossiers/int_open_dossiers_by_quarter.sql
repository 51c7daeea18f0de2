-- Dossiers in progress (status 2 or 4) at the end of each quarter, the last one ending with the
-- data.
with recursive

span as (
    select
        cast(date_trunc('quarter', min(entered_on)) as date) as first_quarter,
        max(entered_on) as as_of
    from {{ ref('fct_dossier_event') }}
),

quarters as (
    select first_quarter as quarter_start
    from span
    where first_quarter is not null

    union all

    select cast(quarters.quarter_start + interval 3 month as date) as quarter_start
    from quarters
    cross join span
    where quarters.quarter_start + interval 3 month <= span.as_of
),

ends as (
    select
        quarters.quarter_start,
        least(
            cast(quarters.quarter_start + interval 3 month - interval 1 day as date), span.as_of
        ) as last_day
    from quarters
    cross join span
)

select
    stays.admin_unit_key,
    ends.quarter_start,
    cast(sum(stays.dossiers) as bigint) as in_progress,
    -- what has no due day cannot be overdue
    cast(sum(case when stays.due_on < ends.last_day then stays.dossiers else 0 end) as bigint)
        as overdue
from {{ ref('int_dossier_stay_counts') }} as stays
inner join ends
    on
        stays.first_quarter <= ends.quarter_start
        and coalesce(stays.last_quarter >= ends.quarter_start, true)
group by stays.admin_unit_key, ends.quarter_start
