"""Whose warehouse this is, read from `province.yaml`. Nothing else may name a province."""

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.settings import province_file


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Unit(_Strict):
    """The province as an administrative unit: a code means nothing without its scheme."""

    scheme: Literal["QD19_2025"]
    code: str = Field(pattern=r"^\d{2}$")
    name_vi: str
    name_en: str
    agency_code: str | None = Field(default=None, pattern=r"^H\d{2}$")


class Publisher(_Strict):
    """Who answers for what is published: a role, never a person."""

    name_vi: str
    name_en: str
    contact_role_vi: str
    contact_role_en: str
    contact_path: str | None = None


class License(_Strict):
    """A licence as Data Package 2.0 names it."""

    name: str
    title: str
    path: str


class Thresholds(_Strict):
    """`small_cell`: smallest count that is published. `low_speed_mbps`: in Mbit/s."""

    small_cell: int = Field(ge=3)
    low_speed_mbps: float = Field(gt=0)


class Schedules(_Strict):
    """Cron expressions, in the province's time zone."""

    refresh: str = "0 2 * * *"
    release: str = "0 3 5 * *"


class Sources(_Strict):
    """Which of the sources that are off by default this province uses."""

    use: tuple[str, ...] = ()


class Province(_Strict):
    """All of `province.yaml`."""

    province: Unit
    publisher: Publisher
    license: License
    time_zone: str
    thresholds: Thresholds
    schedules: Schedules = Schedules()
    sources: Sources = Sources()

    def environment(self) -> dict[str, str]:
        """What dbt models may know of it, as the environment variables they read."""
        return {
            "KHOMO_PROVINCE_SCHEME": self.province.scheme,
            "KHOMO_PROVINCE_CODE": self.province.code,
            "KHOMO_SMALL_CELL_THRESHOLD": str(self.thresholds.small_cell),
            "KHOMO_LOW_SPEED_MBPS": f"{self.thresholds.low_speed_mbps:g}",
        }


class ProvinceError(Exception):
    """`province.yaml` cannot be used; the message names the field and the remedy."""


@cache
def _load(path: Path, _version: tuple[int, int]) -> Province:
    try:
        return Province.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors()
        ]
        raise ProvinceError(
            f"{path}: {len(lines)} field(s) cannot be used. Codes are text: write them in quotes.\n"
            + "\n".join(lines)
        ) from error


def load_province() -> Province:
    """Read and check `province.yaml`.

    Raises:
        ProvinceError: the file is missing, or a field is missing, unknown or of the wrong form.
    """
    path = province_file()
    try:
        facts = path.stat()
    except FileNotFoundError as error:
        raise ProvinceError(
            f"{path} does not exist; set KHOMO_PROVINCE_FILE or restore the bundled province.yaml"
        ) from error
    return _load(path, (facts.st_mtime_ns, facts.st_size))
