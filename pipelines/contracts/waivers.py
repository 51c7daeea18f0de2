"""Waivers of a published dataset, `open_data/<name>/waivers.yaml`: their shape and their reading.

A waiver lets one dataset out in spite of one failed check, for a time, and says why and who decided
that. It is published with every release it let out. Which checks may be waived is
`quality.waivable`; what a waiver changes is the gate's business.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field

from pipelines.contracts.beside import Reason, Strict, read_entries
from pipelines.contracts.load import ContractError
from pipelines.contracts.model import PublishedContract

FILE = "waivers.yaml"


_HINT = "A waiver has check, reason (vi and en), role and expires, a day like 2026-12-31"


class Waiver(Strict):
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


def waivers_of(contract: PublishedContract) -> Mapping[str, Waiver]:
    """The waivers of a dataset by check, expired ones too; none where it has no such file.

    Raises:
        ContractError: the file cannot be used; the message names the entry and the remedy.
    """
    path = contract.path.parent / FILE
    found = read_entries(path, Waiver, _HINT)
    names = [item.check for item in found]
    if twins := sorted({name for name in names if names.count(name) > 1}):
        raise ContractError(f"{path}: waiver of {twins[0]} occurs twice; keep one")
    return {item.check: item for item in found}
