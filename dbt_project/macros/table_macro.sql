{#- A model that becomes a DuckDB table macro: a query that the warehouse carries and anybody can
    call with a relation of their own, `from intermediate.resolve_units('my_table')`. The config
    `parameters` names what the call takes. Nothing is stored but the query. -#}
{% materialization table_macro, adapter='duckdb' %}
    {%- call statement('main') -%}
        create or replace macro {{ this.include(database=false) }}(
            {{- config.require('parameters') | join(', ') -}}
        ) as table
        {{ sql }}
    {%- endcall -%}
    {% do adapter.commit() %}
    {{ return({'relations': []}) }}
{% endmaterialization %}
