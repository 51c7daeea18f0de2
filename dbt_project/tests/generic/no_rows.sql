{#- Nothing satisfies `condition`; the rows that do are the failing rows. -#}
{% test no_rows(model, condition) %}
    select *
    from {{ model }}
    where {{ condition }}
{% endtest %}
