select
    cell_id,
    doc_id,
    row_number,
    indicator_vi,
    indicator_en,
    column_source,
    period_printed,
    year_from,
    year_to,
    level,
    operator,
    value_number,
    unit,
    value_state,
    value_printed
from {{ source('landed', 'plan_appendix_cells') }}
