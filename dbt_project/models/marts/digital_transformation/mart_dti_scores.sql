with scores as (
    select
        scores.assessment_year,
        scores.scope,
        scores.index_code,
        scores.name_as_published,
        province_names.admin_unit_key,
        scores.score,
        scores.units_ranked,
        scores.methodology,
        -- scores compare only within one method and one number of units
        concat_ws('/', scores.scope, scores.methodology, scores.units_ranked) as series,
        scores.published_on,
        scores.source
    from {{ ref('stg_dti_scores__scores') }} as scores
    left join {{ ref('int_dti_score_provinces') }} as province_names
        on
            scores.name_as_published = province_names.name_published
            and scores.assessment_year = province_names.reference_year
            and scores.units_ranked = province_names.units_ranked
)

select
    concat_ws(
        '/',
        scores.assessment_year,
        scores.scope,
        scores.index_code,
        coalesce(scores.admin_unit_key, scores.name_as_published),
        scores.methodology
    ) as score_id,
    scores.assessment_year,
    scores.scope,
    scores.index_code,
    scores.name_as_published,
    scores.admin_unit_key,
    scores.score,
    scores.units_ranked,
    scores.methodology,
    scores.series,
    earlier.score as previous_score,
    cast(scores.score - earlier.score as decimal(6, 4)) as score_change,
    scores.published_on,
    scores.source
from scores
left join scores as earlier
    on
        scores.series = earlier.series
        and scores.index_code = earlier.index_code
        and scores.admin_unit_key is not distinct from earlier.admin_unit_key
        and scores.assessment_year = earlier.assessment_year + 1
