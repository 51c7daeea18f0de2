{%- set measures = [
    'received', 'early', 'on_time', 'late', 'open_in_time', 'open_overdue', 'paused', 'withdrawn',
    'not_judged',
] -%}

with counts as (
    select * from {{ ref('int_dossier_status_by_field') }}
),

hidden as (
    {{ small_cells(
        'counts',
        keys=['month', 'procedure_field'],
        totals=[['month']],
        measures=measures,
        equations=[{'total': 'received', 'parts': measures[1:]}],
        threshold=env_var('KHOMO_SMALL_CELL_THRESHOLD'),
    ) }}
)

select
    counts.month,
    counts.month_start,
    counts.procedure_field,
    {{ shown_measures(measures) }},
    {{ data_origin('dossiers') }} as data_origin
from counts
inner join hidden
    on
        counts.month = hidden.month
        and counts.procedure_field = hidden.procedure_field
