{#- One row per line of a multi-line cell: `keys` of the row it stands in, `line`, and `line_number`
    from 1. -#}
{% macro text_lines(relation, keys, text) -%}
    {{ adapter.dispatch('text_lines', 'khomo')(relation, keys, text) }}
{%- endmacro %}

{% macro default__text_lines(relation, keys, text) -%}
    select
        {{ keys | join(', ') }},
        unnest(string_split({{ text }}, chr(10))) as line,
        generate_subscripts(string_split({{ text }}, chr(10)), 1) as line_number
    from {{ relation }}
{%- endmacro %}
