"""What a defect is, and the list of them. How one is put in is its bench's business."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import Text

REFUSED = "refused"  # nothing of what arrived is landed; the last good landing stays
QUARANTINED = "quarantined"  # the row is kept out, with its reason
MENDED = "mended"  # read as what was meant, and counted
WARNED = "warned"  # let through, and said
WITHHELD = "withheld"  # not published; the last good release stays
REPORTED = "reported"  # wrong in a table nothing is published from; the report names it
NAMED = "named by verify"  # somebody who has the folder alone finds it

STAGES = (
    "arrival",
    "landing",
    "text",
    "numbers",
    "dates",
    "units",
    "keys",
    "joins",
    "restatement",
    "budget hierarchy",
    "privacy",
    "metadata",
    "exporter",
    "gate",
    "release",
)

Objections = Mapping[str, str]
"""Check → what came of it. A check is named by its kind: `landing.type`, `dbt.unique`, `range`."""


@dataclass
class Workshop:
    """What a defect is put in with: an empty folder of its own, things that are made once for all
    defects, and the check that is switched off, if one is.
    """

    folder: Path
    patch: pytest.MonkeyPatch
    shared: dict[str, Any]
    scratch: Path  # for what is shared
    off: str | None = None


@dataclass(frozen=True)
class Defect:
    """One small change, and what must come of it: `outcome`, said by `check`."""

    name: str
    stage: str
    check: str
    outcome: str
    text: Text
    observe: Callable[[Workshop], Objections] = field(compare=False)


DEFECTS: dict[str, Defect] = {}


def add(defect: Defect) -> None:
    """List a defect.

    Raises:
        ValueError: its name is taken, or its stage is none.
    """
    if defect.name in DEFECTS or defect.stage not in STAGES:
        raise ValueError(f"defect {defect.name}: its name is taken, or {defect.stage} is no stage")
    DEFECTS[defect.name] = defect
