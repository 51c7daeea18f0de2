"""How good the detectors are: the figures recorded in `measured.json`, for people to read.

They are counted by `python -m tests.unit.personal_measure --write` on generated lists that share no
code with the detectors; a test counts again and compares. Nothing is measured here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts import Text

MEASURED = Path(__file__).with_name("measured.json")
FORMAT = "khomo-detectors/1"


@dataclass(frozen=True)
class Kind:
    """One kind of text: in how many of `values` texts something personal was found."""

    title: Text
    values: int
    found: int


@dataclass(frozen=True)
class Measured:
    """What was found among personal values, and what was taken for one among look-alikes."""

    personal: tuple[Kind, ...]
    look_alikes: tuple[Kind, ...]

    @property
    def values(self) -> int:
        """How many personal values there were."""
        return sum(kind.values for kind in self.personal)

    @property
    def alikes(self) -> int:
        """How many look-alikes there were."""
        return sum(kind.values for kind in self.look_alikes)

    @property
    def found(self) -> int:
        """How many personal values were found."""
        return sum(kind.found for kind in self.personal)

    @property
    def mistaken(self) -> int:
        """How many look-alikes were taken for personal values."""
        return sum(kind.found for kind in self.look_alikes)

    @property
    def recall(self) -> float:
        """Share of personal values that were found, 0 to 1."""
        return self.found / self.values

    @property
    def precision(self) -> float:
        """Share of what was found that was personal, 0 to 1."""
        return self.found / (self.found + self.mistaken)


def parse(document: Mapping[str, Any]) -> Measured:
    """The figures in a recorded document.

    Raises:
        KeyError: it is not one.
    """
    return Measured(
        *(
            tuple(Kind(Text(**item["title"]), item["values"], item["found"]) for item in part)
            for part in (document["personal"], document["look_alikes"])
        )
    )


def measured() -> Measured:
    """The recorded figures."""
    return parse(json.loads(MEASURED.read_bytes()))
