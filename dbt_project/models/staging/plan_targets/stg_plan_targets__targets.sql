select
    target_id,
    doc_id,
    section,
    section_note,
    indicator_vi,
    indicator_en,
    kind,
    kind_note,
    operator,
    -- an interval has two bounds and a qualitative statement no number: neither is a plain value
    case
        when operator = 'text' then 'text'
        when operator = 'range' then 'range'
        else 'value'
    end as value_state,
    value_printed,
    value_number,
    value_high,
    value_of,
    unit,
    period_printed,
    year_from,
    year_to,
    level,
    note
from {{ source('landed', 'plan_targets') }}
