"""Write a synthetic survey of mobile coverage: one untidy CSV, as it comes from a survey team.

Points stay where they are; the commune they lie in is the one valid on the day of measurement, so
the reform of July 2025 shows in the file. The file has what such files have: a byte-order mark,
semicolons, decimal commas, day/month/year, stray blanks and look-alike letters.
"""

import unicodedata
from datetime import date
from pathlib import Path

from pipelines.synthetic import words
from pipelines.synthetic.common import (
    AS_OF,
    FIRST_MONTH,
    ProvinceCode,
    SyntheticError,
    Written,
    WrittenFile,
    filled,
    literal,
    workbench,
)
from pipelines.synthetic.territory import load_territory

FILE_NAME = "coverage-survey.csv"
_POINTS = 260
_BAD_ROWS = 12
_CAMPAIGNS = (
    date(2024, 4, 1),
    date(2024, 10, 1),
    date(2025, 5, 5),
    date(2025, 11, 3),
    date(2026, 4, 6),
    date(2026, 9, 7),
)

_POINT_PLACES = """
create table point_places as
with recursive
    standing as (
        select
            scheme,
            code,
            row_number() over (order by hash(scheme, code, $seed, 'place')) as place,
            count(*) over () as places,
        from territory
        where level = 'commune' and $first_day between first_day and last_day
    ),
    points as (
        select
            n as point,
            s.scheme,
            s.code,
            'DD-' || printf('%04d', n) as point_code,
            1 + (hash(n, $seed, 'head') % len($heads))::bigint as head,
            1 + (hash(n, $seed, 'word') % len($plain))::bigint as word,
            (hash(n, $seed, 'weak') % 100)::bigint as weakness,
            (hash(n, $seed, 'close') % 9)::bigint as closing,
        from range(1, $points + 1) as t (n)
        inner join standing as s on s.place = 1 + (n - 1) % s.places
    ),
    -- where a commune was divided, the point goes to the first of its successors
    placed as (
        select point, scheme, code, $first_day as since from points
        union all
        select p.point, s.successor_scheme, s.successor_code, s.effective_on
        from placed as p
        inner join successors as s
            on p.scheme = s.scheme and p.code = s.code and s.effective_on > p.since
        qualify row_number() over (partition by p.point order by s.effective_on) = 1
    )
select
    p.* exclude (scheme, code),
    $heads[p.head] || ' ' || $plain[p.word] as place_name,
    $heads[p.head] || ' ' || $decomposed[p.word] as place_name_decomposed,
    t.code,
    t.name,
    l.since as first_day,
    t.last_day,
from points as p
inner join placed as l using (point)
inner join territory as t
    on l.scheme = t.scheme and l.code = t.code and l.since between t.first_day and t.last_day
"""

_SURVEY = """
with
    campaigns as (
        select unnest($campaigns) as starts_on, unnest(range(len($campaigns))) as campaign
    ),
    networks as (
        select operator, technology, base
        from (
            values
                ('Viettel', '4G', 620), ('Viettel', '5G', 2300), ('VinaPhone', '4G', 560),
                ('VinaPhone', '5G', 2100), ('MobiFone', '4G', 480), ('MobiFone', '5G', 1900),
                ('Vietnamobile', '4G', 330), ('Vietnamobile', '3G', 60)
        ) as n (operator, technology, base)
    ),
    drawn as (
        select
            p.*,
            n.*,
            c.campaign,
            c.starts_on
            + (hash(p.point, c.campaign, $seed, 'day') % 25)::integer as measured_on,
            hash(p.point, n.operator, n.technology, c.campaign, $seed, 'take') as draw,
        from (select distinct point from point_places) as every
        cross join networks as n
        cross join campaigns as c
        inner join point_places as p
            on
                every.point = p.point
                and c.starts_on
                + (hash(every.point, c.campaign, $seed, 'day') % 25)::integer
                between p.first_day and p.last_day
        where
            c.starts_on + 25 <= $as_of
            -- 5G came later than 4G
            and (n.technology <> '5G' or c.campaign >= 1 + p.weakness % 3)
    ),
    taken as (
        select *, row_number() over (order by draw, point, operator, technology) as turn
        from drawn
        qualify turn <= $rows
    ),
    measured as (
        select
            *,
            weakness < 14 as was_gap,
            weakness < 14 and campaign >= closing as is_closed,
            -- tenths of Mbit/s
            greatest(
                1,
                base * (60 + 7 * campaign + (draw >> 8) % 60)::bigint
                // case
                    when weakness < 14 and campaign < closing then 1400
                    when weakness < 34 then 210
                    else 100
                end
            ) as tenths,
            ((draw >> 16) % 100)::bigint as mess,
            row_number() over (order by hash(draw, $seed, 'bad'), turn) as bad_turn,
        from taken
    )
select
    case when bad_turn in (1, 2) then null else point_code end as "Mã điểm",
    case
        when mess < 6 then replace(place_name, ' ', chr(160))
        when mess < 12 then replace(place_name, ' ', '  ')
        when mess < 18 then place_name_decomposed
        when mess < 40 then replace(place_name, 'Đ', chr(208))
        else place_name
    end as "Tên thôn/điểm",
    code as "Mã xã",
    case
        when mess between 90 and 93 then replace(name, ' ', chr(160))
        when mess between 94 and 96 then name || ' '
        else name
    end as "Tên xã",
    case when bad_turn in (3, 4, 5) then 'Mạng thử nghiệm' else operator end as "Nhà mạng",
    technology as "Công nghệ",
    case
        when bad_turn in (6, 7, 8, 9) then 'n/a'
        else
            case when tenths >= 10000 then (tenths // 10000)::varchar || '.' else '' end
            || case
                when tenths >= 10000 then printf('%03d', tenths // 10 % 1000)
                else (tenths // 10)::varchar
            end
            || ',' || tenths % 10
    end as "Tốc độ tải xuống (Mbps)",
    (tenths // 30)::varchar || ',' || tenths // 3 % 10 as "Tốc độ tải lên (Mbps)",
    case
        when bad_turn in (10, 11, 12) then '31/02/2025'
        else strftime(measured_on, '%d/%m/%Y')
    end as "Ngày đo",
    case when is_closed then 'đóng' when was_gap then 'mở' end as "Vùng lõm (mở/đóng)",
    case
        when mess between 60 and 62 then 'đo ngoài trời;  trời mưa'
        when was_gap and not is_closed then 'đề nghị bổ sung trạm'
    end as "Ghi chú",
from measured
order by measured_on, point, operator, technology
"""


def write_coverage(
    out: Path,
    *,
    province: ProvinceCode,
    admin_units: Path,
    relations: Path,
    seed: int,
    rows: int = 2400,
    as_of: date = AS_OF,
    threads: int = 2,
    memory_limit: str = "1GB",
) -> Written:
    """Write `coverage-survey.csv` with at most `rows` measurements into `out`.

    One row is one measurement of a point, operator and technology on a day, in Mbit/s. Twelve rows
    break the source contract on purpose (no point code, unknown operator, speed `n/a`, a date that
    does not exist). Same arguments, same bytes.

    Raises:
        SyntheticError: the province is not in the files, or `rows` is too small to hold bad rows.
    """
    if rows < _BAD_ROWS:
        raise SyntheticError(f"rows is {rows}; ask for at least {_BAD_ROWS}")
    out.mkdir(parents=True, exist_ok=True)
    path = out / FILE_NAME
    partial = path.with_suffix(".partial")
    with workbench(threads=threads, memory_limit=memory_limit) as con:
        load_territory(con, admin_units=admin_units, relations=relations, province=province)
        con.execute(
            filled(
                _POINT_PLACES,
                seed=seed,
                first_day=FIRST_MONTH,
                points=_POINTS,
                heads=list(words.PLACE_HEADS),
                plain=list(words.PLACE_WORDS),
                decomposed=[unicodedata.normalize("NFD", word) for word in words.PLACE_WORDS],
            )
        )
        survey = filled(_SURVEY, seed=seed, campaigns=list(_CAMPAIGNS), as_of=as_of, rows=rows)
        done = con.execute(
            f"copy ({survey}) to {literal(str(partial))} (format csv, header, delimiter ';')"
        ).fetchone()
    # the mark that spreadsheet programs write; the file is small enough to pass through memory
    path.write_bytes(b"\xef\xbb\xbf" + partial.read_bytes())
    partial.unlink()
    written = int(done[0]) if done else 0
    return Written((WrittenFile(path, written, path.stat().st_size),), _BAD_ROWS)
