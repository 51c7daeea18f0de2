-- Unit test of the generic test no_repeated_value: equal to the digit, in the very next figure of
-- the same series; a blank in between is passed over.
with figures (series, taken_on, reading) as (
    values
    ('fibre', 2022, 21000),
    ('fibre', 2023, 21000),
    ('fibre', 2024, 21001),
    ('back', 2022, 5),
    ('back', 2023, 6),
    ('back', 2024, 5),
    ('blank', 2022, 7),
    ('blank', 2023, null),
    ('blank', 2024, 7)
),

found as (
    {{ test_no_repeated_value('figures', ['series'], 'taken_on', 'reading') | indent(4) }}
),

expected (series, period) as (
    values
    ('fibre', 2023),
    ('blank', 2024)
)

(
    select
        series,
        period
    from found
    except
    select * from expected
)
union all
(
    select * from expected
    except
    select
        series,
        period
    from found
)
