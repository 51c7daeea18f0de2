with recursive

units as (
    select
        admin_unit_key,
        level,
        valid_to
    from {{ ref('stg_admin_units__units') }}
),

relations as (
    select
        predecessor_key,
        successor_key,
        relation
    from {{ ref('stg_admin_units__relations') }}
),

predecessors as (
    select
        successor_key,
        count(*) as predecessor_count
    from relations
    where successor_key is not null
    group by successor_key
),

-- what the relations of one unit allow to say: one successor, several, or none that is known
steps as (
    select
        predecessor_key,
        case
            when bool_or(successor_key is null or relation = 'unknown') then 'unknown'
            when count(*) > 1 or bool_or(relation = 'part') then 'split'
            else 'one'
        end as step,
        min(successor_key) as successor_key
    from relations
    group by predecessor_key
),

-- follow each unit for as long as its whole territory goes to one successor
walk as (
    select
        admin_unit_key,
        admin_unit_key as reached_key,
        0 as hops,
        true as same_territory
    from units

    union all

    select
        walk.admin_unit_key,
        steps.successor_key as reached_key,
        walk.hops + 1 as hops,
        walk.same_territory and predecessors.predecessor_count = 1 as same_territory
    from walk
    inner join steps on walk.reached_key = steps.predecessor_key and steps.step = 'one'
    inner join predecessors on steps.successor_key = predecessors.successor_key
    where walk.hops < 50
),

ordered as (
    select
        *,
        row_number() over (
            partition by admin_unit_key
            order by hops desc
        ) as farthest_first
    from walk
),

reached as (
    select *
    from ordered
    where farthest_first = 1
),

judged as (
    select
        reached.admin_unit_key,
        reached.same_territory,
        last_unit.admin_unit_key as last_key,
        case
            when last_unit.valid_to is null and reached.hops = 0 then 'current'
            when last_unit.valid_to is null then 'whole'
            -- districts were abolished: what they were divided into ended with them
            when units.level = 'district' then 'ended'
            else coalesce(steps.step, 'ended')
        end as restatement
    from reached
    inner join units on reached.admin_unit_key = units.admin_unit_key
    inner join units as last_unit on reached.reached_key = last_unit.admin_unit_key
    left join steps on reached.reached_key = steps.predecessor_key
)

select
    admin_unit_key,
    case when restatement in ('current', 'whole') then last_key end as current_admin_unit_key,
    restatement,
    case when restatement in ('current', 'whole') then same_territory end as same_territory
from judged
