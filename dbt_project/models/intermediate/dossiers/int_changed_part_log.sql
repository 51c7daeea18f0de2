-- depends_on: {{ ref('int_changed_part') }}
{{ config(schema='staging') }}

-- Keys are scattered over the whole log, so that it is searched once for all who need these rows.
with dossiers as (
    select dossier_key
    from {{ ref('fct_dossier') }}
    where {{ in_changed_part() }}
)

select
    dossier_key,
    status_to,
    entered_on,
    left_on,
    working_days_in_state,
    is_pause,
    new_due_on,
    later_extensions
from {{ ref('fct_dossier_event') }}
where dossier_key in (select dossiers.dossier_key from dossiers)
