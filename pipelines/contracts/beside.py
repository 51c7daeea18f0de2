"""Files that stand beside a contract and hold a list of dated, reasoned entries.

Corrections, waivers and revisions are such lists; what their entries mean is theirs to say. Here is
only how a list is read and how an error names the place in it.
"""

from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pipelines.contracts.load import ContractError


class Strict(BaseModel):
    """An entry: what it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reason(Strict):
    """Why, in both languages. It is published, so it names no person."""

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)


E = TypeVar("E", bound=Strict)


@cache
def _read(path: Path, kind: type[E], hint: str, _version: tuple[int, int]) -> tuple[E, ...]:
    what = kind.__name__.lower()
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        return tuple(TypeAdapter(list[kind]).validate_python(data))  # type: ignore[valid-type]
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: not readable as YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ContractError(f"{path}: {what} {place}: {first['msg']}. {hint}") from error


def read_entries(path: Path, kind: type[E], hint: str) -> tuple[E, ...]:
    """The entries of a file, none where there is no file.

    Raises:
        ContractError: the file cannot be used; the message names the entry, the field and the
            `hint`, which says what an entry looks like.
    """
    if not path.exists():
        return ()
    facts = path.stat()
    return _read(path, kind, hint, (facts.st_mtime_ns, facts.st_size))
