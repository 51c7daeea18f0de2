-- What is published rests on what documents, publications and the province's files say, and on the
-- marts made from them. Figures of dossiers and measurements join the list below in a province
-- whose own systems feed the warehouse; synthetic ones are never published as progress.
with progress as (
    {{ target_progress([ref('int_published_figure')]) | indent(4) }}
)

select
    progress.target_id,
    progress.document_id,
    progress.document_number,
    progress.indicator_code,
    indicators.name_vi as indicator_name_vi,
    indicators.name_en as indicator_name_en,
    progress.kind,
    progress.level,
    progress.admin_unit_key,
    units.name as unit_name,
    progress.unit_status,
    progress.operator,
    progress.target_value,
    progress.target_value_high,
    progress.target_printed,
    progress.unit,
    progress.period_printed,
    progress.target_year,
    progress.actual_value,
    progress.actual_period,
    progress.actual_source_kind,
    progress.actual_choice,
    progress.other_source_kind,
    progress.other_value,
    progress.other_period,
    progress.gap,
    progress.reference_year,
    progress.status,
    progress.status_reason
from progress
inner join {{ ref('dim_indicator') }} as indicators
    on progress.indicator_code = indicators.indicator_code
inner join {{ ref('dim_admin_unit') }} as units
    on progress.admin_unit_key = units.admin_unit_key
