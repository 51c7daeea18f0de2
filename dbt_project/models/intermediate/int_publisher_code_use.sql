{{ config(**by_part(['dossiers'])) }}

select
    resource,
    procedure_code,
    procedure_publisher_code,
    min(submitted_on) as first_seen_on,
    max(submitted_on) as last_seen_on
from {{ ref('stg_dossiers__dossier') }}
where
    procedure_publisher_code is not null
    {% if is_incremental() -%}
        and {{ in_changed('dossiers') }}
    {%- endif %}
group by resource, procedure_code, procedure_publisher_code
