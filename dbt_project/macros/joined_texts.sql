{#- Aggregate: the texts of a group as one, in an order; `distinct` leaves repetitions out. -#}
{% macro joined_texts(text, separator, order_by, distinct=false) -%}
    {{ adapter.dispatch('joined_texts', 'khomo')(text, separator, order_by, distinct) }}
{%- endmacro %}

{% macro default__joined_texts(text, separator, order_by, distinct) -%}
    string_agg({{ 'distinct ' if distinct }}{{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}
