with units as (
    select
        admin_unit_key,
        scheme,
        code,
        name,
        name_short,
        valid_from,
        valid_to
    from {{ ref('stg_admin_units__units') }}
    where level = 'province'
),

-- every spelling that leads to a unit, folded
spellings as (
    select
        scheme,
        {{ vn_fold('name') }} as folded,
        admin_unit_key,
        code,
        'name' as matched_by
    from units

    union all

    select
        scheme,
        {{ vn_fold('name_short') }} as folded,
        admin_unit_key,
        code,
        'name' as matched_by
    from units

    union all

    select
        units.scheme,
        aliases.alias_folded as folded,
        units.admin_unit_key,
        units.code,
        'alias' as matched_by
    from {{ ref('stg_admin_units__province_aliases') }} as aliases
    inner join units on aliases.scheme = units.scheme and aliases.code = units.code
),

candidates as (
    select
        scheme,
        folded,
        count(distinct admin_unit_key) as unit_count,
        min(admin_unit_key) as admin_unit_key,
        min(code) as code,
        max(matched_by) as matched_by
    from spellings
    group by scheme, folded
),

schemes as (
    select
        scheme,
        count(distinct code) as province_count,
        coalesce(min(valid_from), date '0001-01-01') as first_day,
        coalesce(max(valid_to), date '9999-12-31') as last_day
    from units
    group by scheme
),

published as (
    select
        province_as_published as name_published,
        reference_year,
        cast(null as integer) as units_ranked
    from {{ ref('stg_plan_targets__documents') }}
    where province_as_published is not null

    union

    select
        province_as_published as name_published,
        cast(extract(year from document_date) as integer) as reference_year,
        cast(null as integer) as units_ranked
    from {{ ref('stg_it_budget__lines') }}

    union

    select
        name_as_published as name_published,
        budget_year as reference_year,
        cast(null as integer) as units_ranked
    from {{ ref('stg_province_budgets__amounts') }}
    where row_class = 'province'

    union

    select
        province_as_published as name_published,
        assessment_year as reference_year,
        units_ranked
    from {{ ref('stg_dti_ranks__ranks') }}
),

-- The number of units ranked tells the code list where it is printed: ranks of 2024 were worked out
-- for the units of 2025. Otherwise one code list must have been in force all year.
dated as (
    select
        published.name_published,
        published.reference_year,
        published.units_ranked,
        {{ vn_fold('published.name_published') }} as folded,
        schemes.scheme
    from published
    left join schemes
        on (
            published.units_ranked = schemes.province_count
            or (
                published.units_ranked is null
                and make_date(published.reference_year, 1, 1) >= schemes.first_day
                and make_date(published.reference_year, 12, 31) <= schemes.last_day
            )
        )
)

select
    dated.name_published,
    dated.reference_year,
    dated.units_ranked,
    dated.scheme,
    case when candidates.unit_count = 1 then candidates.code end as province_code,
    case when candidates.unit_count = 1 then candidates.admin_unit_key end as admin_unit_key,
    case
        when dated.scheme is null then 'unresolved'
        when candidates.unit_count is null then 'unresolved'
        when candidates.unit_count > 1 then 'ambiguous'
        else candidates.matched_by
    end as resolution,
    case
        when dated.scheme is null then 'no single code list was in force for the whole year'
        when candidates.unit_count is null then 'no province of that name in the code list'
        when candidates.unit_count > 1 then 'several provinces share the folded name'
    end as resolution_note
from dated
left join candidates on dated.scheme = candidates.scheme and dated.folded = candidates.folded
