select
    indicator_code,
    system_code,
    name_vi,
    name_en,
    unit,
    polarity,
    formula,
    numerator_vi,
    numerator_en,
    denominator_vi,
    denominator_en,
    methodology
from {{ ref('stg_indicators__indicators') }}
