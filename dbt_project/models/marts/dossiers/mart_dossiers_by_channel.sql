with by_unit as (
    {{ summed_counts(
        ref('int_dossier_counts_by_unit'),
        ['admin_unit_key', 'channel_code', 'service_level', 'month_start'],
    ) }}
),

-- the province a dossier was handled in, as it was then
counted as (
    select
        by_unit.month_start,
        coalesce(units.province_key, 'unknown') as province_key,
        units.province_code,
        coalesce(units.province_name, 'Không xác định') as province_name,
        by_unit.channel_code,
        by_unit.service_level,
        cast(sum(by_unit.received) as bigint) as received,
        cast(sum(by_unit.completed) as bigint) as completed,
        cast(sum(by_unit.completed_on_time) as bigint) as completed_on_time,
        cast(sum(by_unit.completed_late) as bigint) as completed_late
    from by_unit
    left join {{ ref('int_territory_unit') }} as units
        on by_unit.admin_unit_key = units.admin_unit_key
    group by
        by_unit.month_start,
        coalesce(units.province_key, 'unknown'),
        units.province_code,
        coalesce(units.province_name, 'Không xác định'),
        by_unit.channel_code,
        by_unit.service_level
)

select
    {{ period_label('counted.month_start', 'month') }} as month,  -- noqa: RF04
    counted.month_start,
    counted.province_key,
    counted.province_code,
    counted.province_name,
    counted.channel_code,
    counted.service_level,
    counted.received,
    counted.completed,
    counted.completed_on_time,
    counted.completed_late,
    {{ share_percent('counted.completed_on_time', 'counted.completed') }} as on_time_rate
from counted
