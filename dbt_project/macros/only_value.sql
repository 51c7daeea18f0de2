{#- Aggregate: the value of the rows of which `condition` is true; of several that differ none. -#}
{% macro only_value(condition, value) -%}
    case
        when
            min(case when {{ condition }} then {{ value }} end)
            = max(case when {{ condition }} then {{ value }} end)
            then max(case when {{ condition }} then {{ value }} end)
    end
{%- endmacro %}
