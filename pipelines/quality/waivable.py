"""Which checks a waiver may be for.

A waiver says: we know that this figure breaks a rule of ours, and publish it for a time. It cannot
say that for other people's rights. So the rules every dataset must keep (privacy, licence, origin,
and that the files are what was tested), the list of published columns, the domain rules of
disclosure and the gate's own checks can never be waived.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.contracts import ContractError, PublishedContract
from pipelines.contracts.waivers import FILE, waivers_of
from pipelines.quality.expectations import COLUMNS_LISTED, ENGINE
from pipelines.quality.required import DBT, candidate_checks
from pipelines.quality.rules import SQL


def waivable(entry: Mapping[str, Any]) -> bool:
    """True where the check of a decision's entry (`check`, `engine`) may be waived."""
    return entry["engine"] in (DBT, SQL, ENGINE) and entry["check"] != COLUMNS_LISTED


def problems(contract: PublishedContract) -> Iterator[str]:
    """What is wrong with the waivers of a dataset. Names of dbt tests are the gate's business."""
    try:
        found = waivers_of(contract)
    except ContractError as error:
        yield str(error)
        return
    known = {check.name: check for check in candidate_checks(contract)}
    for name in found:
        check = known.get(name)
        if name.startswith(f"{DBT}."):
            continue
        if check is None:
            yield f"{FILE}: there is no check {name!r}; see `checks` in its decision.json"
        elif not waivable({"check": name, "engine": check.engine}):
            yield f"{FILE}: {name} cannot be waived: it guards privacy, licence or identity"
