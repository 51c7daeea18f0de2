with recursive

lineage as (
    select
        admin_unit_key,
        level,
        district_key,
        valid_to
    from {{ ref('int_admin_unit_lineage') }}
),

steps as (
    select
        predecessor_key,
        successor_key,
        effective_on
    from {{ ref('bridge_admin_unit') }}
    where successor_key is not null
),

-- a district that ended with its level went to where its communes went
edges as (
    select
        predecessor_key,
        successor_key
    from steps

    union

    select
        districts.admin_unit_key as predecessor_key,
        steps.successor_key
    from lineage as districts
    inner join lineage as communes
        on
            districts.admin_unit_key = communes.district_key
            and communes.level = 'commune'
    inner join steps
        on
            communes.admin_unit_key = steps.predecessor_key
            and steps.effective_on = districts.valid_to + 1
    where
        districts.level = 'district'
        and not exists (
            select 1
            from steps as own
            where own.predecessor_key = districts.admin_unit_key
        )
),

walk as (
    select
        predecessor_key as admin_unit_key,
        successor_key
    from edges

    union

    select
        walk.admin_unit_key,
        edges.successor_key
    from walk
    inner join edges on walk.successor_key = edges.predecessor_key
)

select
    admin_unit_key,
    successor_key
from walk
