"""`make bench`: what Kho Mở costs, each part beside a plain DuckDB script, in one run.

python -m tests.bench [street] [landing] [models] [checks]
"""

import os
import platform
import sys

import duckdb
import psutil

from tests.bench import checks, landing, models, street

PARTS = {
    "street": street.main,
    "landing": landing.main,
    "models": models.main,
    "checks": checks.main,
}


def main(names: list[str]) -> None:
    """Run the named parts, or all of them, and print a Markdown report."""
    memory = psutil.virtual_memory().total / 2**30
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python"
        f" {platform.python_version()}, DuckDB {duckdb.__version__}"
    )
    for name in names or PARTS:
        print(f"\n## {name}\n", flush=True)
        PARTS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
