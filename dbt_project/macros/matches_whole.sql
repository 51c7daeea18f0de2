{#- True where the whole of `text` matches the regular expression. -#}
{% macro matches_whole(text, pattern) -%}
    {{ adapter.dispatch('matches_whole', 'khomo')(text, pattern) }}
{%- endmacro %}

{% macro default__matches_whole(text, pattern) -%}
    {{ text }} rlike '^({{ pattern }})$'
{%- endmacro %}

{% macro duckdb__matches_whole(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}
