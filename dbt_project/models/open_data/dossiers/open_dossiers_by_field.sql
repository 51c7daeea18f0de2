{%- set measures = [
    'received', 'received_online', 'received_offline',
    'completed', 'completed_on_time', 'completed_late',
] -%}

with counts as (
    select * from {{ ref('mart_dossiers_by_field') }}
),

hidden as (
    {{ small_cells(
        'counts',
        keys=['month', 'procedure_field'],
        totals=[['month']],
        measures=measures,
        equations=[
            {'total': 'received', 'parts': ['received_online', 'received_offline']},
            {'total': 'completed', 'parts': ['completed_on_time', 'completed_late']},
        ],
        threshold=env_var('KHOMO_SMALL_CELL_THRESHOLD'),
    ) }}
)

select
    counts.month,
    counts.month_start,
    counts.procedure_field,
    {{ shown_measures(measures, rates={
        'online_share': ('received_online', 'received'),
        'on_time_rate': ('completed_on_time', 'completed'),
    }) }},
    {{ data_origin('dossiers') }} as data_origin
from counts
inner join hidden
    on
        counts.month = hidden.month
        and counts.procedure_field = hidden.procedure_field
