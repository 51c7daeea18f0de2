"""Corrections of a source's rows, `sources/<name>/corrections.yaml`: their shape and their reading.

A correction names one row by its key, says what is to be done with it, why, and on what evidence.
How it is applied to rows is `ingest.corrections`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field

from pipelines.canonical import digest_of
from pipelines.contracts.beside import Reason, Strict, read_entries
from pipelines.contracts.load import ContractError
from pipelines.contracts.model import SourceContract, Table

FILE = "corrections.yaml"


_HINT = "Keys and values are text: write them in quotes"


class Correction(Strict):
    """One correction.

    `key` holds upstream texts by column name, as text; `file` is a pattern of file names that
    limits where the row is looked for, and so what is landed again. `set` are the new upstream
    texts of an override.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    table: str
    file: str = "*"
    key: Mapping[str, str] = Field(min_length=1)
    action: Literal["override", "drop", "flag"]
    set: Mapping[str, str | None] = Field(default_factory=dict)
    reason: Reason
    evidence: str = Field(min_length=1)
    role: str = Field(min_length=1)
    date: date

    @property
    def digest(self) -> str:
        """Stands for what the correction does, not for why."""
        return digest_of([self.table, self.file, dict(self.key), self.action, dict(self.set)])


def corrections_of(contract: SourceContract) -> tuple[Correction, ...]:
    """The corrections of a source, none where it has no such file.

    Raises:
        ContractError: the file cannot be used; the message names the entry and the remedy.
    """
    path = contract.folder / FILE
    found = read_entries(path, Correction, _HINT)
    if problem := next(_problems(contract, found), None):
        raise ContractError(f"{path}: {problem}")
    return found


def applied(
    contract: SourceContract, rows: Mapping[str, int]
) -> tuple[tuple[Correction, int], ...]:
    """The corrections that did something, each with how many rows; `rows` counts them by id."""
    return tuple((item, rows[item.id]) for item in corrections_of(contract) if rows.get(item.id))


def for_file(
    corrections: tuple[Correction, ...], table: Table, resource: str
) -> tuple[Correction, ...]:
    """Those that may concern a row of one file."""
    return tuple(
        item
        for item in corrections
        if item.table == table.name and fnmatchcase(resource, item.file)
    )


def _problems(contract: SourceContract, found: tuple[Correction, ...]) -> Iterator[str]:
    tables = {table.name: {column.name for column in table.columns} for table in contract.tables}
    seen: set[str] = set()
    places: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for item in found:
        if item.id in seen:
            yield f"correction {item.id} occurs twice"
        seen.add(item.id)
        if item.table not in tables:
            yield f"correction {item.id}: there is no table {item.table!r}"
            continue
        for name in (*item.key, *item.set):
            if name not in tables[item.table]:
                yield f"correction {item.id}: table {item.table} has no column {name!r}"
        if bool(item.set) != (item.action == "override"):
            yield f"correction {item.id}: `set` is what an override sets, and only an override"
        place = (item.table, tuple(sorted(item.key.items())))
        if place in places:
            yield f"correction {item.id}: another one has the same key; join them"
        places.add(place)
