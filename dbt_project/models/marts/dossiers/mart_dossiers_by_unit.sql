with by_quarter as (
    select
        *,
        cast(date_trunc('quarter', month_start) as date) as period_start
    from {{ ref('int_dossier_counts_by_unit') }}
),

counted as (
    {{ summed_counts('by_quarter', ['admin_unit_key', 'period_start']) }}
),

units as (
    select * from {{ ref('int_territory_unit') }}
),

latest as (
    select max(received_on) as received_on from {{ ref('fct_dossier') }}
)

select
    {{ period_label('counted.period_start', 'quarter') }} as quarter,  -- noqa: RF04
    counted.period_start as quarter_start,
    coalesce(counted.admin_unit_key, 'unknown') as admin_unit_key,
    units.scheme as unit_scheme,
    units.code as unit_code,
    coalesce(units.name, 'Không xác định') as unit_name,
    coalesce(units.level, 'unknown') as unit_level,
    coalesce(units.province_key, 'unknown') as province_key,
    units.province_code,
    units.province_name,
    units.current_code as current_unit_code,
    units.current_name as current_unit_name,
    coalesce(units.restatement, 'unknown') as restatement,
    {{ is_partial_period('counted.period_start', 'quarter', 'latest.received_on') }}
        as is_partial_period,
    {{ dossier_measures('counted') }}
from counted
left join units on counted.admin_unit_key = units.admin_unit_key
cross join latest
