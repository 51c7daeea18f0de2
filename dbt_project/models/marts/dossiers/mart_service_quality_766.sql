with received_by_procedure as (
    select
        admin_unit_key,
        quarter_start,
        procedure_with_fee,
        sum(received) as received,
        sum(digitised) as digitised,
        sum(could_be_online) as could_be_online,
        sum(filed_online) as filed_online,
        sum(could_be_full) as could_be_full,
        sum(full_online) as full_online,
        sum(with_fee) as with_fee,
        sum(paid_online) as paid_online
    from {{ ref('int_service_quality_counts') }}
    group by admin_unit_key, quarter_start, procedure_with_fee
),

completed as (
    select
        admin_unit_key,
        cast(date_trunc('quarter', month_start) as date) as quarter_start,
        sum(completed) as completed,
        sum(completed_on_time) as on_time
    from {{ ref('int_dossier_counts_by_unit') }}
    where completed > 0
    group by admin_unit_key, date_trunc('quarter', month_start)
),

-- a procedure counts once in each unit, and once in the province
scoped as (
    select
        'unit' as scope,
        coalesce(admin_unit_key, 'unknown') as admin_unit_key,
        quarter_start,
        procedure_with_fee,
        received,
        digitised,
        could_be_online,
        filed_online,
        could_be_full,
        full_online,
        with_fee,
        paid_online
    from received_by_procedure

    union all

    select
        'province' as scope,
        'all' as admin_unit_key,
        quarter_start,
        procedure_with_fee,
        sum(received) as received,
        sum(digitised) as digitised,
        sum(could_be_online) as could_be_online,
        sum(filed_online) as filed_online,
        sum(could_be_full) as could_be_full,
        sum(full_online) as full_online,
        sum(with_fee) as with_fee,
        sum(paid_online) as paid_online
    from received_by_procedure
    group by quarter_start, procedure_with_fee
),

received as (
    select
        scope,
        admin_unit_key,
        quarter_start,
        sum(received) as received,
        sum(digitised) as digitised,
        sum(could_be_online) as could_be_online,
        sum(filed_online) as filed_online,
        sum(could_be_full) as could_be_full,
        sum(full_online) as full_online,
        sum(with_fee) as with_fee,
        sum(paid_online) as paid_online,
        sum(case when with_fee > 0 then 1 else 0 end) as procedures_with_fee,
        sum(case when paid_online > 0 then 1 else 0 end) as procedures_paid_online
    from scoped
    group by scope, admin_unit_key, quarter_start
),

completed_in_scope as (
    select
        'unit' as scope,
        coalesce(admin_unit_key, 'unknown') as admin_unit_key,
        quarter_start,
        completed,
        on_time
    from completed

    union all

    select
        'province' as scope,
        'all' as admin_unit_key,
        quarter_start,
        sum(completed) as completed,
        sum(on_time) as on_time
    from completed
    group by quarter_start
),

open_in_scope as (
    select
        'unit' as scope,
        coalesce(admin_unit_key, 'unknown') as admin_unit_key,
        quarter_start,
        in_progress,
        overdue
    from {{ ref('int_open_dossiers_by_quarter') }}

    union all

    select
        'province' as scope,
        'all' as admin_unit_key,
        quarter_start,
        sum(in_progress) as in_progress,
        sum(overdue) as overdue
    from {{ ref('int_open_dossiers_by_quarter') }}
    group by quarter_start
),

-- a unit that received nothing may still complete, or have dossiers in progress
places as (
    select
        scope,
        admin_unit_key,
        quarter_start
    from received
    union distinct
    select
        scope,
        admin_unit_key,
        quarter_start
    from completed_in_scope
    union distinct
    select
        scope,
        admin_unit_key,
        quarter_start
    from open_in_scope
),

filled as (
    select
        places.scope,
        places.admin_unit_key,
        places.quarter_start,
        indicators.*,
        -- nothing happened is 0; what has no input stays NULL
        cast(
            case indicators.indicator_code
                when 'on_time_rate' then coalesce(completed_in_scope.on_time, 0)
                when 'open_overdue_rate' then coalesce(open_in_scope.overdue, 0)
                when 'component_digitisation_rate' then coalesce(received.digitised, 0)
                when 'online_rate' then coalesce(received.filed_online, 0)
                when 'full_service_online_rate' then coalesce(received.full_online, 0)
                when 'online_payment_by_dossier' then coalesce(received.paid_online, 0)
                when 'online_payment_by_procedure' then coalesce(received.procedures_paid_online, 0)
            end as bigint
        ) as numerator,
        cast(
            case indicators.indicator_code
                when 'on_time_rate' then coalesce(completed_in_scope.completed, 0)
                when 'open_overdue_rate' then coalesce(open_in_scope.in_progress, 0)
                when 'component_digitisation_rate' then coalesce(received.received, 0)
                when 'online_rate' then coalesce(received.could_be_online, 0)
                when 'full_service_online_rate' then coalesce(received.could_be_full, 0)
                when 'online_payment_by_dossier' then coalesce(received.with_fee, 0)
                when 'online_payment_by_procedure' then coalesce(received.procedures_with_fee, 0)
            end as bigint
        ) as denominator
    from places
    cross join {{ ref('int_service_quality_766_indicator') }} as indicators
    left join received
        on
            places.scope = received.scope
            and places.admin_unit_key = received.admin_unit_key
            and places.quarter_start = received.quarter_start
    left join completed_in_scope
        on
            places.scope = completed_in_scope.scope
            and places.admin_unit_key = completed_in_scope.admin_unit_key
            and places.quarter_start = completed_in_scope.quarter_start
    left join open_in_scope
        on
            places.scope = open_in_scope.scope
            and places.admin_unit_key = open_in_scope.admin_unit_key
            and places.quarter_start = open_in_scope.quarter_start
),

latest as (
    select max(received_on) as received_on from {{ ref('fct_dossier') }}
)

select
    {{ period_label('filled.quarter_start', 'quarter') }} as quarter,  -- noqa: RF04
    filled.quarter_start,
    {{ is_partial_period('filled.quarter_start', 'quarter', 'latest.received_on') }}
        as is_partial_period,
    filled.scope,
    filled.admin_unit_key,
    case
        when filled.scope = 'province' then 'Toàn tỉnh'
        else coalesce(units.name, 'Không xác định')
    end as unit_name,
    filled.group_number,
    filled.group_vi,
    filled.group_en,
    filled.group_max_points,
    filled.indicator_code,
    filled.indicator_vi,
    filled.indicator_en,
    filled.numerator,
    filled.denominator,
    {{ share_percent('filled.numerator', 'filled.denominator') }} as rate_percent,
    filled.indicator_max_points,
    cast(null as decimal(9, 4)) as score,
    case
        when filled.not_measured_reason is not null or filled.denominator = 0 then 'not measured'
        else 'rate only'
    end as measured_state,
    case
        when filled.not_measured_reason is not null then filled.not_measured_reason
        when filled.denominator = 0 then 'nothing to measure in the quarter'
        when filled.indicator_max_points is null
            then 'the points of this indicator are in no source at hand'
        else 'how the rate becomes points is in no source at hand'
    end as reason
from filled
cross join latest
left join {{ ref('int_territory_unit') }} as units
    on filled.admin_unit_key = units.admin_unit_key
