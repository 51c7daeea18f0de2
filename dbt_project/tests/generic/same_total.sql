{#- `measure` summed over this model equals `expression` over `compare_to`: no row was lost or
    counted twice on the way from one to the other. -#}
{% test same_total(model, measure, compare_to, expression) %}
    select
        totals.here,
        totals.there
    from (
        select
            (select coalesce(sum({{ measure }}), 0) from {{ model }}) as here,
            (select {{ expression }} from {{ compare_to }}) as there
    ) as totals
    where totals.here is distinct from totals.there
{% endtest %}
