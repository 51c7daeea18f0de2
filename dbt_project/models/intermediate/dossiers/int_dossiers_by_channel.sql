-- Every channel and service level in every month and province that has dossiers at all: a row that
-- is missing would say 0 where a count of 0 is hidden.
with places as (
    select distinct
        month,
        month_start,
        province_key,
        province_code,
        province_name
    from {{ ref('mart_dossiers_by_channel') }}
),

ways as (
    select distinct
        channel_code,
        service_level
    from {{ ref('mart_dossiers_by_channel') }}
)

select
    places.month,
    places.month_start,
    places.province_key,
    places.province_code,
    places.province_name,
    ways.channel_code,
    ways.service_level,
    coalesce(by_channel.received, 0) as received,
    coalesce(by_channel.completed, 0) as completed,
    coalesce(by_channel.completed_on_time, 0) as completed_on_time,
    coalesce(by_channel.completed_late, 0) as completed_late,
    by_channel.on_time_rate
from places
cross join ways
left join {{ ref('mart_dossiers_by_channel') }} as by_channel
    on
        places.month = by_channel.month
        and places.province_key = by_channel.province_key
        and ways.channel_code = by_channel.channel_code
        and ways.service_level = by_channel.service_level
