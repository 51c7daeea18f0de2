select
    admin_unit_key,
    scheme,
    code,
    level,
    name,
    name_short,
    unit_type,
    parent_code,
    province_code,
    valid_from,
    valid_to,
    validity_note,
    source
from {{ source('landed', 'admin_units') }}
