"""All defects, each put in once, and what was seen: the matrix of checks and defects."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.defects import (  # noqa: F401 - their entries are the list
    in_arrivals,
    in_cells,
)
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
            found = dict(defect.observe(shop))
        found.pop(off or "", None)
        return dict(sorted(found.items()))

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
