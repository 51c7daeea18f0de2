{#- Increments: a build that begins with a copy of the last one recomputes only the parts that changed.
    A part is what was landed from one file of a source, its `resource`. `landed.changed_resources`
    names the parts that came, went or changed since the copied build; it is empty where a build
    begins with nothing, and then nothing here has a say. -#}


{#- True of the rows that were landed from a file of the landed table `table` which came, went or
    changed. Text without a `source()`: dbt fixes a model's configuration before it knows the
    database it will run in. -#}
{% macro in_changed(table) -%}
    resource in (
        select resource from landed.changed_resources where table_name = '{{ table }}'
    )
{%- endmacro %}


{#- True of the rows of dossiers whose state may have changed; see `int_changed_part`. -#}
{% macro in_changed_part() -%}
    resource in (select resource from staging.int_changed_part)
{%- endmacro %}


{#- The table of a model as the copied build left it, or NULL where the build begins with nothing.
    A model that reads it must run before the one that changes it. -#}
{% macro earlier(schema, name) -%}
    {{ return(
        adapter.get_relation(database=this.database, schema=schema, identifier=name)
        if execute else none
    ) }}
{%- endmacro %}


{#- The configuration of a model that follows the landed tables `follows` part by part. Rows that any of
    the conditions `replaced` is true of are made anew: of the parts of dossiers that changed, where
    nothing else is said. -#}
{% macro by_part(follows, replaced=none) -%}
    {{ return({
        'schema': 'private',
        'materialized': 'incremental',
        'incremental_strategy': 'replace',
        'incremental_predicates': replaced or [in_changed('dossiers')],
        'on_schema_change': 'fail',
        'meta': {'follows': follows},
    }) }}
{%- endmacro %}


{#- Incremental strategy `replace`: rows that any of the model's `incremental_predicates` is true of go
    out, one condition after the other, then what the model selects comes in. -#}
{% macro get_incremental_replace_sql(arguments) -%}
    {%- set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') -%}
    {%- for condition in arguments.incremental_predicates %}
    delete from {{ arguments.target_relation }} where {{ condition }};
    {%- endfor %}
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{%- endmacro %}
