"""What a contract says about its inbox: `connector: {kind: inbox, …}`, parsed and judged.

Its words and defaults live here because the folder, its sensor and the lint share them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.contracts.model import SourceContract

COMPANIONS = {"settled": "", "marker": ".done", "checksum": ".sha256"}
"""What must lie beside a complete file, by rule."""


@dataclass(frozen=True)
class Completeness:
    """When a file in the inbox is complete.

    `settled`: nothing about it changed for `settle` seconds. `marker`: `<name>.done` lies beside
    it, put there after it. `checksum`: the same with `<name>.sha256`, which holds its SHA-256.
    """

    rule: str = "settled"
    settle: float = 30.0

    @property
    def companion(self) -> str:
        """The ending of the companion's name; empty where the rule asks for none."""
        return COMPANIONS[self.rule]


def is_inbox(contract: SourceContract) -> bool:
    """True where the contract's server is an inbox folder."""
    said = contract.properties.get("connector")
    return isinstance(said, Mapping) and said.get("kind") == "inbox"


def completeness(contract: SourceContract) -> Completeness:
    """What the contract says; what it does not say is at its default."""
    said = contract.properties.get("connector") or {}
    given = Completeness()
    return Completeness(
        str(said.get("complete", given.rule)), float(said.get("settle", given.settle))
    )


def problems(contract: SourceContract) -> Iterator[str]:
    """What is wrong with what a contract says about its inbox, for the lint."""
    said = contract.properties.get("connector")
    if not isinstance(said, Mapping):
        return
    mine = [name for name in ("complete", "settle") if name in said]
    if not is_inbox(contract):
        if mine:
            yield f"connector: {', '.join(mine)} is only for the kind inbox"
        return
    if not contract.server.get("path"):
        yield "servers: an inbox needs a `path`, the folder that files are dropped into"
    rule = said.get("complete", "settled")
    if rule not in COMPANIONS:
        yield f"connector: complete {rule!r} is not one of {', '.join(COMPANIONS)}"
    settle = said.get("settle", 30)
    if not isinstance(settle, int | float) or isinstance(settle, bool) or settle < 0:
        yield f"connector: settle is a number of seconds, not {settle!r}"
    if "settle" in said and rule != "settled":
        yield f"connector: settle is for complete: settled, not for {rule}"
