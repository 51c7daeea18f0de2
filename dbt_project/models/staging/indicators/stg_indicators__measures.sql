select
    indicator_code,
    relation,
    measure,
    note
from {{ source('landed', 'indicator_measures') }}
