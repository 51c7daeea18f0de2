{#- `condition` is true of every row; a row for which it is NULL does not count against it. -#}
{% test holds(model, condition) %}
    select *
    from {{ model }}
    where not ({{ condition }})
{% endtest %}
