"""Status changes and national counts are forms of the same synthetic dossiers: one story."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import source
from pipelines.settings import SOURCES
from pipelines.synthetic import PERSONAL_COLUMNS, ProvinceCode, personal_values, write_dossiers

ROWS = 4_000
AS_OF = date(2024, 5, 15)
FORMS = ("dossiers", "dossier-events", "national-dossier-counts")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("forms")
    for form in FORMS:
        write(out / form, form)
    return out


def write(out: Path, form: str) -> None:
    write_dossiers(
        out,
        rows=ROWS,
        seed=1,
        province=ProvinceCode("QD19_2025", "42"),
        admin_units=SOURCES / "admin-units" / "sample" / "admin_units.csv",
        relations=SOURCES / "admin-units" / "sample" / "admin_unit_relations.csv",
        procedures=SOURCES / "procedures" / "sample" / "danh-sach-tthc.xlsx",
        form=form,
        as_of=AS_OF,
    )


@pytest.fixture(scope="module")
def tables(folder: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for form, table in zip(FORMS, ("dossiers", "events", "national"), strict=True):
        con.execute(
            f"create table {table} as select * from"
            f" read_csv('{folder}/{form}/{form}-*.csv', all_varchar = true)"
        )
    con.execute("alter table events alter SoThuTu type integer")
    return con


def found(tables: duckdb.DuckDBPyConnection, query: str) -> int:
    row = tables.execute(f"select count(*) from ({query})").fetchone()
    return int(row[0]) if row else -1


def test_every_event_is_of_a_dossier_and_only_spoilt_dossiers_have_none(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert found(tables, "select * from events anti join dossiers using (MaHoSo)") == 0
    without = found(tables, "select * from dossiers anti join events using (MaHoSo)")
    assert without < ROWS / 500


@pytest.mark.parametrize(
    "contradiction",
    [
        # numbers run from 1 without a gap, times never backwards
        """
        select * from (
            select
                SoThuTu <> row_number() over log as misnumbered,
                lag(ThoiDiemXuLy) over log > ThoiDiemXuLy as backwards
            from events window log as (partition by MaHoSo order by SoThuTu)
        ) where misnumbered or backwards
        """,
        # the last change leads to the dossier's status
        """
        select * from (
            select MaHoSo, arg_max(TrangThai, SoThuTu) as last from events group by all
        ) join dossiers using (MaHoSo) where last <> TrangThaiHoSo
        """,
        "select * from events join dossiers using (MaHoSo)"
        " where TrangThai = '2' and ThoiDiemXuLy <> NgayTiepNhan",
        "select * from events join dossiers using (MaHoSo)"
        " where TrangThai in ('7', '9') and ThoiDiemXuLy <> NgayKetThucXuLy",
        "select * from events join dossiers using (MaHoSo)"
        " where TrangThai = '10' and ThoiDiemXuLy <> NgayTra",
        "select * from events join dossiers using (MaHoSo)"
        " where TrangThai = '3' and ThoiDiemXuLy <> NgayTuChoi",
        # an extension keeps the status and moves the term back
        "select * from events join dossiers using (MaHoSo)"
        " where NgayHenTraMoi is not null and (TrangThai <> '4' or NgayHenTraMoi <= NgayHenTra)",
        "select * from events where ThoiDiemXuLy > '20240515235959'",
    ],
)
def test_the_log_agrees_with_the_dossier(
    tables: duckdb.DuckDBPyConnection, contradiction: str
) -> None:
    assert found(tables, contradiction) == 0


def test_there_are_pauses_resumptions_and_extensions(tables: duckdb.DuckDBPyConnection) -> None:
    assert found(tables, "select * from events where NgayHenTraMoi is not null") > 10
    resumed = """
        select * from (
            select TrangThai, lead(TrangThai) over (partition by MaHoSo order by SoThuTu) as next
            from events
        ) where TrangThai in ('5', '6') and next = '4'
    """
    assert found(tables, resumed) > 50


def test_the_national_portal_knows_no_pause_and_nearly_as_many_dossiers(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert found(tables, "select * from national where TrangThai in ('5', '6', '8')") == 0
    provincial = found(tables, "select * from dossiers where TrangThaiHoSo not in ('1', '3')")
    row = tables.execute("select sum(SoHoSo::integer) from national").fetchone()
    assert row is not None
    assert row[0] != provincial
    assert abs(row[0] - provincial) < provincial / 100


def test_the_same_input_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for form in FORMS[1:]:
        write(tmp_path / form, form)
        for path in sorted((tmp_path / form).iterdir()):
            assert path.read_bytes() == (folder / form / path.name).read_bytes()


def test_the_log_brings_no_personal_value_of_its_own(
    folder: Path, tables: duckdb.DuckDBPyConnection
) -> None:
    """What a search for personal values looks for is all in the dossiers."""
    columns = source("dossier-events").tables[0].columns
    assert {column.header for column in columns if column.personal} == {"MaHoSo"}
    assert "MaHoSo" in PERSONAL_COLUMNS
    codes = {code for (code,) in tables.execute("select distinct MaHoSo from events").fetchall()}
    assert codes <= set(personal_values(folder / "dossiers"))
    national = source("national-dossier-counts").tables[0].columns
    assert not any(column.personal for column in national)
