-- Chapter codes are given for the years in which their circular applies; columns of a published
-- form only for the years whose form is at hand, because the form changes from year to year.
with lines as (
    {{ budget_lines() | indent(4) }}
),

keyed as (
    select
        *,
        scheme || ':' || code as budget_line_key
    from lines
),

with_parts as (
    select distinct scheme || ':' || parent_code as budget_line_key
    from lines
    where parent_code is not null
)

select
    keyed.budget_line_key,
    keyed.scheme,
    keyed.line_kind,
    keyed.code,
    cast(keyed.line_position as integer) as line_position,
    parents.budget_line_key as parent_key,
    keyed.label_vi,
    keyed.label_en,
    keyed.budget_level,
    keyed.measure,
    with_parts.budget_line_key is null as is_leaf,
    -- chapters are ranges of codes: nothing adds up to them in a table
    keyed.line_kind = 'form_column' and with_parts.budget_line_key is not null as is_total,
    cast(keyed.valid_from_fy as integer) as valid_from_fy,
    cast(keyed.valid_to_fy as integer) as valid_to_fy,
    keyed.validity_note,
    successors.budget_line_key as replaced_by_key,
    keyed.certainty,
    keyed.document_number
from keyed
left join keyed as parents
    on keyed.scheme = parents.scheme and keyed.parent_code = parents.code
left join keyed as successors
    on
        keyed.replaced_by_scheme = successors.scheme
        and keyed.replaced_by_code = successors.code
left join with_parts on keyed.budget_line_key = with_parts.budget_line_key
