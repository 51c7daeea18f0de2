"""`make bench-large`: 50 million dossiers, with their logs, from nothing to tested models.

On two cores, with DuckDB's memory capped at 4 GiB. Not part of `make bench` nor of CI: it takes
hours and 60 GB of disk. `$KHOMO_BENCH_ROWS` sets another number of dossiers.
"""

import os
import platform
import shutil
import tempfile
from pathlib import Path

import duckdb
import psutil

from tests.bench.measure import measure
from tests.bench.models import MONTHS, command, environment, row

ROWS = int(os.environ.get("KHOMO_BENCH_ROWS", "50000000"))
CORES = 2
MEMORY = "4GiB"


def _size(path: Path) -> float:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 2**30


def main() -> None:
    """Measure and print a Markdown report."""
    psutil.Process().cpu_affinity(list(range(min(CORES, os.cpu_count() or 1))))
    os.environ |= {"KHOMO_MEMORY_LIMIT": MEMORY, "KHOMO_THREADS": str(CORES)}
    print(
        f"{platform.machine()}, {CORES} of {os.cpu_count()} cores, DuckDB {duckdb.__version__}"
        f" capped at {MEMORY}, {ROWS:,} dossiers\n"
    )
    folder = Path(tempfile.mkdtemp(prefix="khomo-bench-"))
    home, database = folder / "home", folder / "building.duckdb"
    made = environment(home, ROWS)
    try:
        print("| | wall s | CPU s | peak MiB |\n|---|---:|---:|---:|")
        print(row("generate, pull and land", measure(command("land", home), made)), flush=True)
        print(row("all models", measure(command("build", home, database), made)), flush=True)
        tests = command("build", home, database, MONTHS, "test")
        print(row("data tests", measure(tests, made)), flush=True)
        with duckdb.connect(str(database), read_only=True) as connection:
            counted = connection.execute(
                "select (select count(*) from private.fct_dossier),"
                " (select count(*) from private.fct_dossier_event)"
            ).fetchone()
        assert counted is not None
        print(
            f"\n{counted[0]:,} dossiers and {counted[1]:,} status changes;"
            f" landed {_size(home / 'landed'):.1f} GiB, warehouse {_size(folder) - _size(home):.1f}"
            " GiB"
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
