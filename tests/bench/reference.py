"""The plain DuckDB script to compare with: reads the same CSV files, makes the same dossier tables
with the same SQL, and writes the same exports. No raw store, no quarantine file, no check, no gate.

    python -m tests.bench.reference HOME DOSSIERS OUT

HOME is a home after a run: the compiled SQL of the models and the small dimension tables come from
there. DOSSIERS holds the monthly CSV files. OUT receives one CSV and one Parquet per dataset.
"""

import json
import sys
from pathlib import Path

import duckdb

DATASETS = {
    "dossiers-by-unit": "open_dossiers_by_unit",
    "dossiers-by-field": "open_dossiers_by_field",
    "dossiers-by-channel": "open_dossiers_by_channel",
}
_CODE = (
    r"^(?:[GH][0-9]{2}(?:\.[0-9]{1,3})*|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[GH][0-9]{2})"
    r"-[0-9]{6}-[0-9]{4,5}$"
)
_PROCEDURE = r"^[123]\.[0-9]{6}(\.[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[GH][0-9]{2}|\.[GH][0-9]{2})?$"


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
                "CapDonVi" as unit_level, "MaDonVi" as unit_code,
                "DonViXuLy" as unit_name,
                regexp_extract("MaHoSo", '^(.+)-[0-9]{{6}}-[0-9]{{4,5}}$', 1) as agency_code,
                {typed},
                "TrangThaiHoSo" as status_code, "LePhi" as fee,
                try_cast("LePhi" as decimal(18, 0)) as fee_vnd,
                "DuocThanhToanTrucTuyen" = '1' as is_paid_online,
                "HoSoCoThanhPhanSoHoa" = '1' as has_digitised_component,
                "TaiKhoanDuocXacThucVoiVNeID" = '1' as is_account_verified,
                {", ".join(f'"{header}"' for header in times)}
            from read_csv('{folder}/*.csv', all_varchar = true, header = true, delim = ',',
                quote = '"', escape = '"')
        )
        where regexp_full_match(code, '{_CODE}')
            and regexp_full_match(procedure_code, '{_PROCEDURE}')
            and status_code in ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10')
            and channel_code in ('1', '2', '3')
            and (fee is null or fee_vnd is not null)
            and {whole}
    """


def main(home: Path, dossiers: Path, out: Path) -> None:
    """Build the tables in a fresh DuckDB file and export them."""
    manifest = json.loads((home / "dbt" / "target" / "manifest.json").read_bytes())
    nodes = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    wanted: list[str] = []

    def visit(unique_id: str) -> None:
        for parent in manifest["parent_map"].get(unique_id, []):
            visit(parent)
        if unique_id not in wanted:
            wanted.append(unique_id)

    for model in DATASETS.values():
        visit(nodes[model]["unique_id"])
    out.mkdir(parents=True)
    with duckdb.connect(
        str(out / "building.duckdb"), config={"memory_limit": "2GB", "temp_directory": str(out)}
    ) as connection:
        for unique_id in wanted:
            if unique_id.startswith("source."):
                source = manifest["sources"][unique_id]["name"]
                connection.execute("create schema if not exists landed")
                if source == "source_contracts":
                    connection.execute(
                        "create table landed.source_contracts as"
                        " select 'dossiers' as source, true as is_synthetic, null::date as as_of"
                    )
                elif source == "dossiers":
                    connection.execute(f"create table landed.dossiers as {_dossiers(dossiers)}")
                else:
                    files = f"{home}/landed/*/{source}/*.parquet"
                    connection.execute(
                        f"create view landed.{source} as select * from read_parquet('{files}')"
                    )
                continue
            node = manifest["nodes"][unique_id]
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            connection.execute(f"create schema if not exists {node['schema']}")
            compiled = home / "dbt" / "target" / "compiled" / "khomo" / node["original_file_path"]
            connection.execute(
                f"create {kind} {node['schema']}.{node['name']} as {compiled.read_text()}"
            )
        for dataset, model in DATASETS.items():
            schema = nodes[model]["schema"]
            ordered = f"select * from {schema}.{model} order by all"
            connection.execute(f"copy ({ordered}) to '{out / dataset}.csv' (header)")
            connection.execute(f"copy ({ordered}) to '{out / dataset}.parquet' (compression zstd)")


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:4]))
