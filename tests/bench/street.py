"""The whole street beside the plain script: fixed and marginal cost.

Fixed cost is a whole run on the bundled inputs. Marginal cost is T(large) − T(small) dossiers, from
pull to release, as a ratio to the same difference of the plain script. Making the synthetic files
is not counted: upstream systems make the real ones.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

from pipelines.settings import Home
from tests.bench.measure import Cost, measure
from tests.bench.reference import DATASETS

SMALL = int(os.environ.get("KHOMO_BENCH_SMALL", "100000"))
LARGE = int(os.environ.get("KHOMO_BENCH_LARGE", "5000000"))
LOADS = 3


def environment(home: Path, rows: int) -> dict[str, str]:
    """The benchmark's process environment."""
    return {**os.environ, "KHOMO_HOME": str(home), "KHOMO_SAMPLE_DOSSIERS": str(rows)}


def khomo(*arguments: str) -> list[str]:
    """The command line of `khomo`."""
    return [sys.executable, "-m", "pipelines", *arguments]


def run_pipeline(folder: Path, rows: int) -> tuple[Path, Cost, Cost]:
    """A whole run and a second one, in a fresh home whose synthetic files are already there."""
    home = folder / f"home-{rows}"
    made = environment(home, rows)
    measure(khomo("run", "--select", "group:sample"), made)
    measure(khomo("lint"), made)  # warms the caches of imports and manifest for both sizes alike
    first = measure(khomo("run"), made)
    second = measure(khomo("run"), made)
    return home, first, second


def run_reference(folder: Path, home: Path, rows: int) -> Cost:
    """The plain script on the same files."""
    out = folder / f"reference-{rows}"
    cost = measure(
        [
            *(sys.executable, "-m", "tests.bench.reference"),
            *(str(home), str(Home(home).promoted.resolve())),
            *(str(out), str(home / "samples")),
        ],
        environment(home, rows),
    )
    _same_content(home, out)
    shutil.rmtree(out)
    return cost


def _same_content(home: Path, out: Path) -> None:
    """The two must have computed the same, or the comparison means nothing."""
    for dataset in DATASETS:
        ours = f"read_parquet('{Home(home).releases}/{dataset}/latest/{dataset}.parquet')"
        plain = f"read_parquet('{out / dataset}.parquet')"
        columns = ", ".join(
            f'"{row[0]}"' for row in duckdb.sql(f"describe select * from {ours}").fetchall()
        )
        different = duckdb.sql(
            f"select count(*) from (select {columns} from {ours} except all"
            f" select {columns} from {plain})"
        ).fetchone()
        if different != (0,):
            raise RuntimeError(f"{dataset}: {different} rows differ from the plain script's")


def load_ratio() -> tuple[float, float]:
    """Seconds to import dagster and dagster_dbt, and to load the definitions; best of a few."""
    imports = [sys.executable, "-c", "import dagster, dagster_dbt"]
    definitions = [sys.executable, "-c", "import pipelines.definitions"]
    return tuple(  # type: ignore[return-value]
        min(measure(command, os.environ).wall for _ in range(LOADS))
        for command in (imports, definitions)
    )


def row(name: str, cost: Cost) -> str:
    """One line of the table."""
    return f"| {name} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.peak:,.0f} |"


def main() -> None:
    """Measure and print a Markdown table."""
    folder = Path(tempfile.mkdtemp(prefix="khomo-bench-"))
    try:
        small_home, small, again = run_pipeline(folder, SMALL)
        small_plain = run_reference(folder, small_home, SMALL)
        os.environ["KHOMO_HOME"] = str(small_home)
        imports, definitions = load_ratio()
        shutil.rmtree(small_home)
        large_home, large, large_again = run_pipeline(folder, LARGE)
        large_plain = run_reference(folder, large_home, LARGE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ours, plain = large - small, large_plain - small_plain
    print("| | wall s | CPU s | peak MiB |\n|---|---:|---:|---:|")
    print(row(f"khomo run, {SMALL:,} dossiers (fixed cost)", small))
    print(row("khomo run again, nothing changed", again))
    print(row(f"plain script, {SMALL:,} dossiers", small_plain))
    print(row(f"khomo run, {LARGE:,} dossiers", large))
    print(row(f"khomo run again, nothing changed, {LARGE:,} dossiers", large_again))
    print(row(f"plain script, {LARGE:,} dossiers", large_plain))
    print(row("khomo, marginal", ours))
    print(row("plain script, marginal", plain))
    print(
        f"\nmarginal ratio: {ours.wall / plain.wall:.2f} (wall), {ours.cpu / plain.cpu:.2f} (CPU)"
    )
    print(
        f"loading definitions: {definitions:.2f} s, importing dagster and dagster_dbt:"
        f" {imports:.2f} s, ratio {definitions / imports:.2f}"
    )
