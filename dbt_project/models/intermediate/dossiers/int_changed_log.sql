{{ config(schema='staging') }}
{%- set before = earlier('private', 'fct_dossier_event') %}

with changed as (
    select dossier_key
    from {{ ref('stg_dossier_events__event') }}
    where {{ in_changed('dossier_events') }}
    {% if before %}
        union distinct

        select dossier_key
        from {{ before }}
        where {{ in_changed('dossier_events') }}
    {% endif %}
),

elsewhere as (
    {% if before %}
        select distinct dossier_key
        from {{ before }}
        where
            dossier_key in (select dossier_key from changed)
            and not {{ in_changed('dossier_events') }}
    {% else %}
        select cast(null as varchar) as dossier_key
        where false
    {% endif %}
)

select distinct
    changed.dossier_key,
    elsewhere.dossier_key is not null as is_elsewhere
from changed
left join elsewhere on changed.dossier_key = elsewhere.dossier_key
