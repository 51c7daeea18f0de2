"""The plain DuckDB script to compare with: one SQL file written by hand, run in one process, with
no raw store, quarantine, contract, test, gate or part.

    python -m tests.bench.reference HOME BUILD OUT [SAMPLES]

Makes the facts and marts of `reference.sql` from the Parquet landed in HOME. With SAMPLES it reads
the monthly CSV files there, as a careful engineer would, and writes the datasets too, one CSV and
one Parquet each. BUILD is a finished warehouse of HOME: the small dimension tables come from
there. Which small cells are hidden is the project's own SQL, of as many rows in both.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines.duck import memory_limit

SCRIPT = Path(__file__).with_name("reference.sql")
DIMENSIONS = {
    "dim_procedure": "marts",
    "dim_working_day": "marts",
    "int_territory_unit": "intermediate",
    "int_service_quality_766_indicator": "intermediate",
}
MARTS = (
    "mart_dossiers_by_unit",
    "mart_dossiers_by_channel",
    "mart_dossiers_by_field",
    "mart_dossier_status",
    "mart_dossier_reconciliation",
    "mart_service_quality_766",
)
DATASETS = {
    "dossiers-by-unit": "open_dossiers_by_unit",
    "dossiers-by-field": "open_dossiers_by_field",
    "dossiers-by-channel": "open_dossiers_by_channel",
    "dossiers-by-status": "open_dossiers_by_status",
}
_LANDED = {
    "dossiers": "dossiers",
    "dossier_events": "dossier-events",
    "national_dossier_counts": "national-dossier-counts",
}
_CODE = (
    r"^(?:[GH][0-9]{2}(?:\.[0-9]{1,3})*|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[GH][0-9]{2})"
    r"-[0-9]{6}-[0-9]{4,5}$"
)
_PROCEDURE = r"^[123]\.[0-9]{6}(\.[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[GH][0-9]{2}|\.[GH][0-9]{2})?$"


def _csv(folder: Path) -> str:
    return (
        f"read_csv('{folder}/*.csv', all_varchar = true, header = true, delim = ',', quote = '\"',"
        " escape = '\"')"
    )


def _timestamp(header: str, name: str) -> str:
    return f"""try_strptime("{header}", '%Y%m%d%H%M%S') as {name}"""


def _dossiers(folder: Path) -> str:
    """What a careful engineer would write by hand to read the export: typed, bad rows dropped."""
    times = {
        "NgayNopHoSo": "submitted_at",
        "NgayTiepNhan": "received_at",
        "NgayHenTra": "due_at",
        "NgayKetThucXuLy": "ended_at",
        "NgayTra": "returned_at",
        "NgayTuChoi": "refused_at",
    }
    typed = ", ".join(_timestamp(header, name) for header, name in times.items())
    whole = " and ".join(
        f'("{header}" is null or "{header}" = \'\' or {name} is not null)'
        for header, name in times.items()
    )
    return f"""
        select * from (
            select
                sha256("MaHoSo") as dossier_code_key, "MaHoSo" as code,
                "MaTTHC" as procedure_code, "MucDo" as service_level,
                "KenhThucHien" as channel_code, "LoaiDoiTuong" as applicant_type_code,
                "MaDonVi" as unit_code, {typed},
                "TrangThaiHoSo" as status_code, "LePhi" as fee,
                try_cast("LePhi" as decimal(18, 0)) as fee_vnd,
                "DuocThanhToanTrucTuyen" = '1' as is_paid_online,
                "HoSoCoThanhPhanSoHoa" = '1' as has_digitised_component,
                "TaiKhoanDuocXacThucVoiVNeID" = '1' as is_account_verified,
                {", ".join(f'"{header}"' for header in times)}
            from {_csv(folder)}
        )
        where regexp_full_match(code, '{_CODE}')
            and regexp_full_match(procedure_code, '{_PROCEDURE}')
            and status_code in ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10')
            and channel_code in ('1', '2', '3')
            and (fee is null or fee_vnd is not null)
            and {whole}
    """


def _events(folder: Path) -> str:
    return f"""
        select
            sha256("MaHoSo") as dossier_code_key,
            try_cast("SoThuTu" as integer) as event_number,
            {_timestamp("ThoiDiemXuLy", "changed_at")},
            "TrangThai" as status_code,
            {_timestamp("NgayHenTraMoi", "new_due_at")}
        from {_csv(folder)}
        where regexp_full_match("MaHoSo", '{_CODE}')
    """


def _national(folder: Path, parquet: str) -> str:
    """The national counts by the names of the landed columns: a small table, read as it is."""
    columns = [row[0] for row in duckdb.sql(f"describe from read_parquet('{parquet}')").fetchall()]
    named = [name for name in columns if not name.startswith("_")]
    headers = duckdb.sql(f"describe from {_csv(folder)}").fetchall()
    pairs = zip(named, headers, strict=True)
    listed = ", ".join(f'"{header[0]}" as {name}' for name, header in pairs)
    return (
        "select * replace (dossiers::bigint as dossiers)"
        f" from (select {listed} from {_csv(folder)})"
    )


def _inputs(home: Path, samples: Path | None) -> Iterator[str]:
    """Statements that make schema `landed`: views of the Parquet, or tables read from the CSV."""
    yield "create schema landed"
    for table, source in _LANDED.items():
        parquet = f"{home}/landed/{source}/{table}/*.parquet"
        if samples is None:
            yield f"create view landed.{table} as from read_parquet('{parquet}')"
            continue
        folder = samples / source
        if table == "dossiers":
            read = _dossiers(folder)
        elif table == "dossier_events":
            read = _events(folder)
        else:
            read = _national(folder, parquet)
        yield f"create table landed.{table} as {read}"


def _datasets(connection: duckdb.DuckDBPyConnection, home: Path, out: Path) -> None:
    """Hide small cells with the project's compiled SQL, and export."""
    manifest = json.loads((home / "dbt" / "target" / "manifest.json").read_bytes())
    nodes = {node["name"]: node for node in manifest["nodes"].values()}
    connection.execute("create schema intermediate; create schema open_data; create schema staging")
    connection.execute(
        "create table staging.stg_contracts__sources as"
        " select 'dossiers' as source, true as is_synthetic"
    )
    small = ("int_dossier_status_by_field", "int_dossiers_by_channel")
    for model in (*small, *DATASETS.values()):
        node = nodes[model]
        compiled = home / "dbt" / "target" / "compiled" / "khomo" / node["original_file_path"]
        connection.execute(f"create table {node['schema']}.{model} as {compiled.read_text()}")
    for dataset, model in DATASETS.items():
        ordered = f"select * from open_data.{model} order by all"
        connection.execute(f"copy ({ordered}) to '{out / dataset}.csv' (header)")
        connection.execute(f"copy ({ordered}) to '{out / dataset}.parquet' (compression zstd)")


def main(home: Path, build: Path, out: Path, samples: Path | None = None) -> None:
    """Build the tables in a fresh DuckDB file; with `samples` from CSV, and export the datasets."""
    out.mkdir(parents=True)
    with duckdb.connect(
        str(out / "building.duckdb"),
        config={"memory_limit": memory_limit(), "temp_directory": str(out)},
    ) as connection:
        connection.execute(f"attach '{build}' as finished (read_only)")
        connection.execute("create schema dims; create schema private; create schema marts")
        for name, schema in DIMENSIONS.items():
            connection.execute(f"create table dims.{name} as from finished.{schema}.{name}")
        for statement in _inputs(home, samples):
            connection.execute(statement)
        connection.execute(SCRIPT.read_text(encoding="utf-8"))
        if samples is not None:
            _datasets(connection, home, out)
        connection.execute("checkpoint")


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:5]))
