select
    unit_scheme,
    unit_code,
    budget_year,
    form,
    line_marker,
    line_label,
    cumulated_to,
    parent_marker,
    amount as printed_amount,
    currency_unit,
    cast(amount * {{ vnd_factor('currency_unit') }} as decimal(20, 0)) as cumulated_vnd,
    source,
    document
from {{ source('landed', 'quarterly_budget') }}
