select
    network_type,
    quarter_label,
    count(*) as tiles,
    cast(sum(tests) as bigint) as tests,
    -- a tile's mean counts as often as it was measured: tiles differ by a thousand tests
    cast(
        sum(cast(avg_download_kbps as decimal(18, 0)) * tests) / sum(tests) as decimal(12, 1)
    ) as download_kbps_weighted_by_tests,
    cast(
        sum(cast(avg_upload_kbps as decimal(18, 0)) * tests) / sum(tests) as decimal(12, 1)
    ) as upload_kbps_weighted_by_tests
from {{ ref('stg_ookla_tiles__tiles') }}
group by network_type, quarter_label
