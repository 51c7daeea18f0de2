"""Every personal value the dossier generator made, for a search that must not find any."""

from pathlib import Path

import duckdb

from pipelines.synthetic.common import literal

PERSONAL_COLUMNS = (
    "MaHoSo",
    "MaHoSoKhac",
    "ChuHoSo",
    "SoGiayToChuHoSo",
    "SoDienThoai",
    "Email",
    "DiaChi",
    "TrichYeuHoSo",
    "GhiChu",
)
"""Headers of the columns that identify, or help to identify, a person."""


def personal_values(folder: Path) -> list[str]:
    """Every distinct personal value in the dossier files of `folder`, sorted; blanks left out.

    Holds all of them in memory: meant for the test sizes (a hundred thousand dossiers give about
    half a million values), not for millions of dossiers.
    """
    files = literal(str(folder / "dossiers-*.csv"))
    columns = ", ".join(f'"{name}"' for name in PERSONAL_COLUMNS)
    with duckdb.connect(":memory:") as con:
        found = con.execute(
            f"""
            select distinct value
            from (
                unpivot (
                    select {columns}
                    from read_csv({files}, all_varchar = true, header = true)
                ) on {columns} into name field value value
            )
            where value <> ''
            order by value
            """
        ).fetchall()
    return [str(value) for (value,) in found]
