-- What a careful engineer would write by hand: the dossiers' facts and marts, each straight from the
-- facts, without contracts, tests, parts or descriptions. Reads `landed` (dossiers, dossier_events,
-- national_dossier_counts) and the small tables of `dims`; makes the tables of `private` and `marts`.

create table private.fct_dossier as
select
    d.dossier_code_key as dossier_key,
    p.procedure_code,
    case when p.procedure_code is null then substr(d.procedure_code, 1, 8) end
        as unknown_procedure_code,
    case when p.procedure_code is null then 'not in the catalogue' end as procedure_note,
    u.admin_unit_key,
    case when u.admin_unit_key is null then d.unit_code end as unknown_unit_code,
    case
        when u.admin_unit_key is not null then null
        when c.code is null then 'no unit of the province has this code'
        else 'no unit of the province had this code on that day'
    end as unit_note,
    u.current_admin_unit_key,
    coalesce(u.restatement, 'unknown') as restatement,
    d.submitted_at::date as submitted_on,
    case when d.status_code not in ('1', '3') then d.received_at::date end as received_on,
    d.due_at::date as due_on,
    case when d.status_code in ('7', '9', '10') then d.ended_at::date end as completed_on,
    case
        when d.status_code in ('7', '9', '10') and d.ended_at is not null
            then coalesce(d.ended_at::date <= d.due_at::date, true)
    end as is_on_time,
    d.returned_at::date as returned_on,
    d.refused_at::date as refused_on,
    d.status_code,
    d.channel_code,
    d.service_level,
    d.applicant_type_code,
    d.fee_vnd,
    d.is_paid_online,
    d.has_digitised_component,
    d.is_account_verified
from landed.dossiers as d
left join dims.dim_procedure as p on substr(d.procedure_code, 1, 8) = p.procedure_code
left join dims.int_territory_unit as u
    on
        d.unit_code = u.code
        and coalesce(d.received_at::date, d.submitted_at::date) between u.first_day and u.last_day
left join (select distinct code from dims.int_territory_unit) as c on d.unit_code = c.code;

create table private.fct_dossier_event as
with changes as (
    select
        dossier_code_key as dossier_key,
        event_number,
        status_code as status_to,
        changed_at::date as entered_on,
        new_due_at::date as new_due_on,
        lag(status_code) over log_of_the_dossier as status_from,
        lead(changed_at::date) over log_of_the_dossier as left_on,
        coalesce(
            sum(case when new_due_at is not null then 1 else 0 end) over (
                partition by dossier_code_key order by event_number
                rows between 1 following and unbounded following
            ), 0
        )::integer as later_extensions
    from landed.dossier_events
    window log_of_the_dossier as (partition by dossier_code_key order by event_number)
)
select
    c.dossier_key,
    c.event_number,
    c.status_from,
    c.status_to,
    c.entered_on,
    c.left_on,
    l.working_day_number - f.working_day_number as working_days_in_state,
    c.status_to in ('5', '6', '8') as is_pause,
    c.new_due_on,
    c.later_extensions
from changes as c
left join dims.dim_working_day as f on c.entered_on = f.calendar_day
left join dims.dim_working_day as l on c.left_on = l.calendar_day;

create temp table states as
with moved as (
    select
        dossier_key,
        count(case when is_pause then 1 end) as pauses,
        coalesce(sum(case when is_pause then working_days_in_state end), 0) as paused_days,
        coalesce(
            sum(case when is_pause and later_extensions = 0 then working_days_in_state end), 0
        ) as added_days,
        bool_or(
            is_pause and later_extensions = 0
            and left_on is not null and working_days_in_state is null
        ) as is_uncounted,
        count(new_due_on) as extensions,
        max(case when later_extensions = 0 then new_due_on end) as extended_to
    from private.fct_dossier_event
    where is_pause or new_due_on is not null
    group by all
),
due as (
    select
        d.procedure_code,
        coalesce(d.received_on, d.submitted_on) as counted_on,
        d.received_on,
        d.completed_on,
        d.status_code,
        m.pauses,
        m.paused_days,
        m.extensions,
        coalesce(m.extended_to, d.due_on) as term,
        coalesce(m.is_uncounted, false) as is_uncounted,
        coalesce(m.added_days, 0) as added_days,
        s.calendar_day as shifted
    from private.fct_dossier as d
    left join moved as m on d.dossier_key = m.dossier_key
    left join dims.dim_working_day as t
        on coalesce(m.extended_to, d.due_on) = t.calendar_day and m.added_days > 0
    left join dims.dim_working_day as s
        on t.working_day_number + m.added_days = s.working_day_number and s.is_working_day
),
judged as (
    select
        *,
        case
            when is_uncounted then null
            when added_days = 0 or term is null then term
            else shifted
        end as due_on
    from due
)
select
    procedure_code,
    date_trunc('month', counted_on)::date as month_start,
    received_on is not null as is_received,
    status_code,
    pauses,
    paused_days,
    extensions,
    case
        when status_code = '3' then 'rejected'
        when received_on is null then 'registered'
        when status_code = '7' then 'withdrawn'
        when status_code in ('5', '6', '8') then 'paused'
        when term is not null and due_on is null then 'not_judged'
        when status_code in ('9', '10') then
            case
                when completed_on is null then 'not_judged'
                when completed_on < due_on then 'early'
                when completed_on > due_on then 'late'
                else 'on_time'
            end
        when due_on < (select max(entered_on) from private.fct_dossier_event) then 'open_overdue'
        else 'open_in_time'
    end as state
from judged;

create table marts.mart_dossiers_by_unit as
with counted as (
    select
        admin_unit_key,
        quarter_start,
        sum(received)::bigint as received,
        sum(received_online)::bigint as received_online,
        sum(completed)::bigint as completed,
        sum(completed_on_time)::bigint as completed_on_time
    from (
        select
            admin_unit_key,
            date_trunc('quarter', received_on)::date as quarter_start,
            count(*) as received,
            count(*) filter (channel_code = '2') as received_online,
            0 as completed,
            0 as completed_on_time
        from private.fct_dossier
        where received_on is not null
        group by all
        union all
        select
            admin_unit_key,
            date_trunc('quarter', completed_on)::date,
            0,
            0,
            count(*),
            count(*) filter (is_on_time)
        from private.fct_dossier
        where completed_on is not null
        group by all
    )
    group by all
)
select
    year(c.quarter_start) || '-Q' || quarter(c.quarter_start) as quarter,
    c.quarter_start,
    coalesce(c.admin_unit_key, 'unknown') as admin_unit_key,
    u.scheme as unit_scheme,
    u.code as unit_code,
    coalesce(u.name, 'Không xác định') as unit_name,
    coalesce(u.level, 'unknown') as unit_level,
    coalesce(u.province_key, 'unknown') as province_key,
    u.province_code,
    u.province_name,
    u.current_code as current_unit_code,
    u.current_name as current_unit_name,
    coalesce(u.restatement, 'unknown') as restatement,
    c.quarter_start + interval 3 month
    > date_trunc('month', (select max(received_on) from private.fct_dossier)) + interval 1 month
        as is_partial_period,
    c.received,
    c.received_online,
    c.received - c.received_online as received_offline,
    c.completed,
    c.completed_on_time,
    c.completed - c.completed_on_time as completed_late,
    round(100.0 * c.received_online / nullif(c.received, 0), 4)::decimal(9, 4) as online_share,
    round(100.0 * c.completed_on_time / nullif(c.completed, 0), 4)::decimal(9, 4) as on_time_rate
from counted as c
left join dims.int_territory_unit as u on c.admin_unit_key = u.admin_unit_key;

create table marts.mart_dossiers_by_channel as
with counted as (
    select
        month_start,
        coalesce(u.province_key, 'unknown') as province_key,
        u.province_code,
        coalesce(u.province_name, 'Không xác định') as province_name,
        channel_code,
        service_level,
        sum(received)::bigint as received,
        sum(completed)::bigint as completed,
        sum(completed_on_time)::bigint as completed_on_time
    from (
        select
            admin_unit_key,
            channel_code,
            service_level,
            date_trunc('month', received_on)::date as month_start,
            count(*) as received,
            0 as completed,
            0 as completed_on_time
        from private.fct_dossier
        where received_on is not null
        group by all
        union all
        select
            admin_unit_key,
            channel_code,
            service_level,
            date_trunc('month', completed_on)::date,
            0,
            count(*),
            count(*) filter (is_on_time)
        from private.fct_dossier
        where completed_on is not null
        group by all
    ) as c
    left join dims.int_territory_unit as u on c.admin_unit_key = u.admin_unit_key
    group by all
)
select
    strftime(month_start, '%Y-%m') as month,
    month_start,
    province_key,
    province_code,
    province_name,
    channel_code,
    service_level,
    received,
    completed,
    completed_on_time,
    completed - completed_on_time as completed_late,
    round(100.0 * completed_on_time / nullif(completed, 0), 4)::decimal(9, 4) as on_time_rate
from counted;

create table marts.mart_dossiers_by_field as
with counted as (
    select
        month_start,
        coalesce(p.field, 'Không xác định') as procedure_field,
        sum(received)::bigint as received,
        sum(received_online)::bigint as received_online,
        sum(completed)::bigint as completed,
        sum(completed_on_time)::bigint as completed_on_time
    from (
        select
            procedure_code,
            date_trunc('month', received_on)::date as month_start,
            count(*) as received,
            count(*) filter (channel_code = '2') as received_online,
            0 as completed,
            0 as completed_on_time
        from private.fct_dossier
        where received_on is not null
        group by all
        union all
        select
            procedure_code,
            date_trunc('month', completed_on)::date,
            0,
            0,
            count(*),
            count(*) filter (is_on_time)
        from private.fct_dossier
        where completed_on is not null
        group by all
    ) as c
    left join dims.dim_procedure as p on c.procedure_code = p.procedure_code
    group by all
)
select
    strftime(month_start, '%Y-%m') as month,
    month_start,
    procedure_field,
    received,
    received_online,
    received - received_online as received_offline,
    completed,
    completed_on_time,
    completed - completed_on_time as completed_late,
    round(100.0 * received_online / nullif(received, 0), 4)::decimal(9, 4) as online_share,
    round(100.0 * completed_on_time / nullif(completed, 0), 4)::decimal(9, 4) as on_time_rate
from counted;

create table marts.mart_dossier_status as
select
    strftime(s.month_start, '%Y-%m') as month,
    s.month_start,
    coalesce(p.field, 'Không xác định') as procedure_field,
    sum(s.dossiers)::bigint as dossiers,
    sum(s.registered)::bigint as registered,
    sum(s.rejected)::bigint as rejected,
    sum(s.received)::bigint as received,
    sum(s.early)::bigint as early,
    sum(s.on_time)::bigint as on_time,
    sum(s.late)::bigint as late,
    sum(s.open_in_time)::bigint as open_in_time,
    sum(s.open_overdue)::bigint as open_overdue,
    sum(s.paused)::bigint as paused,
    sum(s.withdrawn)::bigint as withdrawn,
    sum(s.not_judged)::bigint as not_judged,
    sum(s.pauses)::bigint as pauses,
    sum(s.paused_days)::bigint as paused_working_days,
    sum(s.extensions)::bigint as extensions
from (
    select
        procedure_code,
        month_start,
        count(*) as dossiers,
        count(*) filter (state = 'registered') as registered,
        count(*) filter (state = 'rejected') as rejected,
        count(*) filter (is_received) as received,
        count(*) filter (state = 'early') as early,
        count(*) filter (state = 'on_time') as on_time,
        count(*) filter (state = 'late') as late,
        count(*) filter (state = 'open_in_time') as open_in_time,
        count(*) filter (state = 'open_overdue') as open_overdue,
        count(*) filter (state = 'paused') as paused,
        count(*) filter (state = 'withdrawn') as withdrawn,
        count(*) filter (state = 'not_judged') as not_judged,
        coalesce(sum(pauses), 0) as pauses,
        coalesce(sum(paused_days), 0) as paused_days,
        coalesce(sum(extensions), 0) as extensions
    from states
    group by all
) as s
left join dims.dim_procedure as p on s.procedure_code = p.procedure_code
group by all;

create table marts.mart_dossier_reconciliation as
with provincial as (
    select
        month_start,
        coalesce(p.field, 'Không xác định') as procedure_field,
        sum(received) as received,
        sum(in_progress) as in_progress,
        sum(paused) as paused,
        sum(done) as done
    from (
        select
            procedure_code,
            month_start,
            count(*) as received,
            count(*) filter (status_code in ('2', '4')) as in_progress,
            count(*) filter (status_code in ('5', '6', '8')) as paused,
            count(*) filter (status_code in ('7', '9', '10')) as done
        from states
        where is_received
        group by all
    ) as s
    left join dims.dim_procedure as p on s.procedure_code = p.procedure_code
    group by all
),
national as (
    select
        (received_month || '-01')::date as month_start,
        field_name as procedure_field,
        sum(dossiers) as received,
        sum(dossiers) filter (status_code in ('2', '4')) as in_progress,
        sum(dossiers) filter (status_code in ('5', '6', '8')) as paused,
        sum(dossiers) filter (status_code in ('7', '9', '10')) as done
    from landed.national_dossier_counts
    group by all
),
compared as (
    select
        month_start,
        procedure_field,
        coalesce(p.received, 0)::bigint as provincial_received,
        coalesce(n.received, 0)::bigint as national_received,
        coalesce(p.in_progress, 0)::bigint as provincial_in_progress,
        coalesce(n.in_progress, 0)::bigint as national_in_progress,
        coalesce(p.paused, 0)::bigint as provincial_paused,
        coalesce(n.paused, 0)::bigint as national_paused,
        coalesce(p.done, 0)::bigint as provincial_done,
        coalesce(n.done, 0)::bigint as national_done,
        p.received is not null as is_in_province,
        n.received is not null as is_in_nation
    from provincial as p
    full join national as n using (month_start, procedure_field)
)
select
    strftime(month_start, '%Y-%m') as month,
    month_start,
    procedure_field,
    provincial_received,
    national_received,
    national_received - provincial_received as received_difference,
    provincial_in_progress,
    national_in_progress,
    provincial_paused,
    national_paused,
    provincial_done,
    national_done,
    national_done - provincial_done as done_difference,
    provincial_paused - national_paused as due_to_rewriting,
    (national_done - provincial_done) - (provincial_paused - national_paused) as not_explained,
    case
        when not is_in_nation then 'only in the province'
        when not is_in_province then 'only in the nation'
        when national_received <> provincial_received then 'not explained'
        when national_done - provincial_done <> provincial_paused - national_paused
            then 'not explained'
        when provincial_paused <> national_paused then 'explained by rewriting'
        else 'equal'
    end as finding
from compared;

create table marts.mart_service_quality_766 as
with received_by_procedure as (
    select
        admin_unit_key,
        date_trunc('quarter', received_on)::date as quarter_start,
        coalesce(procedure_code, unknown_procedure_code) as any_code,
        count(*) as received,
        count(*) filter (has_digitised_component) as digitised,
        count(*) filter (service_level in ('3', '4') and channel_code in ('1', '2')) as could_be,
        count(*) filter (service_level in ('3', '4') and channel_code = '2') as filed_online,
        count(*) filter (service_level = '4' and channel_code in ('1', '2')) as could_be_full,
        count(*) filter (service_level = '4' and channel_code = '2') as full_online,
        count(*) filter (fee_vnd > 0) as with_fee,
        count(*) filter (fee_vnd > 0 and is_paid_online) as paid_online
    from private.fct_dossier
    where received_on is not null
    group by all
),
received as (
    select
        if(scope = 'unit', coalesce(admin_unit_key, 'unknown'), 'all') as admin_unit_key,
        scope,
        quarter_start,
        sum(received) as received,
        sum(digitised) as digitised,
        sum(could_be) as could_be,
        sum(filed_online) as filed_online,
        sum(could_be_full) as could_be_full,
        sum(full_online) as full_online,
        sum(with_fee) as with_fee,
        sum(paid_online) as paid_online,
        count(distinct any_code) filter (with_fee > 0) as procedures_with_fee,
        count(distinct any_code) filter (paid_online > 0) as procedures_paid
    from received_by_procedure
    cross join (values ('unit'), ('province')) as scopes (scope)
    group by all
),
completed as (
    select
        if(scope = 'unit', coalesce(admin_unit_key, 'unknown'), 'all') as admin_unit_key,
        scope,
        quarter_start,
        sum(completed) as completed,
        sum(on_time) as on_time
    from (
        select
            admin_unit_key,
            date_trunc('quarter', completed_on)::date as quarter_start,
            count(*) as completed,
            count(*) filter (is_on_time) as on_time
        from private.fct_dossier
        where completed_on is not null
        group by all
    )
    cross join (values ('unit'), ('province')) as scopes (scope)
    group by all
),
ends as (
    select
        quarter_start::date as quarter_start,
        least((quarter_start + interval 3 month)::date - 1, as_of) as last_day
    from (
        select
            unnest(
                generate_series(
                    date_trunc('quarter', min(entered_on)), max(entered_on), interval 3 month
                )
            ) as quarter_start,
            max(entered_on) as as_of
        from private.fct_dossier_event
    )
),
open as (
    select
        if(scope = 'unit', coalesce(admin_unit_key, 'unknown'), 'all') as admin_unit_key,
        scope,
        quarter_start,
        sum(in_progress) as in_progress,
        sum(overdue) as overdue
    from (
        select
            d.admin_unit_key,
            ends.quarter_start,
            count(*) as in_progress,
            count(*) filter (d.due_on < ends.last_day) as overdue
        from private.fct_dossier_event as e
        inner join ends
            on e.entered_on <= ends.last_day
            and coalesce(e.left_on, date '9999-12-31') > ends.last_day
        inner join private.fct_dossier as d on e.dossier_key = d.dossier_key
        where
            e.status_to in ('2', '4')
            and date_trunc('quarter', e.entered_on)
            is distinct from date_trunc('quarter', coalesce(e.left_on, date '9999-12-31'))
        group by all
    )
    cross join (values ('unit'), ('province')) as scopes (scope)
    group by all
),
filled as (
    select
        scope,
        admin_unit_key,
        quarter_start,
        i.*,
        (case i.indicator_code
            when 'on_time_rate' then coalesce(c.on_time, 0)
            when 'open_overdue_rate' then coalesce(o.overdue, 0)
            when 'component_digitisation_rate' then coalesce(r.digitised, 0)
            when 'online_rate' then coalesce(r.filed_online, 0)
            when 'full_service_online_rate' then coalesce(r.full_online, 0)
            when 'online_payment_by_dossier' then coalesce(r.paid_online, 0)
            when 'online_payment_by_procedure' then coalesce(r.procedures_paid, 0)
        end)::bigint as numerator,
        (case i.indicator_code
            when 'on_time_rate' then coalesce(c.completed, 0)
            when 'open_overdue_rate' then coalesce(o.in_progress, 0)
            when 'component_digitisation_rate' then coalesce(r.received, 0)
            when 'online_rate' then coalesce(r.could_be, 0)
            when 'full_service_online_rate' then coalesce(r.could_be_full, 0)
            when 'online_payment_by_dossier' then coalesce(r.with_fee, 0)
            when 'online_payment_by_procedure' then coalesce(r.procedures_with_fee, 0)
        end)::bigint as denominator
    from received as r
    full join completed as c using (scope, admin_unit_key, quarter_start)
    full join open as o using (scope, admin_unit_key, quarter_start)
    cross join dims.int_service_quality_766_indicator as i
)
select
    year(f.quarter_start) || '-Q' || quarter(f.quarter_start) as quarter,
    f.quarter_start,
    f.quarter_start + interval 3 month
    > date_trunc('month', (select max(received_on) from private.fct_dossier)) + interval 1 month
        as is_partial_period,
    f.scope,
    f.admin_unit_key,
    if(f.scope = 'province', 'Toàn tỉnh', coalesce(u.name, 'Không xác định')) as unit_name,
    f.group_number,
    f.group_vi,
    f.group_en,
    f.group_max_points,
    f.indicator_code,
    f.indicator_vi,
    f.indicator_en,
    f.numerator,
    f.denominator,
    round(100.0 * f.numerator / nullif(f.denominator, 0), 4)::decimal(9, 4) as rate_percent,
    f.indicator_max_points,
    null::decimal(9, 4) as score,
    if(f.not_measured_reason is not null or f.denominator = 0, 'not measured', 'rate only')
        as measured_state,
    case
        when f.not_measured_reason is not null then f.not_measured_reason
        when f.denominator = 0 then 'nothing to measure in the quarter'
        when f.indicator_max_points is null
            then 'the points of this indicator are in no source at hand'
        else 'how the rate becomes points is in no source at hand'
    end as reason
from filled as f
left join dims.int_territory_unit as u on f.admin_unit_key = u.admin_unit_key;
