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
    {{ dossier_counts('counted', ['resource', 'procedure_code']) | indent(4) }}
) as counts
