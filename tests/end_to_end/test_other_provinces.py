"""The same project as another province's: one file changes, nothing else names a province."""

from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.settings import PROJECT_ROOT, Home
from tests.end_to_end.conftest import DATASETS, khomo, released


def province_file(folder: Path, code: str, name: str, **more: str) -> Path:
    data = yaml.safe_load((PROJECT_ROOT / "province.yaml").read_text(encoding="utf-8"))
    data["province"] = {
        "scheme": "QD19_2025",
        "code": code,
        "name_vi": name,
        "name_en": name,
        **more,
    }
    data["publisher"]["name_vi"] = f"Ủy ban nhân dân {name}"
    data["publisher"]["name_en"] = f"People's Committee of {name}"
    path = folder / "province.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("code", "name", "communes", "before"),
    [
        ("80", "Tỉnh Tây Ninh", 96, {"72", "80"}),
        ("79", "Thành phố Hồ Chí Minh", 168, {"79", "74", "77"}),
    ],
)
def test_the_graph_runs_as_a_merged_province(
    tmp_path: Path, code: str, name: str, communes: int, before: set[str]
) -> None:
    """No agency code is given: it is optional."""
    home = Home(tmp_path / "home")
    done = khomo(
        home.root,
        "run",
        KHOMO_PROVINCE_FILE=str(province_file(tmp_path, code, name)),
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert tuple(sorted(released(home))) == DATASETS
    with duckdb.connect(str(home.promoted.resolve()), read_only=True) as connection:
        units = connection.execute(
            """
            select distinct u.scheme, u.province_code
            from private.fct_dossier d join marts.dim_admin_unit u using (admin_unit_key)
            """
        ).fetchall()
        now = connection.execute(
            """
            select count(*) from marts.dim_admin_unit
            where scheme = 'QD19_2025' and level = 'commune' and province_code = ?
            """,
            [code],
        ).fetchone()
    assert set(units) == {("QD19_2025", code)} | {("GSO_PRE2025", old) for old in before}
    assert now == (communes,)


def test_only_the_province_file_names_a_province() -> None:
    """Code, models and configuration must work for all 34; data and its notes may name any."""
    allowed = {PROJECT_ROOT / "province.yaml"}
    names = ("Hà Tĩnh", "Ha Tinh", "Tây Ninh", "Tay Ninh", "Bình Dương", "Bình Thuận")
    files = [
        *(PROJECT_ROOT / "pipelines").rglob("*.py"),
        *(PROJECT_ROOT / "pipelines").rglob("*.j2"),
        *(PROJECT_ROOT / "dbt_project").rglob("*.sql"),
        *PROJECT_ROOT.glob("*.yaml"),
        *PROJECT_ROOT.glob("*.toml"),
        PROJECT_ROOT / "Makefile",
        *(PROJECT_ROOT / "dbt_project").glob("*.yml"),
    ]
    assert len(files) > 100
    naming = {
        str(path.relative_to(PROJECT_ROOT)): name
        for path in files
        if path not in allowed
        for name in names
        if name in path.read_text(encoding="utf-8")
    }
    assert naming == {}
