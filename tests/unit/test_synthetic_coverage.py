"""The synthetic coverage survey: untidy as surveys are, and clean once landed."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import source
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.settings import SOURCES, Home
from pipelines.synthetic import ProvinceCode, SyntheticError, Written, write_coverage

UNITS = SOURCES / "admin-units" / "sample" / "admin_units.csv"
RELATIONS = SOURCES / "admin-units" / "sample" / "admin_unit_relations.csv"


def make(out: Path, code: str, *, seed: int = 1, rows: int = 2400, threads: int = 2) -> Written:
    return write_coverage(
        out,
        province=ProvinceCode("QD19_2025", code),
        admin_units=UNITS,
        relations=RELATIONS,
        seed=seed,
        rows=rows,
        threads=threads,
    )


@dataclass(frozen=True)
class Landed:
    written: Written
    landing: landing.Landing
    files: list[str]

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect() as con:
            con.execute(
                f"""
                create view measured as from read_parquet({self.files});
                create view units as
                select
                    code, province_code,
                    coalesce(valid_from::date, date '0001-01-01') as first_day,
                    coalesce(valid_to::date, date '9999-12-31') as last_day
                from read_csv('{UNITS}', all_varchar = true)
                """
            )
            return con.execute(query).fetchall()


@pytest.fixture(params=["42", "80", "79"])
def landed(request: pytest.FixtureRequest, home: Home, ledger: Ledger) -> Landed:
    written = make(home.samples / "coverage", request.param)
    contract = source("coverage")
    raw.pull(contract, home, ledger)
    done = landing.land(contract, home, ledger)
    return Landed(written, done, [str(home.landed / "coverage" / file.file) for file in done.files])


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first, again, other = (
        make(tmp_path / name, "42", seed=seed, threads=threads).files[0].path.read_bytes()
        for name, seed, threads in (("a", 1, 2), ("b", 1, 1), ("c", 2, 2))
    )
    assert first == again
    assert first != other


def test_the_file_is_as_untidy_as_surveys_are(tmp_path: Path) -> None:
    data = make(tmp_path, "42").files[0].path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    header, *lines = text.splitlines()
    assert header.split(";")[:3] == ["Mã điểm", "Tên thôn/điểm", "Mã xã"]
    assert len(lines) == 2400
    assert "\u00a0" in text
    assert "\u00d0" in text
    assert any(not unicodedata.is_normalized("NFC", line) for line in lines)
    assert any("  " in line for line in lines)


def test_landing_refuses_the_spoilt_rows_and_tidies_the_others(landed: Landed) -> None:
    assert landed.landing.pulled == landed.written.rows == 2400
    assert landed.landing.quarantined == landed.written.bad_rows
    assert set(landed.landing.reasons) == {
        "point_code: required",
        "operator: enum",
        "download_mbps: type",
        "measured_on: type",
    }
    # one point, one name, whatever the letters and blanks in the file
    assert landed.ask(
        "select count(*) from (select point_code from measured"
        " group by 1 having count(distinct place_name) > 1)"
    ) == [(0,)]


def test_the_commune_existed_on_the_day_of_measurement(landed: Landed) -> None:
    assert landed.ask(
        """
        select count(*)
        from measured as m
        where not exists (
            select 1 from units as u
            where u.code = m.unit_code and m.measured_on between u.first_day and u.last_day
        )
        """
    ) == [(0,)]


def test_points_keep_their_code_through_the_reform(landed: Landed) -> None:
    both = landed.ask(
        """
        select count(*)
        from (
            select point_code from measured group by 1
            having min(measured_on) < date '2025-07-01' and max(measured_on) >= date '2025-07-01'
        )
        """
    )
    assert both[0][0] > 100  # type: ignore[operator]


def test_there_are_slow_points_fast_ones_and_gaps_open_and_closed(landed: Landed) -> None:
    slow, fast, first, last = landed.ask(
        """
        select
            count(*) filter (download_mbps < 40 and technology = '4G'),
            count(*) filter (download_mbps >= 40 and technology = '4G'),
            min(year(measured_on)), max(year(measured_on))
        from measured
        """
    )[0]
    assert slow > 100 and fast > 100  # type: ignore[operator]
    assert (first, last) == (2024, 2026)
    assert {state for (state,) in landed.ask("select distinct gap_state from measured")} == {
        None,
        "mở",
        "đóng",
    }


def test_what_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SyntheticError, match="province QD19_2025:99"):
        make(tmp_path, "99")
    with pytest.raises(SyntheticError, match="at least 12"):
        make(tmp_path, "42", rows=5)
