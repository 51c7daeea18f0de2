"""The plan of open data, `open_data/planned.yaml`: what was promised, by which document.

Its shape and its reading only; comparing it with what is published is `catalogue`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.contracts import Text


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(_Strict):
    """One text in both languages."""

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def text(self) -> Text:
        return Text(self.vi, self.en)


class Cadence(_Strict):
    """How often a dataset is renewed: every so many days, months, quarters or years."""

    every: int = Field(ge=1)
    unit: Literal["d", "m", "q", "y"]


class PlanEntry(_Strict):
    """One dataset of the plan; texts are needed only where it has no contract."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    owner: str
    basis: tuple[str, ...] = Field(min_length=1)
    title: Bilingual | None = None
    description: Bilingual | None = None
    field: str | None = None
    cadence: Cadence | None = None


class Plan(_Strict):
    """All of `open_data/planned.yaml`."""

    documents: Mapping[str, Bilingual]
    fields: Mapping[str, Bilingual]
    owners: Mapping[str, Bilingual]
    datasets: tuple[PlanEntry, ...]


class CatalogueError(Exception):
    """The plan cannot be used; the message names the entry and the remedy."""


def load_plan(path: Path) -> Plan:
    """Read the plan.

    Raises:
        CatalogueError: a field is missing or unknown, an id occurs twice, or a name it refers to
            is not defined.
    """
    try:
        plan = Plan.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise CatalogueError(f"{path}: {place}: {first['msg']}") from error
    seen: set[str] = set()
    for entry in plan.datasets:
        if entry.id in seen:
            raise CatalogueError(f"{path}: {entry.id} occurs twice; keep one")
        seen.add(entry.id)
        unknown = [name for name in entry.basis if name not in plan.documents]
        unknown += [entry.owner] if entry.owner not in plan.owners else []
        unknown += [entry.field] if entry.field and entry.field not in plan.fields else []
        if unknown:
            raise CatalogueError(
                f"{path}: {entry.id} refers to {', '.join(unknown)}, which is not defined there;"
                " add it under documents, owners or fields"
            )
    return plan
