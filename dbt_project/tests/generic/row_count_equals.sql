{#- The relation (narrowed with `config: where`) has exactly `expected` rows. -#}
{% test row_count_equals(model, expected) %}
    select counted.found
    from (select count(*) as found from {{ model }}) as counted
    where counted.found <> {{ expected }}
{% endtest %}
