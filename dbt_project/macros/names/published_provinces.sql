{#- Which province each name printed in `relation` means, in a document of a year.

    One code list must have been in force all through the year; where the number of units ranked is
    printed (`units_ranked`, a column of `relation`, or none), that tells the code list instead:
    ranks of 2024 were worked out for the units of 2025. `resolve_units` does the rest. -#}
{% macro published_provinces(relation, name, year, units_ranked=none, where='true') -%}
{%- set keys = ['name_published', 'reference_year'] + (['units_ranked'] if units_ranked else []) -%}
with published as (
    select distinct
        {{ name }} as name_published,
        cast({{ year }} as integer) as reference_year
        {%- if units_ranked %},
        {{ units_ranked }} as units_ranked
        {%- endif %}
    from {{ relation }}
    where {{ where }}
),

schemes as (
    select
        scheme,
        count(distinct code) as province_count,
        min(first_day) as first_day,
        max(last_day) as last_day
    from {{ ref('int_admin_unit_lineage') }}
    where level = 'province'
    group by scheme
),

dated as (
    select
        published.*,
        schemes.scheme,
        -- of the versions that a unit has within the list, the one at the end of the year
        least(
            greatest({{ day_of('published.reference_year', 12, 31) }}, schemes.first_day),
            schemes.last_day
        ) as meant_on
    from published
    left join schemes
        on
            {% if units_ranked -%}
            published.units_ranked = schemes.province_count
            {%- else -%}
            {{ day_of('published.reference_year', 1, 1) }} >= schemes.first_day
            and {{ day_of('published.reference_year', 12, 31) }} <= schemes.last_day
            {%- endif %}
),

asked as (
    select *
    from dated
    where scheme is not null
),

resolved as (
    {{ resolve_units(
        'asked', keys, province='name_published', on_day='meant_on', level="'province'", scheme='scheme'
    ) | indent(4) }}
)

select
    {% for key in keys -%}
    dated.{{ key }},
    {% endfor -%}
    dated.scheme,
    resolved.code as province_code,
    resolved.admin_unit_key,
    case
        when resolved.match_state = 'ambiguous' then 'ambiguous'
        when resolved.match_state = 'resolved' and resolved.matched_by = 'alias' then 'alias'
        when resolved.match_state = 'resolved' then 'name'
        else 'unresolved'
    end as resolution,
    case
        when dated.scheme is null then 'no single code list was in force for the whole year'
        when resolved.match_state = 'ambiguous' then 'several provinces share the folded name'
        when resolved.match_state = 'unknown' then 'no province of that name in the code list'
    end as resolution_note
from dated
left join resolved
    on
        {% for key in keys -%}
        dated.{{ key }} = resolved.{{ key }}{{ ' and' if not loop.last }}
        {% endfor %}
{%- endmacro %}
