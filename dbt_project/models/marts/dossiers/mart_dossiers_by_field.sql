with by_procedure as (
    {{ summed_counts(
        ref('int_dossier_counts_by_procedure'), ['procedure_code', 'month_start']
    ) }}
),

-- procedures missing from the catalogue stay, as a field of their own
counted as (
    select
        by_procedure.month_start,
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
    group by by_procedure.month_start, coalesce(catalogue.field, 'Không xác định')
)

select
    {{ period_label('counted.month_start', 'month') }} as month,  -- noqa: RF04
    counted.month_start,
    counted.procedure_field,
    {{ dossier_measures('counted') }}
from counted
