-- Figures of marts that rest on the province's own systems: dossiers and measurements, all of the
-- territory of today, by whole quarter. Where these are synthetic the row says so.
with province as (
    select admin_unit_key
    from {{ ref('int_territory_unit') }}
    where level = 'province' and admin_unit_key = current_admin_unit_key
),

counted as (
    select
        'mart_dossiers_by_unit' as relation,
        'online_share' as measure,
        quarter_start,
        sum(received_online) as numerator,
        sum(received) as denominator,
        {{ share_percent('sum(received_online)', 'sum(received)') }} as value_number,
        'dossiers' as source,
        cast(null as varchar) as note
    from {{ ref('mart_dossiers_by_unit') }}
    where not is_partial_period
    group by quarter_start

    union all

    select
        'mart_service_quality_766' as relation,
        indicator_code as measure,
        quarter_start,
        numerator,
        denominator,
        rate_percent as value_number,
        'dossiers' as source,
        cast(null as varchar) as note
    from {{ ref('mart_service_quality_766') }}
    where scope = 'province' and not is_partial_period and rate_percent is not null

    union all

    -- a mean of means would let a place with one measurement count like one with a hundred
    select
        'mart_coverage_speed' as relation,
        'download_mbps_mean' as measure,
        quarter_start,
        sum(download_mbps_sum) as numerator,
        sum(measurements) as denominator,
        sum(download_mbps_sum) / nullif(sum(measurements), 0) as value_number,
        'coverage' as source,
        'mobile networks, weighted by measurements' as note
    from {{ ref('mart_coverage_speed') }}
    group by quarter_start
)

select
    counted.relation || ':' || counted.measure || ':' || periods.period_code as figure_id,
    counted.relation,
    counted.measure,
    province.admin_unit_key,
    periods.period_code,
    periods.period_code as period_as_reported,
    periods.first_day,
    periods.last_day,
    cast(counted.value_number as decimal(20, 4)) as value_number,
    counted.source,
    cast(null as varchar) as document_number,
    counted.note,
    case when contracts.is_synthetic then 'synthetic' else 'recorded' end as data_origin
from counted
inner join {{ ref('dim_period') }} as periods
    on counted.quarter_start = periods.first_day and periods.period_kind = 'quarter'
inner join {{ ref('stg_contracts__sources') }} as contracts on counted.source = contracts.source
cross join province
where counted.value_number is not null
