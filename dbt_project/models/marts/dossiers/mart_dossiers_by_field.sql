with by_procedure as (
    {{ dossier_counts(ref('fct_dossier'), ['procedure_code'], 'month') }}
),

-- procedures missing from the catalogue stay, as a field of their own
counted as (
    select
        by_procedure.period_start,
        coalesce(catalogue.field, 'Không xác định') as procedure_field,
        cast(sum(by_procedure.received) as bigint) as received,
        cast(sum(by_procedure.received_online) as bigint) as received_online,
        cast(sum(by_procedure.received_offline) as bigint) as received_offline,
        cast(sum(by_procedure.completed) as bigint) as completed,
        cast(sum(by_procedure.completed_on_time) as bigint) as completed_on_time,
        cast(sum(by_procedure.completed_late) as bigint) as completed_late
    from by_procedure
    left join {{ ref('dim_procedure') }} as catalogue
        on by_procedure.procedure_code = catalogue.procedure_code
    group by by_procedure.period_start, coalesce(catalogue.field, 'Không xác định')
)

select
    {{ period_label('counted.period_start', 'month') }} as month,  -- noqa: RF04
    counted.period_start as month_start,
    counted.procedure_field,
    {{ dossier_measures('counted') }}
from counted
