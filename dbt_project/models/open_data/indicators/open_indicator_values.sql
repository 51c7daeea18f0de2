-- A value of an indicator that the catalogue does not know stays in the warehouse.
select
    facts.value_id,
    facts.origin,
    facts.indicator_code,
    indicators.name_vi as indicator_name_vi,
    indicators.name_en as indicator_name_en,
    facts.level,
    facts.unit_scope,
    facts.admin_unit_key,
    facts.unit_as_reported,
    facts.comparability,
    facts.period_code,
    facts.period_as_reported,
    facts.last_day,
    facts.operator,
    facts.value_state,
    facts.value_number,
    facts.value_of,
    facts.unit,
    facts.problem,
    facts.document_id,
    facts.source,
    facts.note
from {{ ref('fct_indicator_value') }} as facts
inner join {{ ref('dim_indicator') }} as indicators
    on facts.indicator_code = indicators.indicator_code
