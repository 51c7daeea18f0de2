with units as (
    select
        admin_unit_key,
        scheme,
        code,
        level,
        name,
        province_code,
        coalesce(valid_from, date '0001-01-01') as first_day,
        coalesce(valid_to, date '9999-12-31') as last_day
    from {{ ref('dim_admin_unit') }}
),

today as (
    select
        restated.admin_unit_key,
        restated.current_admin_unit_key,
        restated.restatement,
        units.scheme as current_scheme,
        units.code as current_code,
        units.name as current_name
    from {{ ref('int_admin_unit_current') }} as restated
    left join units on restated.current_admin_unit_key = units.admin_unit_key
),

-- the province of province.yaml, and every province that became part of it as a whole
provinces as (
    select units.*
    from units
    inner join today on units.admin_unit_key = today.admin_unit_key
    where
        units.level = 'province'
        and today.current_scheme = '{{ env_var("KHOMO_PROVINCE_SCHEME") }}'
        and today.current_code = '{{ env_var("KHOMO_PROVINCE_CODE") }}'
),

versions as (
    select
        units.admin_unit_key,
        units.scheme,
        units.code,
        units.level,
        units.name,
        units.first_day,
        units.last_day,
        provinces.admin_unit_key as province_key,
        provinces.code as province_code,
        provinces.name as province_name,
        today.current_admin_unit_key,
        today.current_code,
        today.current_name,
        today.restatement,
        row_number() over (
            partition by units.admin_unit_key
            order by provinces.last_day desc
        ) as latest_first
    from units
    inner join provinces
        on
            units.scheme = provinces.scheme
            and units.province_code = provinces.code
            and units.first_day <= provinces.last_day
            and units.last_day >= provinces.first_day
    inner join today on units.admin_unit_key = today.admin_unit_key
)

-- where the province itself changed name or type meanwhile, its latest version counts
select
    admin_unit_key,
    scheme,
    code,
    level,
    name,
    first_day,
    last_day,
    province_key,
    province_code,
    province_name,
    current_admin_unit_key,
    current_code,
    current_name,
    restatement
from versions
where latest_first = 1
