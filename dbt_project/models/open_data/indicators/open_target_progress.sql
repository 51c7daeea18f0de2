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
    progress.gap,
    progress.reference_year,
    progress.status,
    progress.status_reason
from {{ ref('mart_target_progress') }} as progress
inner join {{ ref('dim_indicator') }} as indicators
    on progress.indicator_code = indicators.indicator_code
inner join {{ ref('dim_admin_unit') }} as units
    on progress.admin_unit_key = units.admin_unit_key
