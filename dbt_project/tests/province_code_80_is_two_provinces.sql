-- Code 80 was given to another province on 1 July 2025: the unit that had it before and the old 72
-- both went into the new 80, which has the name of the old 72.
with expected as (
    select
        before_80.admin_unit_key is not null
        and before_72.name = after_80.name
        and before_80.name <> after_80.name
        and not exists (
            select 1
            from {{ ref('dim_admin_unit') }} as reused
            where reused.scheme = after_80.scheme and reused.code = before_72.code
        )
        and (
            select count(*)
            from {{ ref('int_admin_unit_current') }} as steps
            where
                steps.admin_unit_key in (before_80.admin_unit_key, before_72.admin_unit_key)
                and steps.current_admin_unit_key = after_80.admin_unit_key
                and steps.restatement = 'whole'
                and not steps.same_territory
        ) = 2 as holds
    from {{ ref('dim_admin_unit') }} as after_80
    left join {{ ref('dim_admin_unit') }} as before_80
        on before_80.admin_unit_key = 'GSO_PRE2025:80:2025-06-30'
    left join {{ ref('dim_admin_unit') }} as before_72
        on before_72.admin_unit_key = 'GSO_PRE2025:72:2025-06-30'
    where after_80.admin_unit_key = 'QD19_2025:80:open'
)

select count(*) as holding
from expected
where holds
having count(*) <> 1
