"""The revision policy of a published dataset, and the revisions that were decided.

The contract says when a published period freezes:

    - property: revision
      value:
        period: month_start      # the column with the first day of a row's period
        length: P1M              # how long a period is, in months
        frozenAfter: P3M         # and how long after its end it may still change, in months

A frozen period changes by an entry in `open_data/<name>/revisions.yaml` only, which names the
release that it changes, the periods, why and who decided. Comparing is `quality.revision`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import Field

from pipelines.contracts.beside import Reason, Strict, read_entries
from pipelines.contracts.load import ContractError
from pipelines.contracts.model import PublishedContract

FILE = "revisions.yaml"
PROPERTY = "revision"

_MONTHS = re.compile(r"P([1-9]\d?)M")
_HINT = (
    "A revision has replaces (the version of the release it changes), periods (their first days,"
    " in quotes), reason (vi and en) and role"
)


@dataclass(frozen=True)
class Policy:
    """`column` holds the first day of a period; lengths are in months."""

    column: str
    length: int
    frozen_after: int

    def as_json(self) -> dict[str, Any]:
        """How the descriptor publishes it, in the contract's words."""
        return {
            "period": self.column,
            "length": f"P{self.length}M",
            "frozenAfter": f"P{self.frozen_after}M",
        }


class Revision(Strict):
    """A decision to change frozen periods of exactly one release."""

    replaces: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{12}$")
    periods: tuple[date, ...] = Field(min_length=1)
    reason: Reason
    role: str = Field(min_length=1)

    def as_json(self) -> dict[str, Any]:
        """How the descriptor publishes it."""
        return {
            "replaces": self.replaces,
            "periods": [period.isoformat() for period in self.periods],
            "reason": {"vi": self.reason.vi, "en": self.reason.en},
            "role": self.role,
        }


def policy_of(contract: PublishedContract) -> Policy | None:
    """The policy of a dataset, None where its contract declares none.

    Raises:
        ContractError: it is declared wrongly.
    """
    said = contract.properties.get(PROPERTY)
    if said is None:
        return None
    where = f"{contract.path}: {PROPERTY}"
    if not isinstance(said, dict) or set(said) != {"period", "length", "frozenAfter"}:
        raise ContractError(f"{where} must hold period, length and frozenAfter")
    months = {name: _MONTHS.fullmatch(str(said[name])) for name in ("length", "frozenAfter")}
    for name, found in months.items():
        if found is None:
            raise ContractError(f"{where}.{name} must be a number of months such as P3M")
    columns = {column.name: column for column in contract.table.columns}
    column = columns.get(str(said["period"]))
    if column is None or column.type != "DATE" or not column.required:
        raise ContractError(
            f"{where}.period must name a required DATE column, the first day of a row's period"
        )
    length, frozen_after = (int(found[1]) for found in months.values() if found)
    return Policy(column.name, length, frozen_after)


def revisions_of(contract: PublishedContract) -> tuple[Revision, ...]:
    """The revisions decided on, none where there is no such file.

    Raises:
        ContractError: the file cannot be used.
    """
    return read_entries(contract.path.parent / FILE, Revision, _HINT)


def problems(contract: PublishedContract) -> Iterator[str]:
    """What is wrong with policy and revisions of a contract."""
    try:
        policy, revisions = policy_of(contract), revisions_of(contract)
    except ContractError as error:
        yield str(error)
        return
    if revisions and policy is None:
        yield f"{FILE} changes nothing: the contract has no policy (customProperties: {PROPERTY})"
