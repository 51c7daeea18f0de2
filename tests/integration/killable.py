"""Does one piece of work again and again, each time in a process of its own that a test may kill.

    python -m tests.integration.killable ingest SOURCES NAME
    python -m tests.integration.killable publish FOLDER

Reads a line from standard input, forks, prints the child's process id, and in the child does the
work on `$KHOMO_HOME`; prints how the child ended. Everything is imported before the first fork, so
that a round costs its work and not Python's start. `ingest` pulls and lands a source; `publish`
exports, decides and releases the `World` in a folder.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.connectors import connector_for
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.settings import PROJECT_ROOT, Home, home
from tests.integration.conftest import World


class Zygote:
    """The process whose children work and are killed."""

    def __init__(self, home: Home, *work: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.killable", *work],
            cwd=PROJECT_ROOT,
            env={**os.environ, "KHOMO_HOME": str(home.root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _line(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def begin(self) -> int:
        """Start a child; returns its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return self._line()

    def ended(self) -> int:
        """The signal that ended the child, 0 where it came to its own end."""
        status = self._line()
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def end(self) -> None:
        """End the process itself."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=30)


def ingest(sources: Path, name: str) -> landing.Landing:
    """Pull and land the source `name`."""
    state = home().create()
    contract, ledger = load_sources(sources)[name], Ledger(state.ledger)
    raw.pull(contract, state, ledger)
    return landing.land(contract, state, ledger)


def publish(folder: Path) -> None:
    """Export, decide and release what the file `build` in `folder` names."""
    state = home()
    world = World(folder, state, Ledger(state.ledger), load_province())
    candidate = world.export((folder / "build").read_text())
    world.assume_passed(candidate)
    world.release(candidate)


def serve(work: Callable[[], object]) -> None:
    """One child per line of standard input."""
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            work()
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


def main(what: str, folder: Path, name: str = "") -> None:
    """Import what the work needs, then do it."""
    if what == "publish":
        import pyarrow  # noqa: F401

        serve(lambda: publish(folder))
    else:
        connector_for(load_sources(folder)[name], home())
        serve(lambda: ingest(folder, name))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
