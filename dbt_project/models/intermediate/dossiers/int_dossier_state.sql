-- depends_on: {{ ref('int_changed_part_log') }}
{{ config(**by_part(['dossiers', 'dossier_events'], [in_changed_part()])) }}
{%- set logs = ref('int_changed_part_log') if is_incremental() else ref('fct_dossier_event') %}

with dossiers as (
    select
        dossier_key,
        procedure_code,
        admin_unit_key,
        coalesce(received_on, submitted_on) as counted_on,
        received_on,
        completed_on,
        status_code,
        due_on,
        resource
    from {{ ref('fct_dossier') }}
    {% if is_incremental() -%}
        where {{ in_changed_part() }}
    {%- endif %}
),

log_rows as (
    select *
    from {{ logs }}
),

-- Only pauses and extensions move a term, and few dossiers have any.
moved as (
    select
        dossier_key,
        cast(sum(case when is_pause then 1 else 0 end) as integer) as pauses,
        cast(coalesce(sum(case when is_pause then working_days_in_state end), 0) as integer)
            as paused_working_days,
        -- a pause before an extension was known when the new day was set
        cast(
            coalesce(
                sum(case when is_pause and later_extensions = 0 then working_days_in_state end), 0
            ) as integer
        ) as added_working_days,
        coalesce(
            max(
                case
                    when
                        is_pause
                        and later_extensions = 0
                        and left_on is not null
                        and working_days_in_state is null
                        then 1
                end
            ),
            0
        ) = 1 as has_uncounted_pause,
        cast(count(new_due_on) as integer) as extensions,
        -- the last extension is the one that no other follows
        max(case when later_extensions = 0 then new_due_on end) as extended_to
    from log_rows
    where is_pause or new_due_on is not null
    group by dossier_key
),

calendar as (
    select * from {{ ref('dim_working_day') }}
),

termed as (
    select
        dossiers.*,
        moved.pauses,
        moved.paused_working_days,
        moved.added_working_days,
        moved.has_uncounted_pause,
        moved.extensions,
        coalesce(moved.extended_to, dossiers.due_on) as term
    from dossiers
    left join moved on dossiers.dossier_key = moved.dossier_key
),

due as (
    select
        termed.*,
        case
            when termed.has_uncounted_pause then null
            when coalesce(termed.added_working_days, 0) = 0 or termed.term is null
                then termed.term
            else shifted.calendar_day
        end as effective_due_on,
        case
            when
                termed.term is not null
                and (
                    termed.has_uncounted_pause
                    or (termed.added_working_days > 0 and shifted.calendar_day is null)
                )
                then 'the calendar of working days does not reach that far'
        end as due_note
    from termed
    left join calendar as terms
        on termed.term = terms.calendar_day and termed.added_working_days > 0
    left join calendar as shifted
        on
            terms.working_day_number + termed.added_working_days = shifted.working_day_number
            and shifted.is_working_day
),

latest as (
    select max(entered_on) as as_of from {{ ref('fct_dossier_event') }}
)

select
    due.dossier_key,
    due.procedure_code,
    due.admin_unit_key,
    due.counted_on,
    due.received_on,
    due.completed_on,
    due.status_code,
    coalesce(due.pauses, 0) as pauses,
    coalesce(due.paused_working_days, 0) as paused_working_days,
    coalesce(due.extensions, 0) as extensions,
    due.due_on,
    due.effective_due_on,
    due.due_note,
    case
        when due.status_code = '3' then 'rejected'
        when due.received_on is null then 'registered'
        when due.status_code = '7' then 'withdrawn'
        when due.status_code in ('5', '6', '8') then 'paused'
        when due.due_note is not null then 'not_judged'
        when due.status_code in ('9', '10')
            then
                case
                    when due.completed_on is null then 'not_judged'
                    when due.completed_on < due.effective_due_on then 'early'
                    when due.completed_on > due.effective_due_on then 'late'
                    -- on the day itself, or without a term
                    else 'on_time'
                end
        when due.effective_due_on < latest.as_of then 'open_overdue'
        else 'open_in_time'
    end as dossier_state,
    due.resource
from due
cross join latest
