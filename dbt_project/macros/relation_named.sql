{#- The relation that a text names, inside a model that takes relations as parameters. -#}
{% macro relation_named(text) -%}
    {{ adapter.dispatch('relation_named', 'khomo')(text) }}
{%- endmacro %}

{% macro default__relation_named(text) -%}
    query_table({{ text }})
{%- endmacro %}
