with special_days as (
    select * from {{ ref('stg_working_days__special_days') }}
),

span as (
    {{ calendar_span('special_days') }}
),

days as (
    {{ calendar_days('span') }}
),

judged as (
    select
        days.calendar_day,
        {{ iso_weekday('days.calendar_day') }} as day_of_week,
        special_days.kind,
        special_days.name_vi,
        special_days.name_en,
        special_days.document,
        case
            when special_days.kind is null then {{ iso_weekday('days.calendar_day') }} < 6
            else special_days.kind = 'swapped_on'
        end as is_working_day
    from days
    left join special_days on days.calendar_day = special_days.calendar_day
)

select
    calendar_day,
    day_of_week,
    is_working_day,
    coalesce(kind, case when day_of_week < 6 then 'weekday' else 'weekend' end) as day_kind,
    name_vi as holiday_vi,
    name_en as holiday_en,
    document,
    cast(
        sum(case when is_working_day then 1 else 0 end) over (
            order by calendar_day rows unbounded preceding
        ) as integer
    ) as working_day_number
from judged
