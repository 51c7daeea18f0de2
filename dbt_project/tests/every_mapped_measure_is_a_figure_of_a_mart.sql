-- A row of the mapping that names no figure would look as if nobody measured the indicator.
with figures as (
    select
        relation,
        measure
    from {{ ref('int_published_figure') }}
    union distinct
    select
        relation,
        measure
    from {{ ref('int_operational_figure') }}
)

select measures.*
from {{ ref('stg_indicators__measures') }} as measures
left join figures
    on measures.relation = figures.relation and measures.measure = figures.measure
where figures.measure is null
