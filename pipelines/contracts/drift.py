"""What a contract says about drift from release to release: the property `drift`.

    - property: drift
      value:
        rows: {severity: blocker, band: 0.1}        # share of the median that is always usual
        categories: {changes: 2}                    # new and gone values that are always usual
        nulls: {rise: 0.02, except: [remark]}       # share of rows; columns that are not looked at
        distribution: {index: 0.4, minimum: 6}      # stability index; releases that make a history

What it leaves out has the defaults here: everything is looked at and warns. How drift is found is
`quality.drift`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.bands import MINIMUM
from pipelines.contracts.load import ContractError
from pipelines.contracts.model import PublishedContract
from pipelines.contracts.vocabulary import Severity, severity

PROPERTY = "drift"

KINDS: Mapping[str, tuple[str, float]] = {
    "rows": ("band", 0.2),
    "categories": ("changes", 0.0),
    "nulls": ("rise", 0.05),
    # Read by custom as a major shift: N. Siddiqi, Credit Risk Scorecards (2006).
    "distribution": ("index", 0.25),
}
"""Kind of drift → the option that says what is usual whatever the history, and its default."""


@dataclass(frozen=True)
class Policy:
    """What holds for one kind of drift: how much is `usual` whatever the history, how many releases
    make a history, and the columns that are left out.
    """

    severity: Severity
    usual: float
    minimum: int
    left_out: frozenset[str]


def policy_of(contract: PublishedContract, kind: str) -> Policy:
    """What holds for `kind`, one of `KINDS`.

    Raises:
        ContractError: the property says something that is not understood.
    """
    option, default = KINDS[kind]
    where = f"{contract.path}: {PROPERTY}.{kind}"
    said = _said(contract).get(kind) or {}
    known = {"severity", "minimum", option} | ({"except"} if kind != "rows" else set())
    if not isinstance(said, Mapping) or set(said) - known:
        raise ContractError(f"{where} may hold {', '.join(sorted(known))}")
    try:
        found = Policy(
            severity(str(said.get("severity", Severity.WARNING))),
            float(said.get(option, default)),
            int(said.get("minimum", MINIMUM)),
            frozenset(str(name) for name in said.get("except") or ()),
        )
    except (TypeError, ValueError) as error:
        raise ContractError(f"{where}: {error}") from error
    if found.usual < 0 or found.minimum < 1:
        raise ContractError(f"{where}: {option} is at least 0, minimum at least 1")
    return found


def _said(contract: PublishedContract) -> Mapping[str, Any]:
    said = contract.properties.get(PROPERTY) or {}
    if not isinstance(said, Mapping) or set(said) - set(KINDS):
        raise ContractError(f"{contract.path}: {PROPERTY} may hold {', '.join(KINDS)}")
    return said


def problems(contract: PublishedContract) -> Iterator[str]:
    """What is wrong with the property, for the lint."""
    columns = {column.name for column in contract.table.columns}
    for kind in KINDS:
        try:
            unknown = policy_of(contract, kind).left_out - columns
        except ContractError as error:
            yield str(error)
            return
        if unknown:
            yield f"{PROPERTY}.{kind}: there is no column {', '.join(sorted(unknown))}"
