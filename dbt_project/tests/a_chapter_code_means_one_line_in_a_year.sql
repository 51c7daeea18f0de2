-- No chapter code is listed by two circulars for the same fiscal year.
select
    earlier.budget_line_key,
    later.budget_line_key as other_key
from {{ ref('dim_budget_line') }} as earlier
inner join {{ ref('dim_budget_line') }} as later
    on
        earlier.code = later.code
        and earlier.budget_line_key < later.budget_line_key
        and coalesce(earlier.valid_from_fy, 0) <= coalesce(later.valid_to_fy, 9999)
        and coalesce(later.valid_from_fy, 0) <= coalesce(earlier.valid_to_fy, 9999)
where earlier.line_kind <> 'form_column' and later.line_kind <> 'form_column'
