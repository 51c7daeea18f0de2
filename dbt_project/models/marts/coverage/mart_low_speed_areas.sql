with measurements as (
    select * from {{ ref('stg_coverage__measurement') }}
),

-- what counts is how a point stands now, not that it was slow once
ordered as (
    select
        *,
        row_number() over (
            partition by point_code, operator, technology
            order by measured_on desc
        ) as newest_first
    from measurements
),

latest as (
    select *
    from ordered
    where newest_first = 1
),

thresholds as (
    select cast({{ env_var('KHOMO_LOW_SPEED_MBPS') }} as decimal(8, 1)) as threshold_mbps
)

select
    latest.point_code,
    latest.place_name,
    latest.operator,
    latest.technology,
    units.admin_unit_key,
    units.scheme as unit_scheme,
    latest.unit_code,
    coalesce(units.name, latest.unit_name) as unit_name,
    case
        when units.admin_unit_key is null
            then 'no unit of the province had this code on the day of measurement'
    end as unit_note,
    units.province_code,
    units.province_name,
    units.current_code as current_unit_code,
    units.current_name as current_unit_name,
    coalesce(units.restatement, 'unknown') as restatement,
    latest.measured_on,
    latest.download_mbps,
    latest.upload_mbps,
    thresholds.threshold_mbps,
    latest.gap_state,
    {{ data_origin('coverage') }} as data_origin
from latest
cross join thresholds
left join {{ ref('int_territory_unit') }} as units
    on
        latest.unit_code = units.code
        and latest.measured_on between units.first_day and units.last_day
-- a point exactly at the threshold meets it
where latest.download_mbps < thresholds.threshold_mbps
