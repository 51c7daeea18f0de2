{{ config(**by_part(['dossiers'])) }}

with counted as (
    select *
    from {{ ref('fct_dossier') }}
    {% if is_incremental() -%}
        where {{ in_changed('dossiers') }}
    {%- endif %}
)

select *
from (
    {{ dossier_counts(
        'counted', ['resource', 'admin_unit_key', 'channel_code', 'service_level']
    ) | indent(4) }}
) as counts
