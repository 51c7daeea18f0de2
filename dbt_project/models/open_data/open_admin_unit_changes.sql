select
    changes.relation_id,
    changes.effective_on,
    changes.level,
    changes.relation,
    predecessors.scheme as predecessor_scheme,
    predecessors.code as predecessor_code,
    predecessors.name as predecessor_name,
    predecessors.province_code as predecessor_province_code,
    predecessors.valid_to as predecessor_valid_to,
    successors.scheme as successor_scheme,
    successors.code as successor_code,
    successors.name as successor_name,
    successors.province_code as successor_province_code,
    changes.note,
    changes.source
from {{ ref('bridge_admin_unit') }} as changes
inner join {{ ref('dim_admin_unit') }} as predecessors
    on changes.predecessor_key = predecessors.admin_unit_key
left join {{ ref('dim_admin_unit') }} as successors
    on changes.successor_key = successors.admin_unit_key
