"""A build that begins with a copy of the last one says the same as a build from nothing.

The landed months of the synthetic dossiers are shown to dbt in several states: a month is added,
an old month changed and old logs go on in a new file, files go; old measurements of coverage are
corrected late. Every state is built both ways, and all rows of all relations made from them are
compared.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import SourceContract, sources_in_use
from pipelines.duck import connect, literal
from pipelines.ingest import landing, raw
from pipelines.ingest.landed import LandedFile, Landing
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.settings import Home
from pipelines.synthetic.bundled import ensure_sample
from pipelines.warehouse.build import inputs, landings
from pipelines.warehouse.dbt import run_dbt
from pipelines.warehouse.increment import Start, landed_now, start
from pipelines.warehouse.landed import create_views
from pipelines.warehouse.project import load_manifest

pytestmark = pytest.mark.timeout(1800)  # eight runs of dbt come before the first answer

Found = Mapping[str, tuple[SourceContract, Landing]]

OF_DOSSIERS = ("dossiers", "dossier-events")
CHANGING = (*OF_DOSSIERS, "coverage")
STAGED = ("stg_dossiers__dossier", "stg_dossier_events__event", "stg_coverage__measurement")
MADE_FROM_THEM = tuple(f"{name}+" for name in STAGED)
AND_ALL_IT_NEEDS = tuple(f"@{name}" for name in STAGED)
LATE = 60


def _without(found: Found, keep: Callable[[LandedFile], bool]) -> Found:
    """The same, with only those files of dossiers and their logs that are to be kept."""
    return {
        name: (
            contract,
            replace(now, files=tuple(file for file in now.files if keep(file)))
            if name in OF_DOSSIERS
            else now,
        )
        for name, (contract, now) in found.items()
    }


def _change_a_month(samples: Path) -> None:
    """Every second dossier of March 2025 was filed online after all."""
    file = samples / "dossiers" / "dossiers-2025-03.csv"
    with connect() as connection:
        connection.execute(
            f"""
            create table changed as
            select * replace (
                case when rowid % 2 = 0 then '2' else "KenhThucHien" end as "KenhThucHien"
            )
            from (select *, row_number() over () as rowid
                  from read_csv({literal(str(file))}, all_varchar = true, header = true))
            """
        )
        connection.execute("alter table changed drop column rowid")
        connection.execute(f"copy changed to {literal(str(file))} (header, delimiter ',')")


def _correct_old_measurements(samples: Path) -> None:
    """Every second measurement of 2024 was ten times slower than the survey first said."""
    file = samples / "coverage" / "coverage-survey.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    speed = lines[0].lstrip("\ufeff").split(";").index("Tốc độ tải xuống (Mbps)")
    for number, line in enumerate(lines):
        cells = line.split(";")
        if number % 2 and "/2024" in line and cells[speed].replace(",", "").isdigit():
            whole, tenth = cells[speed].split(",")
            cells[speed] = f"{whole[:-1] or 0},{whole[-1]}"
            assert tenth.isdigit()
            lines[number] = ";".join(cells)
    file.write_text("".join(lines), encoding="utf-8")


def _go_on_with_old_logs(samples: Path) -> None:
    """A new file of changes: dossiers of all months are paused, or their terms extended."""
    folder = samples / "dossier-events"
    with connect() as connection:
        connection.execute(
            f"""
            copy (
                select
                    "MaHoSo",
                    max("SoThuTu"::integer) + 1 as "SoThuTu",
                    '20261105090000' as "ThoiDiemXuLy",
                    case when hash("MaHoSo") % 2 = 0 then 5 else 4 end as "TrangThai",
                    case when hash("MaHoSo") % 2 = 1 then '20261130170000' end as "NgayHenTraMoi"
                from read_csv('{folder}/*.csv', all_varchar = true, header = true)
                group by "MaHoSo"
                order by sha256("MaHoSo")
                limit {LATE}
            ) to '{folder}/dossier-events-2026-11.csv' (header, delimiter ',')
            """
        )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        home = Home(tmp_path_factory.mktemp("increments") / "home").create()
        patch.setenv("KHOMO_HOME", str(home.root))
        patch.setenv("KHOMO_SAMPLE_DOSSIERS", "4000")
        yield home


@pytest.fixture(scope="module")
def states(home: Home) -> Mapping[str, Found]:
    """What was landed, state after state."""
    province, ledger = load_province(), Ledger(home.ledger)

    def land(names: Any) -> Found:
        for name in names:
            raw.pull(sources_in_use()[name], home, ledger)
            landing.land(sources_in_use()[name], home, ledger)
        return landings(home)

    for contract in sources_in_use().values():
        if contract.generator:
            ensure_sample(contract.generator, home, province)
    whole = land(sources_in_use())
    kept = home.root / "kept"
    shutil.copytree(home.landed, kept)  # landing forgets the files that no longer count
    _change_a_month(home.samples)
    _go_on_with_old_logs(home.samples)
    _correct_old_measurements(home.samples)
    changed = land(CHANGING)
    shutil.copytree(kept, home.landed, dirs_exist_ok=True)
    return {
        "a month less": _without(whole, lambda file: "2026-10" not in file.resource),
        "whole": whole,
        "changed": changed,
        "files gone": _without(
            changed,
            lambda file: (
                file.resource not in ("dossiers-2024-05.csv", "dossier-events-2026-10.csv")
                and "2026-11" not in file.resource
                and "events-2025-08" not in file.resource
            ),
        ),
    }


def _build(home: Home, name: str, begin: Start, found: Found, *what: str) -> Path:
    """Build where builds are made: views name the file they are in, dbt parses for one place."""
    database = home.warehouse / "building.duckdb"
    begin.make(database)
    with connect(database) as connection:
        create_views(connection, home, found, begin.changed)
    arguments = what or ("--select", *MADE_FROM_THEM)
    run_dbt(["run", *arguments], home, load_province(), database=database)
    return database.rename(home.warehouse / f"{name}.duckdb")


def _row(found: Found) -> dict[str, str]:
    """What the ledger says of a build of `found`."""
    return {
        "inputs": json.dumps(inputs(found, load_province())),
        "landed_files": json.dumps(landed_now(found)),
    }


def _differences(ours: Path, theirs: Path) -> dict[str, int]:
    """How many rows of each relation only one of the two has."""
    found: dict[str, int] = {}
    with connect() as connection:
        for name, path in (("ours", ours), ("theirs", theirs)):
            connection.execute(f"attach {literal(str(path))} as {name} (read_only)")
        tables = [
            {
                (schema, table)
                for catalog, schema, table in connection.execute(
                    "select database_name, schema_name, table_name from duckdb_tables()"
                ).fetchall()
                if catalog == name and schema not in ("landed", "staging")
            }
            for name in ("ours", "theirs")
        ]
        assert tables[0] == tables[1]
        for schema, table in tables[0]:
            counted = connection.execute(
                f"""
                select count(*) from (
                    (from ours.{schema}.{table} except all from theirs.{schema}.{table})
                    union all
                    (from theirs.{schema}.{table} except all from ours.{schema}.{table})
                )
                """
            ).fetchone()
            assert counted is not None
            found[f"{schema}.{table}"] = counted[0]
    return found


@pytest.fixture(scope="module")
def built(home: Home, states: Mapping[str, Found]) -> Mapping[str, tuple[Path, Path, int]]:
    """Each state after the first: built on the state before, from nothing, and what changed."""
    # of dossiers: what has nothing to do with them is there
    select = ("--select", *AND_ALL_IT_NEEDS, "--exclude", *MADE_FROM_THEM)
    nothing = Start(_build(home, "nothing", Start(None, (), ""), states["whole"], *select), (), "")
    done: dict[str, tuple[Path, Path, int]] = {}
    (first, was), *later = states.items()
    last = _build(home, first, nothing, was)
    for name, found in later:
        begin = start(
            home,
            _row(was),
            last,
            inputs(found, load_province()),
            landed_now(found),
            load_manifest(home),
        )
        assert begin.copied == last, begin.why
        last, was = _build(home, f"{name}, grown", begin, found), found
        done[name] = (last, _build(home, name, nothing, found), len(begin.changed))
    return done


@pytest.mark.parametrize(
    ("state", "files"),
    [
        ("whole", 2),  # a new month of dossiers and their log
        ("changed", 3),  # an old month that changed, a late file of the log, the survey
        ("files gone", 4),  # what was there goes, and the last day with it
    ],
)
def test_a_build_on_the_last_one_equals_a_build_from_nothing(
    built: Mapping[str, tuple[Path, Path, int]], state: str, files: int
) -> None:
    grown, whole, changed = built[state]
    assert changed == files
    different = _differences(grown, whole)
    assert {name for name, rows in different.items() if rows} == set()
    assert {
        "private.fct_dossier",
        "private.int_agency_code_use",
        "private.int_publisher_code_use",
        "marts.bridge_procedure_publisher",
        "marts.dim_agency",
        "marts.mart_service_quality_766",
    } <= different.keys()


def test_the_states_differ_in_every_mart(built: Mapping[str, tuple[Path, Path, int]]) -> None:
    """Or equality would prove nothing."""
    marts = {
        "marts.mart_dossiers_by_unit",
        "marts.mart_dossiers_by_field",
        "marts.mart_dossiers_by_channel",
        "marts.mart_dossier_status",
        "marts.mart_service_quality_766",
    }
    for (_, one, _), (_, other, _) in pairwise(built.values()):
        different = _differences(one, other)
        assert {name for name in marts if different[name]} == marts


def test_what_a_file_said_of_agencies_goes_with_it(
    built: Mapping[str, tuple[Path, Path, int]],
) -> None:
    different = _differences(built["changed"][0], built["files gone"][0])
    for name in ("private.int_agency_code_use", "private.int_publisher_code_use"):
        assert different[name]


def test_a_late_change_reaches_the_marts_of_old_measurements(
    built: Mapping[str, tuple[Path, Path, int]],
) -> None:
    different = _differences(built["whole"][0], built["changed"][0])
    changed = {"mart_coverage_speed", "mart_low_speed_history"}
    assert {name for name in changed if different[f"marts.{name}"]} == changed
    with connect() as connection:
        for name, path in (("before", built["whole"][0]), ("after", built["changed"][0])):
            connection.execute(f"attach {literal(str(path))} as {name} (read_only)")
        quarters = connection.execute(
            "select distinct quarter from (from after.marts.mart_coverage_speed except"
            " from before.marts.mart_coverage_speed) order by quarter"
        ).fetchall()
    # nothing of later quarters moved but the flag that compares a quarter with the one before
    assert {quarter for (quarter,) in quarters} >= {"2024-Q2", "2024-Q4"}


def test_a_late_change_reaches_the_dossiers_of_other_files(
    built: Mapping[str, tuple[Path, Path, int]],
) -> None:
    """The log goes on in a new file; what was its last change has been left since."""
    grown, _, _ = built["changed"]
    with connect(grown, read_only=True) as connection:
        rows = connection.execute(
            """
            select count(*), count(distinct states.resource)
            from private.fct_dossier_event as late
            inner join private.fct_dossier_event as old
                on late.dossier_key = old.dossier_key and old.left_on = late.entered_on
            inner join private.int_dossier_state as states on late.dossier_key = states.dossier_key
            where late.resource = 'dossier-events-2026-11.csv' and old.resource <> late.resource
            """
        ).fetchone()
    assert rows is not None
    assert rows[0] == LATE
    assert rows[1] > 20
