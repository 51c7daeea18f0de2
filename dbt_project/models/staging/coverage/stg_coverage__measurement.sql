select
    point_code,
    place_name,
    unit_code,
    unit_name,
    operator,
    technology,
    download_mbps,
    upload_mbps,
    measured_on,
    case gap_state when 'mở' then 'open' when 'đóng' then 'closed' end as gap_state
from {{ source('landed', 'coverage_measurements') }}
