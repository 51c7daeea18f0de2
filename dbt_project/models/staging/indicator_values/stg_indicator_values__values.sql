select
    indicator_code,
    unit_scheme,
    unit_code,
    period,
    value,
    value_state,
    unit,
    source,
    document,
    note,
    _resource,
    _row
from {{ source('landed', 'indicator_values') }}
