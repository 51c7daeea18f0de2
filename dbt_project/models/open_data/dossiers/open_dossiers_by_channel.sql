{%- set measures = ['received', 'completed', 'completed_on_time', 'completed_late'] -%}

with counts as (
    select
        *,
        date_trunc('quarter', month_start) as quarter_start,
        channel_code = '2' as is_online
    from {{ ref('int_dossiers_by_channel') }}
),

-- The tables by unit and by field show the sums of a quarter and province, and of a month, online
-- or not: no hidden cell must follow from those either.
hidden as (
    {{ small_cells(
        'counts',
        keys=['month', 'province_key', 'channel_code', 'service_level'],
        totals=[
            ['quarter_start', 'province_key', 'is_online'],
            ['quarter_start', 'province_key'],
            ['month', 'is_online'],
            ['month'],
            ['month', 'province_key'],
        ],
        measures=measures,
        equations=[
            {'total': 'completed', 'parts': ['completed_on_time', 'completed_late']},
        ],
        threshold=env_var('KHOMO_SMALL_CELL_THRESHOLD'),
    ) }}
)

select
    counts.month,
    counts.month_start,
    counts.province_key,
    counts.province_code,
    counts.province_name,
    counts.channel_code,
    counts.service_level,
    {{ shown_measures(measures, rates={'on_time_rate': ('completed_on_time', 'completed')}) }},
    {{ data_origin('dossiers') }} as data_origin
from counts
inner join hidden
    on
        counts.month = hidden.month
        and counts.province_key = hidden.province_key
        and counts.channel_code = hidden.channel_code
        and counts.service_level = hidden.service_level
