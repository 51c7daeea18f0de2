-- depends_on: {{ ref('fct_dossier_event') }}
{{ config(schema='staging') }}
{%- set before = earlier('private', 'int_dossier_state') %}

-- The dossiers themselves changed.
select resource
from landed.changed_resources
where table_name = 'dossiers'

union distinct

-- The log of a dossier in another part changed.
select resource
from {{ ref('fct_dossier') }}
where
    dossier_key in (
        select changed.dossier_key
        from {{ ref('int_changed_log') }} as changed
        where
            not exists (
                select 1
                from {{ ref('fct_dossier') }} as dossiers
                where
                    dossiers.dossier_key = changed.dossier_key
                    and dossiers.{{ in_changed('dossiers') }}
            )
    )
{% if before %}
    union distinct

    -- The day as of which states are told moved past a due day, or back before it.
    select states.resource
    from {{ before }} as states
    cross join (select max(entered_on) as as_of from {{ ref('fct_dossier_event') }}) as latest
    where
        states.dossier_state in ('open_in_time', 'open_overdue')
        and coalesce(states.effective_due_on < latest.as_of, false)
        <> (states.dossier_state = 'open_overdue')
{% endif %}
