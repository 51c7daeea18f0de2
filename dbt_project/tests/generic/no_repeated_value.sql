{#- No figure equals, to the digit, the one of the period before under the same `keys`: a figure that
    was copied forward looks like this. Two equal figures can also be true, so use it as a warning. -#}
{% test no_repeated_value(model, keys, period, value) %}
    select *
    from (
        select
            {{ keys | join(', ') }},
            {{ period }} as period,
            {{ value }} as figure,
            lag({{ value }}) over (
                partition by {{ keys | join(', ') }} order by {{ period }}
            ) as figure_before
        from {{ model }}
        where {{ value }} is not null
    ) as figures
    where figure = figure_before
{% endtest %}
