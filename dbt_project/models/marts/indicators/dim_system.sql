select
    system_code,
    name_vi,
    name_en,
    named_in
from {{ ref('stg_indicators__systems') }}
