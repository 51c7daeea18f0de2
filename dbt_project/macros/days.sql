{#- The day of a year, month and day of the month, all of them numbers. -#}
{% macro day_of(year, month, day) -%}
    {{ adapter.dispatch('day_of', 'khomo')(year, month, day) }}
{%- endmacro %}

{% macro default__day_of(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}


{#- The first days of the months from `first` to `last`, both included, in a column `month_start`. -#}
{% macro month_starts(first, last) -%}
    {{ adapter.dispatch('month_starts', 'khomo')(first, last) }}
{%- endmacro %}

{% macro default__month_starts(first, last) -%}
    select cast(unnest(generate_series(date '{{ first }}', date '{{ last }}', interval 1 month)) as date)
        as month_start
{%- endmacro %}


{#- Day of the week, 1 is Monday and 7 Sunday. -#}
{% macro iso_weekday(day) -%}
    {{ adapter.dispatch('iso_weekday', 'khomo')(day) }}
{%- endmacro %}

{% macro default__iso_weekday(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}
