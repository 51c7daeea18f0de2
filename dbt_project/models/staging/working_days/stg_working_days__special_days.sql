select
    day as calendar_day,
    kind,
    name_vi,
    name_en,
    document
from {{ source('landed', 'special_days') }}
