"""Waivers of a published dataset, `open_data/<name>/waivers.yaml`: their shape and their reading.

A waiver lets one dataset out in spite of one failed check, for a time, and says why and who decided
that. It is published with every release it let out. Which checks may be waived is
`quality.waivable`; what a waiver changes is the gate's business.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.contracts.load import ContractError
from pipelines.contracts.model import PublishedContract

FILE = "waivers.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reason(_Strict):
    """Why, in both languages. It is published, so it names no person."""

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Waiver(_Strict):
    """One waiver: of the check of this name, by the office `role`, to the end of `expires`."""

    check: str = Field(min_length=1)
    reason: Reason
    role: str = Field(min_length=1)
    expires: date

    def in_force(self, today: date) -> bool:
        """True up to and on the last day."""
        return today <= self.expires

    def as_json(self) -> dict[str, Any]:
        """How descriptor and decision publish it."""
        return {
            "check": self.check,
            "reason": {"vi": self.reason.vi, "en": self.reason.en},
            "role": self.role,
            "expires": self.expires.isoformat(),
        }


class _File(_Strict):
    waivers: tuple[Waiver, ...]


@cache
def _read(path: Path, _version: tuple[int, int]) -> Mapping[str, Waiver]:
    try:
        found = _File.model_validate(
            {"waivers": yaml.safe_load(path.read_text(encoding="utf-8")) or []}
        ).waivers
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: not readable as YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        raise ContractError(
            f"{path}: waiver {place}: {first['msg']}. A waiver has check, reason (vi and en), role"
            " and expires, a day like 2026-12-31"
        ) from error
    if problem := next(_problems(found), None):
        raise ContractError(f"{path}: {problem}")
    return {item.check: item for item in found}


def waivers_of(contract: PublishedContract) -> Mapping[str, Waiver]:
    """The waivers of a dataset by check, expired ones too; none where it has no such file.

    Raises:
        ContractError: the file cannot be used; the message names the entry and the remedy.
    """
    path = contract.path.parent / FILE
    if not path.exists():
        return {}
    facts = path.stat()
    return _read(path, (facts.st_mtime_ns, facts.st_size))


def _problems(found: tuple[Waiver, ...]) -> Iterator[str]:
    names = [item.check for item in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"waiver of {name} occurs twice; keep one"
