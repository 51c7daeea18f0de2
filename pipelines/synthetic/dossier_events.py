"""The status changes of a dossier, one row each, as the log of a one-stop system exports them.

They agree with the dossier's own dates: the last change leads to its status, acceptance is at its
receipt, the end at its end. Where a dossier took its time, some were paused for papers or a payment
and resumed, and some that would be late were given a new due date on the old one. Dossiers whose
own row is spoilt on purpose have no log.

Weekdays count as working days here, as everywhere in the generators; the warehouse counts with the
real calendar.
"""

EVENT_FORM = """
,
    drawn as (
        select
            *,
            draw(i, {seed}, 'pause', 1000) as pause_draw,
            draw(i, {seed}, 'extend', 1000) as extend_draw,
            draw(i, {seed}, 'second', 3600) as second_draw,
            draw(i, {seed}, 'length', 6) as length_draw,
            fate in ('withdrawn', 'finished', 'open') and (end_day > due_day) as is_slow,
        from closed
        where bad_draw % 2000 <> 0
    ),
    extended as (
        select
            *,
            is_slow and time_limit >= 1 and due_day <= {as_of} and settled_status in (4, 7, 9)
            and extend_draw < 300 as is_extended,
        from drawn
    ),
    paused as (
        select
            *,
            working_days_after(day, 1) as pause_day,
            case when is_extended then due_day else end_day end as paused_before,
            case
                when extend_draw % 10 < 7 then greatest(end_day, working_days_after(due_day, 1))
                else working_days_after(due_day, 1 + extend_draw % 3)
            end as new_due_day,
        from extended
    ),
    resumed as (
        select
            *,
            settled_status in (4, 7, 9)
            and fate in ('withdrawn', 'finished', 'open')
            and paused_before > pause_day
            and least(working_days_after(pause_day, 1 + length_draw), paused_before) <= {as_of}
            and pause_draw < case when is_slow then 400 else 60 end as is_paused,
            least(working_days_after(pause_day, 1 + length_draw), paused_before) as resume_day,
            case when fee > 0 and pause_draw % 4 = 0 then 6 else 5 end as pause_status,
        from paused
    ),
    changes as (
        select
            agency_code || '-' || strftime(day, '%y%m%d') || '-' || printf('%04d', sequence)
                as dossier_code,
            unnest(
                list_filter(
                    [
                        {{'moment': case when channel <> 1 or not accepted then submitted_at end,
                          'status': 1, 'due': null::timestamp}},
                        {{'moment': case when fate = 'refused' then submitted_at + to_hours(4) end,
                          'status': 3, 'due': null}},
                        {{'moment': case when accepted then received_at end,
                          'status': 2, 'due': null}},
                        {{'moment': case
                              when accepted and settled_status <> 2
                                  then received_at + to_seconds(60 + second_draw % 500)
                          end,
                          'status': 4, 'due': null}},
                        {{'moment': case
                              when is_paused
                                  then pause_day::timestamp + to_seconds(32400 + second_draw)
                          end,
                          'status': pause_status, 'due': null}},
                        {{'moment': case
                              when is_paused then resume_day::timestamp + to_seconds(27900)
                          end,
                          'status': 4, 'due': null}},
                        {{'moment': case
                              when is_extended then due_day::timestamp + to_hours(15)
                          end,
                          'status': 4, 'due': new_due_day::timestamp + to_hours(17)}},
                        {{'moment': case
                              when accepted and not done and settled_status in (5, 6)
                                  then received_at + to_hours(24)
                              when accepted and not done and settled_status = 8
                                  then received_at + to_hours(1)
                          end,
                          'status': settled_status, 'due': null}},
                        {{'moment': case when done then worked_until end,
                          'status': settled_status, 'due': null}},
                        {{'moment': case when returned then returned_at end,
                          'status': 10, 'due': null}}
                    ],
                    lambda change: change.moment is not null
                )
            ) as change,
            generate_subscripts(
                list_filter(
                    [
                        channel <> 1 or not accepted,
                        fate = 'refused',
                        accepted,
                        accepted and settled_status <> 2,
                        is_paused,
                        is_paused,
                        is_extended,
                        accepted and not done and settled_status in (5, 6, 8),
                        done,
                        returned
                    ],
                    lambda happened: happened
                ),
                1
            ) as number,
        from resumed
    )
select
    dossier_code as "MaHoSo",
    number as "SoThuTu",
    stamp(change.moment) as "ThoiDiemXuLy",
    change.status as "TrangThai",
    case when change.due is not null then stamp(change.due) end as "NgayHenTraMoi",
from changes
"""
