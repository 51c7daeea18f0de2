-- The same rows as the dataset by field has, so that a cell hidden there is not shown here.
select
    by_field.month,
    by_field.month_start,
    by_field.procedure_field,
    coalesce(by_status.received, 0) as received,
    coalesce(by_status.early, 0) as early,
    coalesce(by_status.on_time, 0) as on_time,
    coalesce(by_status.late, 0) as late,
    coalesce(by_status.open_in_time, 0) as open_in_time,
    coalesce(by_status.open_overdue, 0) as open_overdue,
    coalesce(by_status.paused, 0) as paused,
    coalesce(by_status.withdrawn, 0) as withdrawn,
    coalesce(by_status.not_judged, 0) as not_judged
from {{ ref('mart_dossiers_by_field') }} as by_field
left join {{ ref('mart_dossier_status') }} as by_status
    on
        by_field.month = by_status.month
        and by_field.procedure_field = by_status.procedure_field
