-- Unit test of the macro decumulated_quarters: a rising series, a fall at nine months, a missing
-- half-year, a blank, and a year that only repeats the nine months.
with figures (series, cumulated_to, amount_vnd) as (
    values
    ('rises', 'Q1', 20),
    ('rises', '6M', 41),
    ('rises', '9M', 61),
    ('rises', 'Y', 96),
    ('falls', 'Q1', 20),
    ('falls', '6M', 60),
    ('falls', '9M', 41),
    ('falls', 'Y', 96),
    ('gap', 'Q1', 20),
    ('gap', '9M', 61),
    ('gap', 'Y', 96),
    ('blank', 'Q1', 20),
    ('blank', '6M', null),
    ('blank', '9M', 61),
    ('flat', '9M', 61),
    ('flat', 'Y', 61)
),

quarters as (
    {{ decumulated_quarters('figures', ['series']) | indent(4) }}
),

expected (series, quarter_number, quarter_vnd, has_reason) as (
    values
    ('rises', 1, 20, false),
    ('rises', 2, 21, false),
    ('rises', 3, 20, false),
    ('rises', 4, 35, false),
    ('falls', 1, 20, false),
    ('falls', 2, null, true),
    ('falls', 3, null, true),
    ('falls', 4, null, true),
    ('gap', 1, 20, false),
    ('gap', 3, null, true),
    ('gap', 4, 35, false),
    ('blank', 1, 20, false),
    ('blank', 2, null, true),
    ('blank', 3, null, true),
    ('flat', 3, null, true),
    ('flat', 4, 0, false)
),

found as (
    select
        series,
        quarter_number,
        quarter_vnd,
        quarter_note is not null as has_reason
    from quarters
)

(select * from found except select * from expected)
union all
(select * from expected except select * from found)
