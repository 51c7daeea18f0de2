{#- First and last day of the calendar years that `relation` has days of. -#}
{% macro calendar_span(relation) -%}
    select
        cast(date_trunc('year', min(calendar_day)) as date) as first_day,
        cast(date_trunc('year', max(calendar_day)) + interval 1 year - interval 1 day as date)
            as last_day
    from {{ relation }}
{%- endmacro %}


{#- One row per day, both ends included, in a column `calendar_day`; `span` has one row. -#}
{% macro calendar_days(span) -%}
    {{ adapter.dispatch('calendar_days', 'khomo')(span) }}
{%- endmacro %}

{% macro default__calendar_days(span) -%}
    select cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as calendar_day
    from {{ span }}
{%- endmacro %}


{#- Working days after `first` and up to and including `last`, two rows of `dim_working_day`: from one
    working day to the next is 1, over a weekend or a holiday too; NULL where the calendar does not
    hold both days. -#}
{% macro working_days_between(first, last) -%}
    {{ last }}.working_day_number - {{ first }}.working_day_number
{%- endmacro %}
