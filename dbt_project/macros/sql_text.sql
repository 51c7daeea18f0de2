{#- A text of a template as SQL; none is NULL. -#}
{% macro sql_text(text) -%}
    {%- if text is none or text is undefined -%}
    cast(null as varchar)
    {%- else -%}
    '{{ text | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}
