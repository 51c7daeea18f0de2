-- A survey row without a state says nothing of a gap; a point is an open gap on a day when any of
-- its rows of that day says so.
with surveyed as (
    select
        point_code,
        measured_on,
        bool_or(gap_state = 'open') as is_open,
        any_value(place_name) as place_name,
        any_value(unit_code) as unit_code,
        any_value(unit_name) as unit_name,
        max(max(measured_on)) over () as surveyed_to
    from {{ ref('stg_coverage__measurement') }}
    where gap_state is not null
    group by point_code, measured_on
),

open_spells as (
    {{ spells('surveyed', ['point_code'], 'measured_on', 'is_open') | indent(4) }}
),

-- a gap that was closed when it was first surveyed was open before, nobody knows since when
closed_before as (
    select
        point_code,
        min(measured_on) as closed_on,
        max(measured_on) as latest_day
    from surveyed
    group by point_code
    having not min_by(is_open, measured_on)
),

gaps as (
    select
        point_code,
        spell_number as gap_number,
        opened_on,
        closed_on,
        observations,
        latest_day
    from open_spells

    union all

    select
        point_code,
        0 as gap_number,
        null as opened_on,
        closed_on,
        0 as observations,
        latest_day
    from closed_before
)

select
    gaps.point_code,
    cast(gaps.gap_number as integer) as gap_number,
    surveyed.place_name,
    units.admin_unit_key,
    surveyed.unit_code,
    coalesce(units.name, surveyed.unit_name) as unit_name,
    case
        when units.admin_unit_key is null
            then 'no unit of the province had this code on the day of measurement'
    end as unit_note,
    units.current_code as current_unit_code,
    units.current_name as current_unit_name,
    coalesce(units.restatement, 'unknown') as restatement,
    case when gaps.closed_on is null then 'open' else 'closed' end as gap_state,
    gaps.opened_on,
    gaps.closed_on,
    coalesce(gaps.closed_on, surveyed.surveyed_to) as counted_to,
    cast(coalesce(gaps.closed_on, surveyed.surveyed_to) - gaps.opened_on as integer) as days_open,
    case when gaps.opened_on is null then 'closed already when first surveyed' end as gap_note,
    gaps.latest_day as last_surveyed_on,
    gaps.observations as surveys_open,
    {{ data_origin('coverage') }} as data_origin
from gaps
inner join surveyed
    on
        gaps.point_code = surveyed.point_code
        and coalesce(gaps.opened_on, gaps.closed_on) = surveyed.measured_on
left join {{ ref('int_territory_unit') }} as units
    on
        surveyed.unit_code = units.code
        and surveyed.measured_on between units.first_day and units.last_day
