select
    assessment_year,
    scope,
    index_code,
    name_as_published,
    score,
    units_ranked,
    methodology,
    published_on,
    source
from {{ source('landed', 'dti_scores') }}
