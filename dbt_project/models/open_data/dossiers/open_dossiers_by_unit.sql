{%- set measures = [
    'received', 'received_online', 'received_offline',
    'completed', 'completed_on_time', 'completed_late',
] -%}

with counts as (
    select * from {{ ref('mart_dossiers_by_unit') }}
),

hidden as (
    {{ small_cells(
        'counts',
        keys=['quarter', 'admin_unit_key'],
        totals=[['quarter'], ['quarter', 'province_key']],
        measures=measures,
        equations=[
            {'total': 'received', 'parts': ['received_online', 'received_offline']},
            {'total': 'completed', 'parts': ['completed_on_time', 'completed_late']},
        ],
        threshold=env_var('KHOMO_SMALL_CELL_THRESHOLD'),
    ) }}
)

select
    counts.quarter,
    counts.quarter_start,
    counts.admin_unit_key,
    counts.unit_scheme,
    counts.unit_code,
    counts.unit_name,
    counts.unit_level,
    counts.province_key,
    counts.province_code,
    counts.province_name,
    counts.current_unit_code,
    counts.current_unit_name,
    counts.restatement,
    counts.is_partial_period,
    {{ shown_measures(measures, rates={
        'online_share': ('received_online', 'received'),
        'on_time_rate': ('completed_on_time', 'completed'),
    }) }},
    {{ data_origin('dossiers') }} as data_origin
from counts
inner join hidden
    on
        counts.quarter = hidden.quarter
        and counts.admin_unit_key = hidden.admin_unit_key
