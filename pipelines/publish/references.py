"""Which release of another dataset the keys of this one refer to.

It is the one that readers see when the candidate is made, and its name is part of the candidate: a
dataset that was withheld in this run is referred to by its last good release, and where there is
none its dependants wait. Whether the keys are in it is `quality.references`.
"""

import json
from collections.abc import Sequence
from typing import Any

from pipelines.contracts import PublishedContract
from pipelines.contracts.references import references_of
from pipelines.publish.layout import DECISION
from pipelines.publish.release import latest
from pipelines.settings import Home


def named_releases(contract: PublishedContract, home: Home) -> Sequence[dict[str, Any]]:
    """One entry per reference, as the descriptor publishes it.

    `version` and `digest` are None where nothing of the other dataset is published.

    Raises:
        ContractError: a relationship is not understood.
    """
    found: list[dict[str, Any]] = []
    for item in references_of(contract):
        folder = latest(home, item.dataset)
        decision = json.loads((folder / DECISION).read_bytes()) if folder else {}
        found.append(
            {
                "column": item.column,
                "dataset": item.dataset,
                "to": item.to,
                "except": list(item.left_out),
                "version": folder.name if folder else None,
                "digest": decision.get("digest"),
            }
        )
    return found
