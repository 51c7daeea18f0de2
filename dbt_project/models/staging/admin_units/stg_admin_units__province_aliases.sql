select
    alias,
    scheme,
    code,
    kind,
    note
from {{ source('landed', 'province_name_aliases') }}
