select
    system_code,
    served_by,
    name
from {{ source('landed', 'system_links') }}
