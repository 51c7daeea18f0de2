{#- True where the whole of `text` matches the regular expression. -#}
{% macro matches_whole(text, pattern) -%}
    {{ adapter.dispatch('matches_whole', 'khomo')(text, pattern) }}
{%- endmacro %}

{% macro default__matches_whole(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}


{#- True where some part of `text` matches the regular expression. -#}
{% macro matches_part(text, pattern) -%}
    {{ adapter.dispatch('matches_part', 'khomo')(text, pattern) }}
{%- endmacro %}

{% macro default__matches_part(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}
