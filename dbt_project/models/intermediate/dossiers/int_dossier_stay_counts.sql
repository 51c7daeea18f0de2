-- depends_on: {{ ref('int_changed_part_log') }}
{{ config(**by_part(['dossiers', 'dossier_events'], [in_changed_part()])) }}
{%- set logs = ref('int_changed_part_log') if is_incremental() else ref('fct_dossier_event') %}

with dossiers as (
    select
        dossier_key,
        admin_unit_key,
        due_on,
        resource
    from {{ ref('fct_dossier') }}
    {% if is_incremental() -%}
        where {{ in_changed_part() }}
    {%- endif %}
)

select
    dossiers.resource,
    dossiers.admin_unit_key,
    cast(date_trunc('quarter', stays.entered_on) as date) as first_quarter,
    cast(date_trunc('quarter', stays.left_on) - interval 3 month as date) as last_quarter,
    dossiers.due_on,
    count(*) as dossiers
from {{ logs }} as stays
inner join dossiers on stays.dossier_key = dossiers.dossier_key
where
    stays.status_to in ('2', '4')
    and coalesce(
        date_trunc('quarter', stays.entered_on) < date_trunc('quarter', stays.left_on), true
    )
group by
    dossiers.resource,
    dossiers.admin_unit_key,
    date_trunc('quarter', stays.entered_on),
    date_trunc('quarter', stays.left_on),
    dossiers.due_on
