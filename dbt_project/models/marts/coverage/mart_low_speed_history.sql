with threshold as (
    select cast({{ env_var('KHOMO_LOW_SPEED_MBPS') }} as decimal(8, 1)) as threshold_mbps
),

measured as (
    select
        measurements.*,
        threshold.threshold_mbps,
        measurements.download_mbps < threshold.threshold_mbps as is_below,
        max(measurements.measured_on) over () as surveyed_to
    from {{ ref('stg_coverage__measurement') }} as measurements
    cross join threshold
),

low_spells as (
    {{ spells('measured', ['point_code', 'operator', 'technology'], 'measured_on', 'is_below')
        | indent(4) }}
),

described as (
    select
        low_spells.*,
        openings.place_name,
        openings.unit_code,
        openings.unit_name as reported_name,
        openings.threshold_mbps,
        openings.surveyed_to,
        min(below.download_mbps) as lowest_download_mbps
    from low_spells
    inner join measured as openings
        on
            low_spells.point_code = openings.point_code
            and low_spells.operator = openings.operator
            and low_spells.technology = openings.technology
            and low_spells.opened_on = openings.measured_on
    inner join measured as below
        on
            low_spells.point_code = below.point_code
            and low_spells.operator = below.operator
            and low_spells.technology = below.technology
            and low_spells.opened_on <= below.measured_on
            and coalesce(low_spells.closed_on > below.measured_on, true)
    group by
        low_spells.point_code,
        low_spells.operator,
        low_spells.technology,
        low_spells.spell_number,
        low_spells.opened_on,
        low_spells.closed_on,
        low_spells.observations,
        low_spells.latest_day,
        openings.place_name,
        openings.unit_code,
        openings.unit_name,
        openings.threshold_mbps,
        openings.surveyed_to
)

select
    described.point_code,
    described.operator,
    described.technology,
    described.spell_number,
    described.place_name,
    units.admin_unit_key,
    described.unit_code,
    coalesce(units.name, described.reported_name) as unit_name,
    case
        when units.admin_unit_key is null
            then 'no unit of the province had this code on the day of measurement'
    end as unit_note,
    units.current_code as current_unit_code,
    units.current_name as current_unit_name,
    coalesce(units.restatement, 'unknown') as restatement,
    case when described.closed_on is null then 'open' else 'closed' end as spell_state,
    described.opened_on,
    described.closed_on,
    -- what is open counts to the end of the survey, however long ago the point was measured
    coalesce(described.closed_on, described.surveyed_to) as counted_to,
    cast(coalesce(described.closed_on, described.surveyed_to) - described.opened_on as integer)
        as days_open,
    described.latest_day as last_measured_on,
    described.observations as measurements_below,
    described.lowest_download_mbps,
    described.threshold_mbps,
    {{ data_origin('coverage') }} as data_origin
from described
left join {{ ref('int_territory_unit') }} as units
    on
        described.unit_code = units.code
        and described.opened_on between units.first_day and units.last_day
