select
    system_code,
    served_by,
    name
from {{ ref('stg_indicators__system_links') }}
