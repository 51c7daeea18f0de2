-- What units reported and what is told for today's units have the same total, measure by measure:
-- whole units roll up, everything else stays in the rest, and no unit is in two of today's.
with reported as (
    select
        admin_unit_key,
        received,
        completed,
        completed_on_time
    from {{ ref('mart_dossiers_by_unit') }}
),

before as (
    select
        sum(received) as received,
        sum(completed) as completed,
        sum(completed_on_time) as completed_on_time
    from reported
),

restated as (
    select
        units.current_admin_unit_key,
        reported.admin_unit_key,
        reported.received,
        reported.completed,
        reported.completed_on_time
    from reported
    left join {{ ref('int_admin_unit_current') }} as units
        on reported.admin_unit_key = units.admin_unit_key
),

today as (
    select
        current_admin_unit_key,
        sum(received) as received,
        sum(completed) as completed,
        sum(completed_on_time) as completed_on_time
    from restated
    where current_admin_unit_key is not null
    group by current_admin_unit_key
),

rest as (
    select
        received,
        completed,
        completed_on_time
    from restated
    where current_admin_unit_key is null
),

after as (
    select
        sum(received) as received,
        sum(completed) as completed,
        sum(completed_on_time) as completed_on_time
    from (
        select
            received,
            completed,
            completed_on_time
        from today
        union all
        select * from rest
    ) as both_parts
),

-- a unit that was divided has figures in no unit of today, its own successors included
divided as (
    select distinct restated.admin_unit_key
    from restated
    inner join {{ ref('bridge_admin_unit') }} as steps
        on restated.admin_unit_key = steps.predecessor_key and steps.relation = 'part'
    where restated.current_admin_unit_key is not null
)

select 'the totals differ' as problem
from before
cross join after
where
    before.received <> after.received
    or before.completed <> after.completed
    or before.completed_on_time <> after.completed_on_time

union all

select 'a divided unit is counted in a unit of today: ' || admin_unit_key as problem
from divided
