with ranks as (
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
        coalesce(today.current_admin_unit_key, province_names.admin_unit_key) as territory_key,
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
    left join {{ ref('int_admin_unit_current') }} as today
        on province_names.admin_unit_key = today.admin_unit_key
),

-- the years in which a unit was ranked, by whatever method
unit_years as (
    select distinct
        index_code,
        admin_unit_key,
        assessment_year + 1 as next_year
    from ranks
),

-- the years in which today's territory or a part of it was ranked among another number of units
territory_years as (
    select distinct
        index_code,
        territory_key,
        units_ranked,
        assessment_year + 1 as next_year
    from ranks
)

select
    ranks.assessment_year,
    ranks.index_code,
    ranks.province_as_published,
    ranks.admin_unit_key,
    ranks.province_scheme,
    ranks.province_code,
    ranks.rank,
    ranks.units_at_rank,
    ranks.units_ranked,
    ranks.methodology,
    ranks.series,
    earlier.rank as previous_rank,
    cast(earlier.rank - ranks.rank as integer) as rank_change,
    case
        when earlier.is_derived
            then 'the earlier rank was worked out from the printed change'
        when earlier.rank is not null then null
        when coalesce(unit_years.next_year, territory_years.next_year) is not null
            then 'the year before belongs to another series'
        else 'no rank of the year before'
    end as change_note,
    ranks.is_derived,
    ranks.published_on,
    ranks.published_note,
    ranks.source,
    ranks.note
from ranks
left join ranks as earlier
    on
        ranks.series = earlier.series
        and ranks.index_code = earlier.index_code
        and ranks.admin_unit_key = earlier.admin_unit_key
        and ranks.assessment_year = earlier.assessment_year + 1
left join unit_years
    on
        ranks.index_code = unit_years.index_code
        and ranks.admin_unit_key = unit_years.admin_unit_key
        and ranks.assessment_year = unit_years.next_year
left join territory_years
    on
        ranks.index_code = territory_years.index_code
        and ranks.territory_key = territory_years.territory_key
        and ranks.units_ranked <> territory_years.units_ranked
        and ranks.assessment_year = territory_years.next_year
