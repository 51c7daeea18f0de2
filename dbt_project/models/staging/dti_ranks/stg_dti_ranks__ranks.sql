select
    assessment_year,
    index_code,
    province_as_published,
    rank,
    units_ranked,
    methodology,
    is_derived,
    published_on,
    published_note,
    source,
    note
from {{ source('landed', 'dti_ranks') }}
