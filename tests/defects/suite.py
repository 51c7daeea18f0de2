"""All defects, each put in once, and what was seen: the matrix of checks and defects."""

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from pipelines.contracts import load_published
from pipelines.contracts.arrival import KINDS
from pipelines.quality.required import candidate_checks
from tests.defects import (  # noqa: F401 - their entries are the list
    in_arrivals,
    in_cells,
    in_contracts,
    in_documents,
    in_exporter,
    in_gate,
    in_history,
    in_metadata,
    in_models,
    in_privacy,
    in_publishing,
    in_references,
    in_releases,
    in_rules,
    in_values,
)
from tests.defects.kinds import dbt_kind, kind_of
from tests.defects.model import DEFECTS, Defect, Workshop

CAUGHT, ELSEWHERE, MISSED = "caught where expected", "caught elsewhere", "missed"


def verdict(defect: Defect, seen: Mapping[str, str]) -> str:
    """Whether the check that must object did, with the outcome that must come of it."""
    if seen.get(defect.check) == defect.outcome:
        return CAUGHT
    return ELSEWHERE if seen else MISSED


class Suite:
    """Puts defects in, each once, and remembers which checks objected.

    `scratch` is a folder for what is made once for all.
    """

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.shared: dict[str, Any] = {}
        self._seen: dict[str, Mapping[str, str]] = {}

    def seen(self, name: str) -> Mapping[str, str]:
        """Check → outcome of everything that objected to a defect."""
        if name not in self._seen:
            self._seen[name] = self.put_in(DEFECTS[name])
        return self._seen[name]

    def put_in(self, defect: Defect, off: str | None = None) -> Mapping[str, str]:
        """Put a defect in, now, with the check `off` switched off."""
        with (
            TemporaryDirectory(dir=self.scratch) as folder,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setenv("KHOMO_HOME", str(Path(folder) / "home"))
            patch.setenv("KHOMO_NOW", "2026-11-01T09:00:00+07:00")
            shop = Workshop(Path(folder), patch, self.shared, self.scratch, off)
            return dict(sorted(defect.observe(shop).items()))

    def matrix(
        self, report: Callable[[str, str], None] = lambda _name, _verdict: None
    ) -> dict[str, Mapping[str, str]]:
        """What every defect met with, in the order of the list."""
        for name, defect in DEFECTS.items():
            report(name, verdict(defect, self.seen(name)))
        return {name: self.seen(name) for name in DEFECTS}

    def save(self, path: Path) -> None:
        """Write the matrix as JSON."""
        matrix = json.dumps(self.matrix(), ensure_ascii=False, indent=1)
        path.write_text(matrix + "\n", encoding="utf-8")


LINES = {
    "rule.hidden_cells": "attack",
    "reader": "arrival",
    "arrival": "arrival",
    "landing": "landing",
    "cleaning": "landing",
    "lint": "contracts",
    "dbt": "warehouse",
    "gate": "gate",
    "release": "gate",
    "verify": "verification",
}


def line(check: str) -> str:
    """Which line of defence a check belongs to; those without a prefix are on candidates."""
    return LINES.get(check) or LINES.get(check.partition(".")[0], "candidate")


def alone(check: str, seen: Mapping[str, str]) -> bool:
    """Whether no other check of the same line objected."""
    return check in seen and not any(
        other != check and line(other) == line(check) for other in seen
    )


def needed(matrix: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """Check → the defects that only it stops in its line; a check without one is not needed."""
    checks = sorted({check for seen in matrix.values() for check in seen})
    return {
        check: [name for name, seen in matrix.items() if alone(check, seen)] for check in checks
    }


def required(shared: Mapping[str, Any]) -> set[str]:
    """The kinds of all checks that some dataset requires, and of all findings on arrival.

    `shared` is that of a suite whose defects have been put in: the build holds the manifest.
    """
    found = {
        kind_of(check.name, contract)
        for contract in load_published().values()
        for check in candidate_checks(contract)
    }
    found |= {
        dbt_kind(node)
        for node in shared["warehouse"].manifest["nodes"].values()
        if node["resource_type"] == "test"
    }
    return found | {f"arrival.{finding}" for finding in KINDS}


PAIRS = 10
SEED = 20250701
SWITCHED = ("landing", "arrival", "candidate", "warehouse")
# Nothing could be read without these, or rules on rows would look at what they keep out.
UNSWITCHED = (
    "reader.",
    "cleaning.",
    "landing.columns",
    *(f"arrival.{finding}" for finding, kind in KINDS.items() if not kind.jump),
)


def pairs(matrix: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """Ten pairs of a check and a defect that nothing else objects to, drawn with a fixed seed.

    Turn by turn from rules on rows, findings on arrival, checks on candidates and dbt tests, each
    check at most once.
    """
    draw = random.Random(SEED)
    groups: dict[str, list[tuple[str, str]]] = {group: [] for group in SWITCHED}
    for name, seen in matrix.items():
        if len(seen) != 1:
            continue
        (check,) = seen
        if line(check) in groups and not check.startswith(UNSWITCHED):
            groups[line(check)].append((check, name))
    for candidates in groups.values():
        candidates.sort()
        draw.shuffle(candidates)
    found: list[tuple[str, str]] = []
    while len(found) < PAIRS and any(groups.values()):
        for candidates in groups.values():
            while candidates and len(found) < PAIRS:
                pair = candidates.pop()
                if pair[0] not in {check for check, _name in found}:
                    found.append(pair)
                    break
    return found
