select
    alias,
    {{ vn_fold('alias') }} as alias_folded,
    scheme,
    code,
    kind,
    note
from {{ source('landed', 'province_name_aliases') }}
