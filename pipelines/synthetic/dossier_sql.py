"""The query that turns cells (unit × day) into dossiers: what was asked, when, and how it ended.

Every choice is `hash(row number, seed, salt)`, so a row depends on its number alone. The query is
one streaming pipeline (scan, unnest, projections): no join, no sort, no window over dossiers. That
is what keeps memory bounded and the order of rows fixed. Lists come as session variables. How a
dossier is written down is `dossier_form`.
"""

from datetime import date

from pipelines.synthetic.dossier_form import EXPORT_FORM

MACROS = """
create macro draw(i, seed, salt, n) as (hash(i, seed, salt) % n::ubigint)::bigint;
create macro pick(list, i, seed, salt) as list[1 + draw(i, seed, salt, len(list))];
create macro working_days_after(day, days) as
    day + (days + 2 * ((isodow(day) - 1 + days) // 5))::integer;
create macro stamp(t) as strftime(t, '%Y%m%d%H%M%S');
"""

LATE_DAYS = [1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8, 10, 14, 20, 30]
FEES = [0, 0, 0, 0, 0, 0, 8_000, 15_000, 25_000, 50_000, 100_000, 200_000, 350_000, 500_000]
# working days a procedure may take; communes mostly answer within days
TIME_LIMITS = {
    "province": [1, 3, 5, 7, 10, 10, 15, 20, 25],
    "district": [1, 3, 5, 5, 7, 10, 15, 20],
    "commune": [0, 0, 1, 1, 2, 3, 3, 5, 7],
}

BAD_ROWS = """
select count(*)
from range(1, $rows + 1) as t (i)
where draw(i, $seed, 'bad', 2000 * 8) % 2000 = 0
"""

# Read from the top down: who and what, when, how it ended, for whom.
_DOSSIERS = """
with
    numbered as (
        select *, unnest(range(1, receipts + 1)) as sequence
        from cells_{month}
    ),
    chosen as (
        select
            *,
            first_row + sequence as i,
            -- online share climbs from 45 % to about 90 %
            450 + 14 * month as online_permille,
        from numbered
    ),
    asked as (
        select
            *,
            getvariable('slots')[slots_from + draw(i, {seed}, 'procedure', slots_count)] as p,
            draw(i, {seed}, 'reject', 1000) as reject_draw,
            draw(i, {seed}, 'fate', 1000) as fate_draw,
            draw(i, {seed}, 'late', 1000) as late_draw,
            draw(i, {seed}, 'pace', 1000) as pace_draw,
            draw(i, {seed}, 'minute', 1000) as minute_draw,
            draw(i, {seed}, 'bad', 2000 * 8) as bad_draw,
            draw(i, {seed}, 'odd', 10000) as odd_draw,
            draw(i, {seed}, 'channel', 1000) as channel_draw,
            draw(i, {seed}, 'applicant', 1000) as applicant_draw,
        from chosen
    ),
    described as (
        select
            *,
            getvariable('codes')[p] as procedure_code,
            getvariable('names')[p] as procedure_name,
            getvariable('fields')[p] as field_name,
            getvariable('field_codes')[p] as field_code,
            getvariable('fees')[p] as fee,
            getvariable('limits')[limits_from + getvariable('noises')[p] % limits_count]
                as time_limit,
            case
                when getvariable('levels')[p] = 3 and p % 2 = 0 and day >= date '2025-07-01' then 4
                else getvariable('levels')[p]
            end as service_level,
            case
                when applicant_draw < 850 then 1
                when applicant_draw < 970 then 2
                when applicant_draw < 980 then 3
                else 4
            end as applicant_type,
            draw(i, {seed}, 'sex', 2) as sex,
        from asked
    ),
    channelled as (
        select
            *,
            case
                when channel_draw >= 965 then 3
                when service_level >= 3 and channel_draw < online_permille then 2
                else 1
            end as channel,
            -- numbered in order of arrival: times rise with the sequence
            day::timestamp + to_seconds(
                27000 + ((sequence - 1) * 1000 + minute_draw) * 342 // (10 * receipts)
            ) as received_at,
            working_days_after(day, time_limit) as due_day,
        from described
    ),
    timed as (
        select
            *,
            case
                when late_draw < late_permille + {reform_permille} then working_days_after(
                    due_day,
                    getvariable('late_days')[1 + pace_draw % len(getvariable('late_days'))]
                )
                -- a fifth is finished on the last day, the rest evenly before
                when pace_draw < 200 then due_day
                else working_days_after(day, (time_limit * pace_draw) // 1000)
            end as end_day,
            case
                when channel = 2 then received_at - to_seconds(draw(i, {seed}, 'wait', 50400))
                when channel = 3 then received_at - to_hours(24)
                else received_at
            end as submitted_at,
        from channelled
    ),
    ended as (
        select
            *,
            case
                when end_day > day
                    then end_day::timestamp + to_seconds(28800 + draw(i, {seed}, 'end', 30600))
                else received_at + to_seconds(600 + draw(i, {seed}, 'end', 5400))
            end as worked_until,
            case
                when reject_draw < 12 and submitted_at + to_hours(4) <= {as_of_end} then 'refused'
                when channel = 2 and day > {as_of} - 3 and reject_draw < 300 then 'new'
                when fate_draw < 3 then 'stopped'
                when fate_draw < 6 then 'stuck'
                when end_day > {as_of} then 'open'
                when fate_draw < 15 then 'withdrawn'
                else 'finished'
            end as fate,
        from timed
    ),
    settled as (
        select
            *,
            worked_until + to_hours(24 * getvariable('pick_up_days')[
                1 + draw(i, {seed}, 'pick', len(getvariable('pick_up_days')))
            ]) as returned_at,
            case fate
                when 'refused' then 3
                when 'new' then 1
                when 'stopped' then 8
                when 'withdrawn' then 7
                when 'finished' then 9
                else
                    case
                        when day >= {as_of} - 1 then 2
                        when fate_draw % 20 = 0 then 6
                        when fate_draw % 20 <= 2 then 5
                        else 4
                    end
            end as settled_status,
        from ended
    ),
    closed as (
        select
            *,
            fate not in ('refused', 'new') as accepted,
            fate in ('withdrawn', 'finished') as done,
            fate = 'finished' and fate_draw % 30 <> 0 and returned_at <= {as_of_end} as returned,
        from settled
    ),
    people as (
        select
            *,
            pick(getvariable('families'), i, {seed}, 'family') as family_i,
            case
                when sex = 0 then pick(getvariable('middles_male'), i, {seed}, 'middle')
                else pick(getvariable('middles_female'), i, {seed}, 'middle')
            end as middle_i,
            case
                when sex = 0 then pick(getvariable('givens_male'), i, {seed}, 'given')
                else pick(getvariable('givens_female'), i, {seed}, 'given')
            end as given_i,
            1945 + draw(i, {seed}, 'born', 62) as born,
            draw(i, {seed}, 'serial', 1000000) as serial,
            draw(i, {seed}, 'phone', 10000000) as phone,
            case
                when level = 'commune' then name
                else pick(getvariable('communes'), i, {seed}, 'home')
            end as home,
        from closed
    ),
    named as (
        select
            *,
            case
                when applicant_type = 1
                    then family_i.name || ' ' || middle_i.name || ' ' || given_i.name
                when applicant_type = 2
                    then
                        pick(getvariable('company_forms'), i, {seed}, 'form') || ' '
                        || pick(getvariable('company_trades'), i, {seed}, 'trade') || ' '
                        || pick(getvariable('company_words'), i, {seed}, 'word') || ' '
                        || given_i.name || ' ' || serial % 1000
                when applicant_type = 3 then 'Đơn vị công tác số ' || serial % 1000 || ' ' || home
                else 'Nhóm hộ ' || family_i.name || ' ' || middle_i.name || ' ' || given_i.name
            end as applicant,
            case
                -- century digits 8 and 9 mean born after 2300: well-formed, nobody's number
                when applicant_type in (1, 4)
                    then printf(
                        '0%s%d%02d%06d', province_code, 8 + sex, born % 100, serial
                    )
                else printf('00%08d', phone)
            end as identity_number,
            printf('053%07d', phone) as phone_number,
            bad_draw % 2000 = 0 as is_bad,
            case when bad_draw % 2000 = 0 then bad_draw // 2000 else -1 end as bad_kind,
        from people
    )
"""


def month_query(
    *, month: int, first_day: date, seed: int, as_of: date, agency: str, form: str = EXPORT_FORM
) -> str:
    """SQL for the dossiers of month number `month` (0 is the first), in arrival order.

    `form` says how they are written down: it selects from `closed`, or `named` with the people.
    """
    reform = date(2025, 7, 1) <= first_day < date(2025, 10, 1)
    return (_DOSSIERS + form).format(
        month=month,
        seed=seed,
        as_of=f"date '{as_of:%Y-%m-%d}'",
        as_of_end=f"timestamp '{as_of:%Y-%m-%d} 23:59:59'",
        reform_permille=45 if reform else 0,
        agency=f"'{agency}'",
    )
