{#- Rows with equal `keys` never share a day. Both ends are inclusive; an empty end is unbounded. -#}
{% test no_overlapping_validity(model, keys, valid_from='valid_from', valid_to='valid_to') %}
    with periods as (
        select
            {{ keys | join(', ') }},
            coalesce({{ valid_from }}, date '0001-01-01') as first_day,
            coalesce({{ valid_to }}, date '9999-12-31') as last_day
        from {{ model }}
    ),

    ordered as (
        select
            *,
            lead(first_day) over (
                partition by {{ keys | join(', ') }} order by first_day, last_day
            ) as next_first_day
        from periods
    )

    select *
    from ordered
    where next_first_day <= last_day or first_day > last_day
{% endtest %}
