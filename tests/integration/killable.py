"""Ingests a source again and again, each time in a process of its own that a test may kill.

    python -m tests.integration.killable SOURCES NAME

Reads a line from standard input, forks, prints the child's process id, and in the child pulls and
lands the source in `$KHOMO_HOME`; prints how the child ended. Everything is imported before the
first fork, so that a round costs its work and not Python's start.
"""

import os
import sys
from pathlib import Path

from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.connectors import connector_for
from pipelines.ledger import Ledger
from pipelines.settings import home


def ingest(sources: Path, name: str) -> landing.Landing:
    """Pull and land the source `name`."""
    state = home().create()
    contract, ledger = load_sources(sources)[name], Ledger(state.ledger)
    raw.pull(contract, state, ledger)
    return landing.land(contract, state, ledger)


def main(sources: Path, name: str) -> None:
    """One child per line of standard input."""
    connector_for(load_sources(sources)[name], home())  # so that what it needs is imported once
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            ingest(sources, name)
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
