select
    line_id,
    province_as_published,
    document_number,
    document_date,
    row_class,
    item,
    period_from,
    period_to,
    is_estimate,
    amount_vnd,
    ratio_percent,
    note
from {{ source('landed', 'it_budget') }}
