{#- Within each group the `measure` of the rows that satisfy `parts` adds up to that of the row that
    satisfies `total`, to within `tolerance`. A group without a total row is not judged. -#}
{% test sums_to(model, measure, parts, total, group_by, tolerance=0) %}
    with compared as (
        select
            {{ group_by | join(', ') }},
            sum(case when {{ parts }} then {{ measure }} end) as parts_sum,
            max(case when {{ total }} then {{ measure }} end) as total_value
        from {{ model }}
        group by {{ group_by | join(', ') }}
    )

    select *
    from compared
    where total_value is not null and abs(coalesce(parts_sum, 0) - total_value) > {{ tolerance }}
{% endtest %}
