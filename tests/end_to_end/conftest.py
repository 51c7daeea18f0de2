"""Real runs of the real command, made once and shared; who changes something gets a copy."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from pipelines.contracts import load_published
from pipelines.ledger import Ledger
from pipelines.settings import Home

KHOMO = [sys.executable, "-m", "pipelines"]
DATASETS = tuple(load_published())


def environment(home: Path, **changes: str) -> dict[str, str]:
    """The process environment of a person who set nothing but `$KHOMO_HOME`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KHOMO_")}
    kept.pop("DAGSTER_HOME", None)
    return {**kept, "KHOMO_HOME": str(home), "COLUMNS": "200", **changes}


def khomo(
    home: Path, *arguments: str, timeout: float = 600, **changes: str
) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would; standard output and error together in `stdout`."""
    return subprocess.run(
        [*KHOMO, *arguments],
        env=environment(home, **changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )


@dataclass(frozen=True)
class Run:
    """A home after `khomo run`, and what the command printed."""

    home: Home
    output: str
    code: int

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.home.ledger)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The bundled inputs through everything, from an empty home. Read only: copy to change.

    Tests run in several processes; whichever comes first makes the run, the others wait for it.
    """
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    root, outcome = folder / "first-run", folder / "first-run.json"
    with FileLock(folder / "first-run.lock"):
        if not outcome.exists():
            done = khomo(root, "run")
            outcome.write_text(json.dumps([done.stdout, done.returncode]), encoding="utf-8")
    output, code = json.loads(outcome.read_text(encoding="utf-8"))
    return Run(Home(root), output, code)


@pytest.fixture
def a_copy(first_run: Run, tmp_path: Path) -> Callable[[], Home]:
    """Makes copies of the first run's home; a home does not mind being moved."""

    def copy() -> Home:
        target = tmp_path / "copy"
        shutil.copytree(first_run.home.root, target, symlinks=True)
        return Home(target)

    return copy


def released(home: Home) -> dict[str, str]:
    """The version that readers of each dataset see."""
    return {
        path.parent.name: path.resolve().name for path in sorted(home.releases.glob("*/latest"))
    }


def release_bytes(home: Home) -> dict[str, bytes]:
    """Every byte of every release that readers see."""
    return {
        f"{name}/{version}/{path.name}": path.read_bytes()
        for name, version in released(home).items()
        for path in sorted((home.releases / name / version).iterdir())
    }
