select
    relation_id,
    predecessor_key,
    successor_key,
    relation,
    effective_on,
    level,
    note,
    source
from {{ ref('stg_admin_units__relations') }}
