with units as (
    select * from {{ ref('stg_admin_units__units') }}
)

select
    units.admin_unit_key,
    units.scheme,
    units.code,
    units.level,
    units.name,
    units.name_short,
    units.unit_type,
    units.parent_code,
    -- the version of the parent on the last day of this version of the unit
    parents.admin_unit_key as parent_key,
    units.province_code,
    units.valid_from,
    units.valid_to,
    units.validity_note,
    units.source
from units
left join units as parents
    on
        units.scheme = parents.scheme
        and units.parent_code = parents.code
        and coalesce(units.valid_to, date '9999-12-31')
        between coalesce(parents.valid_from, date '0001-01-01')
        and coalesce(parents.valid_to, date '9999-12-31')
