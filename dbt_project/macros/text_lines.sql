{#- The lines of a multi-line cell as an array. -#}
{% macro text_lines(text) -%}
    {{ adapter.dispatch('text_lines', 'khomo')(text) }}
{%- endmacro %}

{% macro default__text_lines(text) -%}
    string_split({{ text }}, chr(10))
{%- endmacro %}
