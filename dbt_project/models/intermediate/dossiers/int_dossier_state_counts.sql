-- depends_on: {{ ref('int_changed_part') }}
{{ config(**by_part(['dossiers', 'dossier_events'], [in_changed_part()])) }}

select
    resource,
    procedure_code,
    cast(date_trunc('month', counted_on) as date) as month_start,
    count(*) as dossiers,
    count(case when dossier_state = 'registered' then 1 end) as registered,
    count(case when dossier_state = 'rejected' then 1 end) as rejected,
    count(received_on) as received,
    count(case when dossier_state = 'early' then 1 end) as early,
    count(case when dossier_state = 'on_time' then 1 end) as on_time,
    count(case when dossier_state = 'late' then 1 end) as late,
    count(case when dossier_state = 'open_in_time' then 1 end) as open_in_time,
    count(case when dossier_state = 'open_overdue' then 1 end) as open_overdue,
    count(case when dossier_state = 'paused' then 1 end) as paused,
    count(case when dossier_state = 'withdrawn' then 1 end) as withdrawn,
    count(case when dossier_state = 'not_judged' then 1 end) as not_judged,
    cast(sum(pauses) as bigint) as pauses,
    cast(sum(paused_working_days) as bigint) as paused_working_days,
    cast(sum(extensions) as bigint) as extensions,
    -- by the bare status, as the national portal counts
    count(case when received_on is not null and status_code in ('2', '4') then 1 end)
        as status_in_progress,
    count(case when received_on is not null and status_code in ('5', '6', '8') then 1 end)
        as status_paused,
    count(case when received_on is not null and status_code in ('7', '9', '10') then 1 end)
        as status_done
from {{ ref('int_dossier_state') }}
{% if is_incremental() -%}
    where {{ in_changed_part() }}
{%- endif %}
group by resource, procedure_code, date_trunc('month', counted_on)
