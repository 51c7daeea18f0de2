with by_procedure as (
    select
        procedure_code,
        cast(date_trunc('month', counted_on) as date) as month_start,
        count(*) as dossiers,
        sum(case when dossier_state = 'registered' then 1 else 0 end) as registered,
        sum(case when dossier_state = 'rejected' then 1 else 0 end) as rejected,
        count(received_on) as received,
        sum(case when dossier_state = 'early' then 1 else 0 end) as early,
        sum(case when dossier_state = 'on_time' then 1 else 0 end) as on_time,
        sum(case when dossier_state = 'late' then 1 else 0 end) as late,
        sum(case when dossier_state = 'open_in_time' then 1 else 0 end) as open_in_time,
        sum(case when dossier_state = 'open_overdue' then 1 else 0 end) as open_overdue,
        sum(case when dossier_state = 'paused' then 1 else 0 end) as paused,
        sum(case when dossier_state = 'withdrawn' then 1 else 0 end) as withdrawn,
        sum(case when dossier_state = 'not_judged' then 1 else 0 end) as not_judged,
        sum(pauses) as pauses,
        sum(paused_working_days) as paused_working_days,
        sum(extensions) as extensions
    from {{ ref('int_dossier_state') }}
    group by procedure_code, date_trunc('month', counted_on)
),

-- procedures missing from the catalogue stay, as a field of their own
counted as (
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
    from by_procedure
    left join {{ ref('dim_procedure') }} as catalogue
        on by_procedure.procedure_code = catalogue.procedure_code
    group by by_procedure.month_start, coalesce(catalogue.field, 'Không xác định')
)

select
    {{ period_label('counted.month_start', 'month') }} as month,  -- noqa: RF04
    counted.*
from counted
