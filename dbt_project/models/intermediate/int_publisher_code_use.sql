{{ config(**by_part(['dossiers'])) }}

with used as (
    select
        resource,
        procedure_code,
        procedure_publisher_code,
        submitted_on
    from {{ ref('stg_dossiers__dossier') }}
    {% if is_incremental() -%}
        where {{ in_changed('dossiers') }}
    {%- endif %}
)

select
    resource,
    procedure_code,
    procedure_publisher_code,
    min(submitted_on) as first_seen_on,
    max(submitted_on) as last_seen_on
from used
where procedure_publisher_code is not null
group by resource, procedure_code, procedure_publisher_code
