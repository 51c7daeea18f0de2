{#- Where the rows of a table come from, as its source's contract says: `synthetic` or `recorded`. -#}
{% macro data_origin(source_name) -%}
    (
        select case when is_synthetic then 'synthetic' else 'recorded' end
        from {{ ref('stg_contracts__sources') }}
        where source = '{{ source_name }}'
    )
{%- endmacro %}
