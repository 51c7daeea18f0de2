{#- The day of a year, month and day of the month, all of them numbers. -#}
{% macro day_of(year, month, day) -%}
    {{ adapter.dispatch('day_of', 'khomo')(year, month, day) }}
{%- endmacro %}

{% macro default__day_of(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}
