"""What every tier shares: a home of its own for each test, and tiers that keep their promise."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.ledger import Ledger
from pipelines.settings import Home

FAST_TIERS = ("unit", "dbt")
FIXED_NOW = "2026-11-01T09:00:00+07:00"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the caller's home, province or secrets, and time stands still."""
    for name in list(os.environ):
        if name.startswith(("KHOMO_", "DAGSTER_")) and name not in (
            "KHOMO_SAMPLES",
            "KHOMO_STANDARDS",
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KHOMO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KHOMO_NOW", FIXED_NOW)
    monkeypatch.setenv("KHOMO_THREADS", "2")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


@pytest.fixture
def ledger(home: Home) -> Ledger:
    return Ledger(home.ledger)


def write_contract(folder: Path, name: str, **changes: Any) -> Path:
    """A small source contract for one CSV table, with `changes` to its top level."""
    column = {"logicalType": "string", "physicalType": "VARCHAR"}
    text = {"businessName": "Cột", "description": "Mô tả"}
    english = [
        {"property": "titleEn", "value": "Column"},
        {"property": "descriptionEn", "value": "Description"},
    ]
    base: dict[str, Any] = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"khomo-source-{name}",
        "name": name,
        "version": "1.0.0",
        "status": "active",
        "domain": "test",
        "description": {"purpose": "Để thử"},
        "servers": [{"server": "bundled", "type": "local", "path": "sample", "format": "csv"}],
        "schema": [
            {
                "name": "things",
                "logicalType": "object",
                "businessName": "Đồ vật",
                "description": "Mỗi dòng một vật",
                "dataGranularityDescription": "One row per thing.",
                "customProperties": [
                    *english,
                    {"property": "resource", "value": "*.csv"},
                ],
                "properties": [
                    {
                        "name": "code",
                        "physicalName": "Mã",
                        "primaryKey": True,
                        "primaryKeyPosition": 1,
                        "logicalTypeOptions": {"pattern": "^\\d{5}$"},
                        "customProperties": english,
                        **column,
                        **text,
                    },
                    {
                        "name": "amount",
                        "physicalName": "Số tiền",
                        "logicalType": "number",
                        "physicalType": "DECIMAL(20,2)",
                        "required": False,
                        "customProperties": [
                            *english,
                            {"property": "numberStyle", "value": "vi"},
                        ],
                        **text,
                    },
                ],
            }
        ],
        "team": {"name": "Nhóm thử"},
        "support": [{"channel": "desk", "description": "Bàn dữ liệu"}],
        "slaProperties": [{"property": "frequency", "value": 1, "unit": "d"}],
        "customProperties": [
            {"property": "titleVi", "value": "Đồ vật"},
            {"property": "titleEn", "value": "Things"},
            {"property": "descriptionEn", "value": "For a test"},
            {"property": "license", "value": {"name": "CC0-1.0", "title": "CC0", "path": "x"}},
            {"property": "asOf", "value": "2026-10-31"},
            {"property": "sources", "value": [{"title": "A register", "path": "https://x.vn"}]},
        ],
    }
    path = folder / name / "contract.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({**base, **changes}, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture
def things(tmp_path: Path) -> Iterator[Path]:
    """A source folder `things` with a contract and an empty sample folder."""
    path = write_contract(tmp_path / "sources", "things")
    (path.parent / "sample").mkdir()
    yield path.parent


def _processor_seconds() -> float:
    return sum(os.times()[:4])  # of this process and its children


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Measure work, not waiting: on a busy machine the same test takes longer by the clock."""
    before = _processor_seconds()
    try:
        return (yield)
    finally:
        item.user_properties.append(("processor_seconds", _processor_seconds() - before))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A slow test that hides in a fast tier makes everybody wait: it fails the run."""
    work = float(str(dict(report.user_properties).get("processor_seconds", 0)))
    slow = report.when == "call" and work > 20
    if slow and f"tests/{FAST_TIERS[0]}/" in report.nodeid:
        pytest.exit(
            f"{report.nodeid} took {work:.0f} s of the processor; move it out of the fast tier",
            returncode=1,
        )
