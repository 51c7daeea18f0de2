-- What documents say of a year and of the change to it leads to the year before: 79,466 signatures
-- after 55,727 more are 23,739; rank 37 after 22 places up is 59. The rank is told so, and said to
-- be worked out.
with statements as (
    select
        target_id,
        value_number,
        year_to
    from {{ ref('mart_plan_targets') }}
),

expected (value_id, change_id, direction, before) as (
    values
    ('HT-19', 'HT-20', -1, 23739),
    ('HT-06', 'HT-07', 1, 59)
),

found as (
    select
        expected.value_id,
        cast(known.value_number + expected.direction * changed.value_number as integer) as before,
        known.year_to - 1 as year_before
    from expected
    left join statements as known on expected.value_id = known.target_id
    left join statements as changed
        on expected.change_id = changed.target_id and known.year_to = changed.year_to
)

select
    expected.value_id,
    found.before
from expected
left join found on expected.value_id = found.value_id
where found.before is null or expected.before <> found.before

union all

select
    found.value_id,
    found.before
from found
left join {{ ref('mart_dti_ranks') }} as ranks
    on
        found.year_before = ranks.assessment_year
        and found.before = ranks.rank
        and ranks.index_code = 'overall'
        and ranks.admin_unit_key = 'GSO_PRE2025:42:2025-06-30'
        and ranks.is_derived
where found.value_id = 'HT-06' and ranks.rank is null
