"""Synthetic dossiers: same input, same bytes; real units on real days; nobody's personal data."""

import itertools
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.contracts import source
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.settings import SOURCES, Home
from pipelines.synthetic import (
    PERSONAL_COLUMNS,
    ProvinceCode,
    SyntheticError,
    Written,
    personal_values,
    words,
    write_dossiers,
)
from pipelines.synthetic.catalogue import read_procedures

UNITS = SOURCES / "admin-units" / "sample" / "admin_units.csv"
RELATIONS = SOURCES / "admin-units" / "sample" / "admin_unit_relations.csv"
PROCEDURES = SOURCES / "procedures" / "sample" / "danh-sach-tthc.xlsx"
ROWS = 20_000


@dataclass(frozen=True)
class Made:
    """One generated province: its folder, what the generator says, and a way to ask it."""

    folder: Path
    written: Written

    @cached_property
    def _tables(self) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect()
        con.execute(
            f"""
            create table dossiers as
            select *, substr(coalesce(NgayTiepNhan, NgayNopHoSo), 1, 8) as unit_day
            from read_csv('{self.folder}/dossiers-*.csv', all_varchar = true);
            create table units as
            select
                scheme, code, name, province_code,
                coalesce(strftime(valid_from::date, '%Y%m%d'), '00000000') as first_day,
                coalesce(strftime(valid_to::date, '%Y%m%d'), '99999999') as last_day
            from read_csv('{UNITS}', all_varchar = true)
            """
        )
        return con

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of `query` over `dossiers` (all text) and `units` (every unit, with its days)."""
        return self._tables.execute(query).fetchall()


def make(out: Path, code: str, *, rows: int = ROWS, seed: int = 1, **options: Any) -> Made:
    written = write_dossiers(
        out,
        rows=rows,
        seed=seed,
        province=ProvinceCode("QD19_2025", code),
        admin_units=UNITS,
        relations=RELATIONS,
        procedures=PROCEDURES,
        **options,
    )
    return Made(out, written)


def bytes_of(made: Made) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in made.folder.iterdir()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("a"), "42", agency_code="H27", threads=2)


@pytest.fixture(scope="module", params=["80", "79"])
def merged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("merged"), request.param, rows=8_000)


def test_one_file_per_month_holds_exactly_the_rows_asked_for(made: Made) -> None:
    names = sorted(path.name for path in made.folder.iterdir())
    assert names[0] == "dossiers-2024-01.csv"
    assert names[-1] == "dossiers-2026-10.csv"
    assert len(names) == 34
    assert made.written.rows == ROWS
    assert made.ask("select count(*) from dossiers") == [(ROWS,)]


def test_bytes_depend_on_the_seed_and_not_on_the_threads(made: Made, tmp_path: Path) -> None:
    alone = make(tmp_path / "alone", "42", agency_code="H27", threads=1)
    other = make(tmp_path / "other", "42", agency_code="H27", seed=2)
    assert bytes_of(alone) == bytes_of(made)
    assert bytes_of(other) != bytes_of(made)


def test_a_file_is_in_order_of_day_unit_and_arrival(made: Made) -> None:
    lines = (made.folder / "dossiers-2025-08.csv").read_text(encoding="utf-8").splitlines()[1:]
    codes = [
        match.groups() for line in lines if (match := re.match(r"([^,/]+)-(\d{6})-(\d+),", line))
    ]
    days = [day for _, day, _ in codes]
    assert days == sorted(days) and len(set(days)) > 15
    arrivals = [
        [int(number) for _, _, number in group]
        for _, group in itertools.groupby(codes, key=lambda code: code[:2])
    ]
    assert len(arrivals) == len({code[:2] for code in codes})
    assert all(numbers == sorted(numbers) for numbers in arrivals)
    assert max(len(numbers) for numbers in arrivals) > 3


def test_every_dossier_lies_in_the_file_of_its_month(made: Made) -> None:
    for path in made.folder.iterdir():
        month = path.stem.removeprefix("dossiers-").replace("-", "")
        with duckdb.connect() as con:
            found = con.execute(
                f"select count(*) from read_csv('{path}', all_varchar = true)"
                f" where NgayTiepNhan not like '{month}%'"
            ).fetchone()
        assert found == (0,), path.name


def test_units_existed_on_the_day_but_for_codes_that_had_just_ended(made: Made) -> None:
    strangers = made.ask(
        """
        select unit_day, MaDonVi
        from dossiers as d
        where not exists (
            select 1 from units as u
            where
                u.code = d.MaDonVi and u.province_code = '42'
                and d.unit_day between u.first_day and u.last_day
        )
        """
    )
    assert 0 < len(strangers) < ROWS * 0.002
    assert all("20250701" <= day <= "20251231" for day, _ in strangers)


def test_units_follow_the_reforms_of_the_province(made: Made) -> None:
    counted = dict(
        made.ask(
            """
            select
                case
                    when unit_day < '20250101' then 'before 2025'
                    when unit_day < '20250701' then 'first half of 2025'
                    else 'since 1 July 2025'
                end,
                [
                    count(distinct MaDonVi) filter (CapDonVi = 'Cấp tỉnh'),
                    count(distinct MaDonVi) filter (CapDonVi = 'Cấp huyện'),
                    count(distinct MaDonVi) filter (CapDonVi = 'Cấp xã')
                ]
            from dossiers as d
            where exists (
                select 1 from units as u
                where
                    u.code = d.MaDonVi and u.province_code = '42'
                    and d.unit_day between u.first_day and u.last_day
            )
            group by 1
            """
        )
    )
    *above, communes = counted["before 2025"]
    assert above == [1, 13] and 209 < communes <= 216
    *above, communes = counted["first half of 2025"]
    # so few dossiers in half a year leave the smallest communes without any
    assert above == [1, 12] and 190 < communes <= 209
    assert counted["since 1 July 2025"] == [1, 0, 69]


def test_a_merged_province_holds_the_dossiers_of_all_it_was_made_from(merged: Made) -> None:
    today = {"H00"}
    assert {
        code
        for (code,) in merged.ask(
            "select regexp_extract(MaHoSo, 'H..') from dossiers where MaHoSo like '%H%' group by 1"
        )
    } == today
    by_time = merged.ask(
        """
        select d.unit_day < '20250701', list_sort(list(distinct u.province_code))
        from dossiers as d
        inner join units as u
            on u.code = d.MaDonVi and d.unit_day between u.first_day and u.last_day
        where not (d.MaDonVi in (select code from units where last_day < d.unit_day)
            and d.unit_day between '20250701' and '20251231')
        group by 1 order by 1
        """
    )
    after, before = (provinces for _, provinces in by_time)
    assert (before, after) in [(["72", "80"], ["80"]), (["74", "77", "79"], ["79"])]


def test_codes_are_unique_and_number_a_units_day_from_one(made: Made) -> None:
    gaps = made.ask(
        r"""
        with codes as (
            select
                regexp_replace(MaHoSo, '-\d+$', '') as unit_and_day,
                regexp_extract(MaHoSo, '(\d+)$', 1)::integer as number
            from dossiers where MaHoSo not like '%/%'
        ), counted as (
            select count(*) as n, count(distinct number) as distinct_n, max(number) as last
            from codes group by unit_and_day
        )
        -- a spoilt code leaves a gap, nothing else does
        select sum((n <> distinct_n)::integer), sum(last - n) from counted
        """
    )
    spoilt = made.ask("select count(*) from dossiers where MaHoSo like '%/%'")[0][0]
    assert gaps[0][0] == 0
    assert gaps[0][1] <= spoilt


def test_nothing_happens_after_the_as_of_day(made: Made, tmp_path: Path) -> None:
    early = make(tmp_path / "early", "42", rows=4_000, as_of=date(2024, 3, 15))
    assert sorted(path.name for path in early.folder.iterdir()) == [
        f"dossiers-2024-0{month}.csv" for month in (1, 2, 3)
    ]
    for one, last in ((made, "20261031"), (early, "20240315")):
        latest = one.ask(
            """
            select max(substr(stamp, 1, 8))
            from (
                unpivot dossiers
                on NgayNopHoSo, NgayTiepNhan, NgayKetThucXuLy, NgayTra, NgayTuChoi
                into name field value stamp
            )
            where stamp not like '______32%'
            """
        )
        assert latest[0][0] <= last


def test_a_dossier_of_the_last_days_is_mostly_still_open(made: Made) -> None:
    counts = dict(
        made.ask(
            """
            select unit_day >= '20261029', avg((NgayKetThucXuLy is not null)::integer)
            from dossiers group by 1
            """
        )
    )
    assert counts[False] > 0.95
    assert counts[True] < 0.7


def test_status_and_dates_tell_one_story(made: Made) -> None:
    contradictions = made.ask(
        """
        select TrangThaiHoSo, count(*)
        from dossiers
        where
            TrangThaiHoSo between '0' and '99' and TrangThaiHoSo <> '11'
            and (
                (TrangThaiHoSo in ('7', '9', '10')) <> (NgayKetThucXuLy is not null)
                or (TrangThaiHoSo = '10') <> (NgayTra is not null)
                or (TrangThaiHoSo = '3') <> (NgayTuChoi is not null)
                or (
                    TrangThaiHoSo in ('1', '3') and NgayTiepNhan is not null
                    and NgayTiepNhan not like '______32%'
                )
                or (TrangThaiHoSo not in ('1', '3') and NgayTiepNhan is null)
                or NgayKetThucXuLy < NgayTiepNhan and NgayTiepNhan not like '______32%'
                or NgayTra < NgayKetThucXuLy
                or NgayTiepNhan < NgayNopHoSo
            )
        group by 1
        """
    )
    assert contradictions == []
    statuses = {status for (status,) in made.ask("select distinct TrangThaiHoSo from dossiers")}
    assert {"2", "3", "4", "7", "8", "9", "10"} <= statuses


def test_most_end_on_time_and_more_and_more_is_filed_online(made: Made) -> None:
    on_time = made.ask(
        """
        select avg((substr(NgayKetThucXuLy, 1, 8) <= substr(NgayHenTra, 1, 8))::integer)
        from dossiers where NgayKetThucXuLy is not null
        """
    )[0][0]
    assert 0.90 <= on_time <= 0.97
    online = dict(
        made.ask(
            """
            select substr(unit_day, 1, 4), avg((KenhThucHien = '2')::integer)
            from dossiers where MucDo in ('3', '4') group by 1
            """
        )
    )
    assert online["2024"] < online["2025"] < online["2026"]


def test_the_lunar_new_year_is_slow_and_nobody_works_on_holidays(made: Made) -> None:
    by_month = dict(made.ask("select substr(unit_day, 1, 6), count(*) from dossiers group by 1"))
    assert by_month["202402"] < 0.7 * by_month["202403"]
    assert by_month["202602"] < 0.7 * by_month["202603"]
    days = {day for (day,) in made.ask("select distinct substr(NgayTiepNhan, 1, 8) from dossiers")}
    assert not days & {"20240210", "20250129", "20260217", "20240902", "20260101", "20240615"}


def test_landing_quarantines_exactly_the_rows_that_were_spoilt(home: Home, ledger: Ledger) -> None:
    made = make(home.samples / "dossiers", "42", rows=60_000, agency_code="H27")
    contract = source("dossiers")
    raw.pull(contract, home, ledger)
    landed = landing.land(contract, home, ledger)
    assert landed.pulled == 60_000
    assert landed.quarantined == made.written.bad_rows > 10
    assert {reason.split(": ")[1] for reason in landed.reasons} >= {"pattern", "type", "enum"}


def test_personal_values_are_all_listed_and_none_is_the_name_of_a_place(made: Made) -> None:
    listed = personal_values(made.folder)
    assert len(listed) == len(set(listed))
    for column in PERSONAL_COLUMNS:
        values = {
            value
            for (value,) in made.ask(
                f"select distinct {column} from dossiers where {column} is not null"
            )
        }
        assert values and values <= set(listed), column
    men = itertools.product(words.FAMILY_NAMES, words.MIDDLE_NAMES_MALE, words.GIVEN_NAMES_MALE)
    women = itertools.product(
        words.FAMILY_NAMES, words.MIDDLE_NAMES_FEMALE, words.GIVEN_NAMES_FEMALE
    )
    people = {" ".join(parts) for parts in (*men, *women)}
    places = [name.split() for (name,) in made.ask("select distinct name from units")]
    inside = {
        " ".join(place[start : start + length])
        for place in places
        for length in (3, 4)
        for start in range(len(place))
    }
    assert people & inside == set()


def test_personal_columns_are_those_the_contract_calls_personal() -> None:
    columns = source("dossiers").tables[0].columns
    assert {column.header for column in columns if column.personal} == set(PERSONAL_COLUMNS)


def test_people_cannot_be_real(made: Made) -> None:
    identities, phones, emails = (
        [
            value
            for (value,) in made.ask(f"select {column} from dossiers where {column} is not null")
        ]
        for column in ("SoGiayToChuHoSo", "SoDienThoai", "Email")
    )
    # the fourth digit is century and sex; 8 and 9 stand for people born after 2300
    assert all(re.fullmatch(r"0\d\d[89]\d{8}|\d{10}", value) for value in identities)
    assert any(len(value) == 12 for value in identities)
    assert all(re.fullmatch(r"053\d{7}", value) for value in phones)
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+\d+@hopthu\d\.example", value) for value in emails)


def test_free_text_names_the_applicant(made: Made) -> None:
    assert made.ask("select count(*) from dossiers where not contains(TrichYeuHoSo, ChuHoSo)") == [
        (0,)
    ]


def test_a_catalogue_in_another_layout_is_refused(tmp_path: Path) -> None:
    openpyxl: Any = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["Code", "Name"])
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(SyntheticError, match="no row with the headers"):
        read_procedures(tmp_path / "other.xlsx")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "99"}, "province QD19_2025:99"),
        ({"code": "42", "rows": 0}, "at least 1"),
        ({"code": "42", "as_of": date(2023, 12, 31)}, "before the first month"),
        ({"code": "42", "rows": 2_000_000_000}, "fewer rows"),
    ],
)
def test_what_cannot_be_made_is_refused_with_a_remedy(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(SyntheticError, match=message):
        make(tmp_path, **changes)
    assert list(tmp_path.iterdir()) == []
