-- Dossiers in progress (status 2 or 4) at the end of each quarter, the last one ending with the
-- data.
-- A stay in a status counts where it began by that day and went on past it.
with latest as (
    select max(entered_on) as as_of from {{ ref('fct_dossier_event') }}
),

quarters as (
    select
        begun.quarter_start,
        least(
            cast(begun.quarter_start + interval 3 month - interval 1 day as date), latest.as_of
        ) as last_day
    from (
        select distinct cast(date_trunc('quarter', entered_on) as date) as quarter_start
        from {{ ref('fct_dossier_event') }}
    ) as begun
    cross join latest
),

stays as (
    select
        dossier_key,
        entered_on,
        left_on
    from {{ ref('fct_dossier_event') }}
    where
        status_to in ('2', '4')
        and date_trunc('quarter', entered_on)
        is distinct from date_trunc('quarter', coalesce(left_on, date '9999-12-31'))
),

in_progress as (
    select
        quarters.quarter_start,
        quarters.last_day,
        stays.dossier_key
    from stays
    inner join quarters
        on
            stays.entered_on <= quarters.last_day
            and coalesce(stays.left_on, date '9999-12-31') > quarters.last_day
)

select
    dossiers.admin_unit_key,
    in_progress.quarter_start,
    count(*) as in_progress,
    -- what has no due day cannot be overdue
    count(case when dossiers.due_on < in_progress.last_day then 1 end) as overdue
from in_progress
inner join {{ ref('fct_dossier') }} as dossiers
    on in_progress.dossier_key = dossiers.dossier_key
group by dossiers.admin_unit_key, in_progress.quarter_start
