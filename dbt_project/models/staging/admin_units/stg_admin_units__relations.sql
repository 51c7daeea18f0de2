select
    relation_id,
    effective_on,
    level,
    predecessor_scheme || ':' || predecessor_code || ':' || predecessor_valid_to as predecessor_key,
    -- NULL throughout where the successor is not known
    successor_scheme || ':' || successor_code || ':'
    || coalesce(cast(successor_valid_to as varchar), 'open') as successor_key,
    relation,
    note,
    source
from {{ source('landed', 'admin_unit_relations') }}
