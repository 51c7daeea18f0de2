with units as (
    select * from {{ ref('dim_admin_unit') }}
)

select
    units.admin_unit_key,
    units.level,
    units.scheme,
    units.code,
    units.name,
    concat_ws(', ', units.name, parents.name, grandparents.name) as full_name,
    case
        when units.level = 'district' then units.admin_unit_key
        when parents.level = 'district' then parents.admin_unit_key
    end as district_key,
    case
        when units.level = 'province' then units.admin_unit_key
        when parents.level = 'province' then parents.admin_unit_key
        else grandparents.admin_unit_key
    end as province_key,
    units.valid_from,
    units.valid_to,
    coalesce(units.valid_from, date '0001-01-01') as first_day,
    coalesce(units.valid_to, date '9999-12-31') as last_day
from units
left join units as parents on units.parent_key = parents.admin_unit_key
left join units as grandparents on parents.parent_key = grandparents.admin_unit_key
