-- The plan of 2010 prints subtotals of six regions. Revenue agrees everywhere; what the table itself
-- has wrong by more than its own rounding (two million dong) is these six figures, and no other.
with expected (line, item_code, difference_vnd) as (
    values
    ('grand_total', 'targeted_programmes', 408315000000),
    ('grand_total', 'targeted_total', 408315000000),
    ('grand_total', 'supplement_total', 408315000000),
    ('region', 'targeted_total', 19661000000),
    ('region', 'targeted_recurrent', 19661000000),
    ('region', 'supplement_total', 19660000000)
),

found as (
    select
        row_class as line,
        item_code,
        cast(children_difference_vnd as bigint) as difference_vnd
    from {{ ref('mart_province_budget') }}
    where budget_year = 2010 and stage = 'plan' and abs(children_difference_vnd) > 2000000
)

(select * from expected except all select * from found)
union all
(select * from found except all select * from expected)
