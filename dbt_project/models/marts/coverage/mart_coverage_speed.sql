with threshold as (
    select
        target_id as threshold_target_id,
        cast(value_number as decimal(8, 1)) as threshold_mbps
    from {{ ref('mart_plan_targets') }}
    where target_id = 'MIC-02'
),

measured as (
    select
        measurements.*,
        coalesce(units.admin_unit_key, 'unknown') as admin_unit_key,
        cast(date_trunc('quarter', measurements.measured_on) as date) as quarter_start
    from {{ ref('stg_coverage__measurement') }} as measurements
    left join {{ ref('int_territory_unit') }} as units
        on
            measurements.unit_code = units.code
            and measurements.measured_on between units.first_day and units.last_day
),

speeds as (
    select
        measured.quarter_start,
        measured.admin_unit_key,
        measured.unit_code,
        measured.operator,
        measured.technology,
        any_value(measured.unit_name) as reported_name,
        count(*) as measurements,
        count(distinct measured.point_code) as points,
        cast(sum(measured.download_mbps) as decimal(12, 1)) as download_mbps_sum,
        cast(sum(measured.download_mbps) / count(*) as decimal(9, 2)) as download_mbps_mean,
        cast(median(measured.download_mbps) as decimal(9, 2)) as download_mbps_median,
        count(measured.upload_mbps) as upload_measurements,
        cast(
            sum(measured.upload_mbps) / nullif(count(measured.upload_mbps), 0) as decimal(9, 2)
        ) as upload_mbps_mean,
        count(case when measured.download_mbps < threshold.threshold_mbps then 1 end)
            as measurements_below,
        any_value(threshold.threshold_mbps) as threshold_mbps,
        any_value(threshold.threshold_target_id) as threshold_target_id
    from measured
    cross join threshold
    group by
        measured.quarter_start,
        measured.admin_unit_key,
        measured.unit_code,
        measured.operator,
        measured.technology
)

select
    {{ period_label('speeds.quarter_start', 'quarter') }} as quarter,  -- noqa: RF04
    speeds.quarter_start,
    speeds.admin_unit_key,
    units.scheme as unit_scheme,
    speeds.unit_code,
    coalesce(units.name, speeds.reported_name) as unit_name,
    case
        when units.admin_unit_key is null
            then 'no unit of the province had this code on the day of measurement'
    end as unit_note,
    units.province_code,
    units.province_name,
    units.current_code as current_unit_code,
    units.current_name as current_unit_name,
    coalesce(units.restatement, 'unknown') as restatement,
    speeds.operator || '/' || speeds.technology as network_key,
    speeds.operator,
    speeds.technology,
    speeds.points,
    speeds.measurements,
    'measurements' as weight_name,
    speeds.download_mbps_sum,
    speeds.download_mbps_mean,
    speeds.download_mbps_median,
    speeds.upload_measurements,
    speeds.upload_mbps_mean,
    speeds.measurements_below,
    speeds.threshold_mbps,
    speeds.threshold_target_id,
    -- a mean exactly at the threshold is not below
    speeds.download_mbps_mean < speeds.threshold_mbps as is_below_threshold,
    coalesce(
        speeds.download_mbps_mean = lag(speeds.download_mbps_mean) over (
            partition by
                speeds.admin_unit_key, speeds.unit_code, speeds.operator, speeds.technology
            order by speeds.quarter_start
        ),
        false
    ) as repeats_previous,
    {{ data_origin('coverage') }} as data_origin
from speeds
left join {{ ref('int_territory_unit') }} as units on speeds.admin_unit_key = units.admin_unit_key
