-- What documents report, what others published and what the province gives, in one shape. A value
-- is kept as reported: it is never carried to a successor of its unit here.
with documented as (
    select
        'document:' || targets.target_id as value_id,
        'document' as origin,
        statements.indicator_code,
        targets.level,
        targets.admin_unit_key,
        targets.province_as_published as unit_as_reported,
        case when targets.year_from = targets.year_to then cast(targets.year_to as varchar) end
            as period_code,
        targets.period_printed as period_as_reported,
        cast(cast(targets.year_from as varchar) || '-01-01' as date) as first_day,
        cast(cast(targets.year_to as varchar) || '-12-31' as date) as last_day,
        targets.operator,
        targets.value_state,
        cast(targets.value_number as decimal(20, 4)) as value_number,
        cast(targets.value_of as decimal(20, 4)) as value_of,
        targets.unit,
        targets.value_printed as value_as_reported,
        false as is_contradicted,
        targets.doc_id as document_id,
        coalesce(targets.document_number, targets.doc_id) as source,
        targets.note
    from {{ ref('mart_plan_targets') }} as targets
    inner join {{ ref('stg_indicators__statements') }} as statements
        on targets.target_id = statements.statement and statements.part = 'statement'
    where targets.kind in ('result', 'rank', 'rank_change')
),

filed_values as (
    select
        'publication:' || _row as value_id,
        'publication' as origin,
        *
    from {{ ref('stg_indicators__published_values') }}

    union all

    select
        'province:' || _resource || ':' || _row as value_id,
        'province' as origin,
        *
    from {{ ref('stg_indicator_values__values') }}
),

-- one document cannot say two things of one indicator, unit and period: where two files have it so,
-- neither is taken for the right one
given as (
    select
        *,
        min(value) over said != max(value) over said
        or min(value_state) over said != max(value_state) over said as is_contradicted
    from filed_values
    window said as (
        partition by indicator_code, unit_scheme, unit_code, period, coalesce(document, source)
    )
),

units as (
    select
        admin_unit_key,
        scheme,
        code,
        name,
        coalesce(valid_from, date '0001-01-01') as first_day,
        coalesce(valid_to, date '9999-12-31') as last_day
    from {{ ref('dim_admin_unit') }}
),

filed as (
    select
        given.value_id,
        given.origin,
        given.indicator_code,
        cast(null as varchar) as level,  -- noqa: RF04
        units.admin_unit_key,
        case
            when given.unit_scheme != 'NATIONAL'
                then coalesce(units.name, given.unit_scheme || ' ' || given.unit_code)
        end as unit_as_reported,
        periods.period_code,
        given.period as period_as_reported,
        periods.first_day,
        periods.last_day,
        '=' as operator,  -- noqa: RF04
        given.value_state,
        cast(given.value as decimal(20, 4)) as value_number,
        cast(null as decimal(20, 4)) as value_of,
        given.unit,
        cast(given.value as varchar) as value_as_reported,
        given.is_contradicted,
        cast(null as varchar) as document_id,
        given.source,
        given.note
    from given
    left join {{ ref('dim_period') }} as periods
        on given.period = periods.period_code and not periods.is_cumulative
    left join units
        on
            given.unit_scheme = units.scheme
            and given.unit_code = units.code
            and periods.last_day between units.first_day and units.last_day
),

reported as (
    select * from documented
    union all
    select * from filed
),

joined as (
    select
        reported.*,
        indicators.indicator_code as known_indicator_code,
        restated.current_admin_unit_key,
        restated.restatement,
        restated.same_territory,
        case
            when indicators.indicator_code is null then 'the indicator is not in the catalogue'
            when reported.unit_as_reported is not null and reported.admin_unit_key is null
                then 'no unit had this code at the end of the period'
            when
                reported.origin != 'document'
                and coalesce(reported.unit, '') != coalesce(indicators.unit, '')
                then 'the unit of measure is not that of the indicator'
            when reported.is_contradicted
                then 'its source gives another value for the same indicator, unit and period'
        end as problem
    from reported
    left join {{ ref('dim_indicator') }} as indicators
        on reported.indicator_code = indicators.indicator_code
    left join {{ ref('int_admin_unit_current') }} as restated
        on reported.admin_unit_key = restated.admin_unit_key
)

select
    value_id,
    origin,
    known_indicator_code as indicator_code,
    case when known_indicator_code is null then indicator_code end as unknown_indicator_code,
    level,
    case when unit_as_reported is null then 'national' else 'unit' end as unit_scope,
    admin_unit_key,
    unit_as_reported,
    current_admin_unit_key,
    -- a percentage, a mean or a rank of a merged unit says nothing of its successor
    case
        when unit_as_reported is null then 'national'
        when restatement = 'current' then 'current'
        when same_territory then 'continued'
        when restatement is not null then 'not comparable'
        else 'unknown'
    end as comparability,
    period_code,
    period_as_reported,
    first_day,
    last_day,
    operator,
    value_state,
    case when problem is null then value_number end as value_number,
    value_of,
    unit,
    value_as_reported,
    problem,
    document_id,
    source,
    note
from joined
