-- depends_on: {{ ref('int_changed_log') }}
{{ config(**by_part(['dossier_events'], [
    in_changed('dossier_events'),
    'dossier_key in (select dossier_key from staging.int_changed_log where is_elsewhere)',
])) }}

with log_rows as (
    select
        dossier_key,
        event_number,
        status_code,
        changed_on,
        new_due_on,
        resource
    from {{ ref('stg_dossier_events__event') }}
    {% if is_incremental() %}
        where {{ in_changed('dossier_events') }}

        union all

        -- what other files hold of the same logs
        select
            dossier_key,
            event_number,
            status_to as status_code,
            entered_on as changed_on,
            new_due_on,
            resource
        from {{ this }}
        where
            dossier_key in (
                select dossier_key from {{ ref('int_changed_log') }} where is_elsewhere
            )
            and not {{ in_changed('dossier_events') }}
    {% endif %}
),

changes as (
    select
        dossier_key,
        event_number,
        status_code,
        changed_on,
        new_due_on,
        resource,
        lag(status_code) over log_of_the_dossier as status_from,
        lead(changed_on) over log_of_the_dossier as left_on,
        cast(
            coalesce(
                sum(case when new_due_on is not null then 1 else 0 end) over (
                    partition by dossier_key
                    order by event_number
                    rows between 1 following and unbounded following
                ),
                0
            ) as integer
        ) as later_extensions
    from log_rows
    window
        log_of_the_dossier as (
            partition by dossier_key
            order by event_number
        )
),

calendar as (
    select
        calendar_day,
        working_day_number
    from {{ ref('dim_working_day') }}
)

select
    changes.dossier_key,
    changes.event_number,
    changes.status_from,
    changes.status_code as status_to,
    changes.changed_on as entered_on,
    changes.left_on,
    {{ working_days_between('first_days', 'last_days') }} as working_days_in_state,
    changes.status_code in ('5', '6', '8') as is_pause,
    changes.new_due_on,
    changes.later_extensions,
    changes.resource
from changes
left join calendar as first_days on changes.changed_on = first_days.calendar_day
left join calendar as last_days on changes.left_on = last_days.calendar_day
