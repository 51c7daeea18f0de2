-- procedures missing from the catalogue stay, as a field of their own
with counted as (
    select
        by_procedure.month_start,
        coalesce(catalogue.field, 'Không xác định') as procedure_field,
        cast(sum(by_procedure.dossiers) as bigint) as dossiers,
        cast(sum(by_procedure.registered) as bigint) as registered,
        cast(sum(by_procedure.rejected) as bigint) as rejected,
        cast(sum(by_procedure.received) as bigint) as received,
        cast(sum(by_procedure.early) as bigint) as early,
        cast(sum(by_procedure.on_time) as bigint) as on_time,
        cast(sum(by_procedure.late) as bigint) as late,
        cast(sum(by_procedure.open_in_time) as bigint) as open_in_time,
        cast(sum(by_procedure.open_overdue) as bigint) as open_overdue,
        cast(sum(by_procedure.paused) as bigint) as paused,
        cast(sum(by_procedure.withdrawn) as bigint) as withdrawn,
        cast(sum(by_procedure.not_judged) as bigint) as not_judged,
        cast(sum(by_procedure.pauses) as bigint) as pauses,
        cast(sum(by_procedure.paused_working_days) as bigint) as paused_working_days,
        cast(sum(by_procedure.extensions) as bigint) as extensions
    from {{ ref('int_dossier_state_counts') }} as by_procedure
    left join {{ ref('dim_procedure') }} as catalogue
        on by_procedure.procedure_code = catalogue.procedure_code
    group by by_procedure.month_start, coalesce(catalogue.field, 'Không xác định')
)

select
    {{ period_label('counted.month_start', 'month') }} as month,  -- noqa: RF04
    counted.*
from counted
