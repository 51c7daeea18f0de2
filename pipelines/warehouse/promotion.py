"""What readers see: `warehouse/warehouse.duckdb`, a link to the last finished build.

The link is swapped in one step, so a reader opens the old build or the new one, never half of one.
A process that keeps DuckDB open must open the *resolved* name: DuckDB holds one instance per path
and would go on handing out the old file.
"""

from pathlib import Path

from pipelines.canonical import point
from pipelines.clock import stamp
from pipelines.ledger import Ledger
from pipelines.settings import Home
from pipelines.warehouse.build import Build

KEEP = 3  # builds; older files go once a newer one is promoted


def promote(build: Build, home: Home, ledger: Ledger) -> bool:
    """Point readers to `build`; returns whether that changed anything."""
    if promoted_file(home) == build.file.resolve():
        return False
    point(home.promoted, build.file)
    with ledger.connect() as connection:
        connection.execute(
            "update builds set promoted_at = ? where file = ?", (stamp(), build.file.name)
        )
    builds = sorted(build.file.parent.glob("*.duckdb"), key=lambda path: path.stat().st_mtime)
    for old in builds[:-KEEP]:
        if old.resolve() != build.file.resolve():
            old.unlink()
    return True


def promoted_file(home: Home) -> Path | None:
    """The resolved file that readers see now, or None before the first promotion."""
    return home.promoted.resolve() if home.promoted.exists() else None
