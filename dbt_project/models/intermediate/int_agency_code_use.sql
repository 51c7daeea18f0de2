{{ config(**by_part(['dossiers'])) }}

select
    resource,
    agency_code,
    unit_name,
    min(submitted_on) as first_seen_on,
    max(submitted_on) as last_seen_on
from {{ ref('stg_dossiers__dossier') }}
{% if is_incremental() -%}
    where {{ in_changed('dossiers') }}
{%- endif %}
group by resource, agency_code, unit_name
