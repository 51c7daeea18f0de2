with both_formats as (
    select
        quadkey,
        avg_download_kbps,
        avg_upload_kbps,
        avg_latency_ms,
        tests,
        devices,
        _resource
    from {{ source('landed', 'ookla_tiles') }}

    union all

    select
        quadkey,
        avg_download_kbps,
        avg_upload_kbps,
        avg_latency_ms,
        tests,
        devices,
        _resource
    from {{ source('landed', 'ookla_tiles_geojson') }}
),

named as (
    select
        *,
        -- 2022-01-01_performance_mobile_tiles.parquet, or …_mobile_2022Q1.geojson
        nullif(regexp_extract(_resource, '(mobile|fixed)', 1), '') as network_type,
        nullif(regexp_extract(_resource, '([0-9]{4})-?(Q[1-4]|[0-9]{2}-01)', 1), '') as year_text,
        nullif(regexp_extract(_resource, '[0-9]{4}Q([1-4])', 1), '') as quarter_text,
        try_cast(regexp_extract(_resource, '[0-9]{4}-([0-9]{2})-01', 1) as integer) as first_month
    from both_formats
)

select
    network_type,
    year_text || '-Q' || coalesce(quarter_text, cast((first_month + 2) // 3 as varchar))
        as quarter_label,
    quadkey,
    avg_download_kbps,
    avg_upload_kbps,
    avg_latency_ms,
    tests,
    devices
from named
