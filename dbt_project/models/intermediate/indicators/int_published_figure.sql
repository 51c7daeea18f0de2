-- Figures of marts that rest on what was published, one shape for all: relation and measure name
-- the figure, `stg_indicators__measures` says of which indicator it is a value.
with ranks as (
    select
        'mart_dti_ranks' as relation,
        index_code as measure,
        admin_unit_key,
        cast(assessment_year as varchar) as period_code,
        {{ day_of('assessment_year', 1, 1) }} as first_day,
        {{ day_of('assessment_year', 12, 31) }} as last_day,
        cast(rank as decimal(20, 4)) as value_number,
        source,
        cast(null as varchar) as document_number,
        coalesce(note, 'of ' || cast(units_ranked as varchar) || ' units') as note
    from {{ ref('mart_dti_ranks') }}
),

-- one ratio stands in the mart once for every rule that asks about it
shares as (
    select distinct
        'mart_digital_spending' as relation,
        ratio_code as measure,
        admin_unit_key,
        period_from,
        period_to,
        ratio_percent,
        document_number
    from {{ ref('mart_digital_spending') }}
    -- recurrent spending alone is a part of the numerator, and what is printed is a value already
    where basis = 'recomputed' and numerator_scope = 'recurrent_and_investment'
)

select
    relation || ':' || measure || ':' || admin_unit_key || ':' || period_code as figure_id,
    relation,
    measure,
    admin_unit_key,
    period_code,
    period_code as period_as_reported,
    first_day,
    last_day,
    value_number,
    source,
    document_number,
    note,
    'recorded' as data_origin
from ranks
where admin_unit_key is not null

union all

select
    relation || ':' || measure || ':' || admin_unit_key || ':' || cast(period_from as varchar)
    || '-' || cast(period_to as varchar) as figure_id,
    relation,
    measure,
    admin_unit_key,
    case when period_from = period_to then cast(period_from as varchar) end as period_code,
    cast(period_from as varchar) || '–' || cast(period_to as varchar) as period_as_reported,
    {{ day_of('period_from', 1, 1) }} as first_day,
    {{ day_of('period_to', 12, 31) }} as last_day,
    cast(ratio_percent as decimal(20, 4)) as value_number,
    document_number as source,
    document_number,
    'recomputed from the figures of the document' as note,
    'recorded' as data_origin
from shares
