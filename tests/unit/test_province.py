"""`province.yaml` is the one place that names a province, and its errors name field and remedy."""

from pathlib import Path

import pytest
import yaml

from pipelines.province import ProvinceError, load_province
from pipelines.settings import PROJECT_ROOT


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "province.yaml"
    path.write_text((PROJECT_ROOT / "province.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("KHOMO_PROVINCE_FILE", str(path))
    return path


def edit(path: Path, group: str, **changes: object) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data[group].update(changes)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def test_models_see_the_province_through_the_environment(file: Path) -> None:
    assert load_province().environment() == {
        "KHOMO_PROVINCE_SCHEME": "QD19_2025",
        "KHOMO_PROVINCE_CODE": "42",
        "KHOMO_SMALL_CELL_THRESHOLD": "5",
        "KHOMO_LOW_SPEED_MBPS": "40",
    }


def test_the_agency_code_is_optional(file: Path) -> None:
    edit(file, "province", agency_code=None)
    assert load_province().province.agency_code is None


@pytest.mark.parametrize(
    ("group", "changes", "complaint"),
    [
        ("province", {"code": 42}, "province.code"),
        ("province", {"code": "042"}, "province.code"),
        ("province", {"agency": "H27"}, "province.agency"),
        ("thresholds", {"small_cell": 1}, "thresholds.small_cell"),
    ],
)
def test_a_wrong_field_is_named_with_the_remedy(
    file: Path, group: str, changes: dict[str, object], complaint: str
) -> None:
    edit(file, group, **changes)
    with pytest.raises(ProvinceError, match=complaint) as caught:
        load_province()
    assert str(file) in str(caught.value)
    assert "quotes" in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHOMO_PROVINCE_FILE", str(tmp_path / "nowhere.yaml"))
    with pytest.raises(ProvinceError, match="does not exist; set KHOMO_PROVINCE_FILE"):
        load_province()
