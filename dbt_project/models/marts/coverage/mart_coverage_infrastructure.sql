-- What is reported of stations, their positions and fibre, side by side. A position can carry
-- several stations, so that the two are never one number; what nobody reported is empty with the
-- reason. A figure that stands again unchanged in the next report is marked: it may be a copy.
with reported as (
    select
        indicator_code,
        unit_scope,
        coalesce(admin_unit_key, unit_scope) as place,
        admin_unit_key,
        unit_as_reported,
        first_day,
        last_day,
        period_as_reported,
        operator,
        value_number,
        source,
        value_number = lag(value_number) over earlier
        and last_day > lag(last_day) over earlier as repeats_previous
    from {{ ref('fct_indicator_value') }}
    where
        indicator_code in (
            'base_stations', 'base_stations_5g', 'base_station_positions', 'fibre_km',
            'households_with_fibre_share'
        )
        and value_number is not null
    window earlier as (
        partition by indicator_code, coalesce(admin_unit_key, unit_scope)
        order by last_day, value_id
    )
),

sided as (
    select
        place,
        last_day,
        min(unit_scope) as unit_scope,
        min(admin_unit_key) as admin_unit_key,
        min(unit_as_reported) as unit_as_reported,
        min(period_as_reported) as period_as_reported,
        {{ only_value("indicator_code = 'base_stations'", 'value_number') }} as stations,
        {{ only_value("indicator_code = 'base_stations_5g'", 'value_number') }} as stations_5g,
        {{ only_value("indicator_code = 'base_station_positions'", 'value_number') }} as positions,
        {{ only_value("indicator_code = 'fibre_km'", 'value_number') }} as fibre_km,
        max(case when indicator_code = 'fibre_km' then operator end) as fibre_km_operator,
        {{ only_value("indicator_code = 'households_with_fibre_share'", 'value_number') }}
            as households_with_fibre_percent,
        count(case when indicator_code = 'base_stations' then 1 end) as stations_reports,
        count(case when indicator_code = 'base_station_positions' then 1 end) as positions_reports,
        count(case when indicator_code = 'households_with_fibre_share' then 1 end)
            as households_reports,
        {{ joined_texts(
            'case when repeats_previous then indicator_code end', '; ',
            order_by='case when repeats_previous then indicator_code end', distinct=true
        ) }} as repeated_indicators,
        {{ joined_texts('source', '; ', order_by='source', distinct=true) }} as sources
    from reported
    group by place, last_day
)

select
    place || '@' || cast(last_day as varchar) as report_id,
    unit_scope,
    admin_unit_key,
    unit_as_reported,
    period_as_reported,
    last_day as reported_to,
    cast(stations as bigint) as stations,
    cast(stations_5g as bigint) as stations_5g,
    {{ share_percent('stations_5g', 'stations') }} as stations_5g_percent,
    cast(positions as bigint) as positions,
    cast(stations / nullif(positions, 0) as decimal(9, 4)) as stations_per_position,
    case
        when stations is null and stations_reports > 0
            then 'sources give several numbers of stations'
        when stations is null then 'nobody reported stations of this period'
        when positions is null and positions_reports > 0
            then 'sources give several numbers of positions'
        when positions is null then 'nobody reported positions of this period'
    end as positions_note,
    fibre_km,
    fibre_km_operator,
    households_with_fibre_percent,
    case
        when households_with_fibre_percent is null and households_reports > 0
            then 'sources give several shares of households'
        when households_with_fibre_percent is null
            then 'nobody reported households with fibre of this period'
    end as households_note,
    repeated_indicators is not null as has_repeated_value,
    repeated_indicators,
    sources
from sided
