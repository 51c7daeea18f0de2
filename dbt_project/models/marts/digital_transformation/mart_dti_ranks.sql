select
    ranks.assessment_year,
    ranks.index_code,
    ranks.province_as_published,
    province_names.admin_unit_key,
    province_names.scheme as province_scheme,
    province_names.province_code,
    ranks.rank,
    cast(count(*) over (
        partition by ranks.assessment_year, ranks.index_code, ranks.rank
    ) as integer) as units_at_rank,
    ranks.units_ranked,
    ranks.methodology,
    -- ranks compare only within one method and one number of units
    ranks.methodology || '/' || ranks.units_ranked as series,
    ranks.is_derived,
    ranks.published_on,
    ranks.published_note,
    ranks.source,
    ranks.note
from {{ ref('stg_dti_ranks__ranks') }} as ranks
left join {{ ref('int_dti_rank_provinces') }} as province_names
    on
        ranks.province_as_published = province_names.name_published
        and ranks.assessment_year = province_names.reference_year
        and ranks.units_ranked = province_names.units_ranked
