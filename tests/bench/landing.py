"""Landing CSV beside DuckDB's own typed `COPY … TO parquet` of the same files, and what one more
month costs on a short and on a long history.

The files are the synthetic dossiers: thirty columns, personal ones among them, one file a month.
Both sides read the same files; landing also judges every value, hashes the dossier code and splits
off the rows that break a rule. Files are pulled before the clock starts, except for the month that
is added to a history: that one is pulled and landed.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from pipelines.contracts import source
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.settings import Home
from pipelines.synthetic.bundled import write_dossiers_for
from tests.bench.measure import Cost, measure

SMALL = int(os.environ.get("KHOMO_BENCH_SMALL", "100000"))
LARGE = int(os.environ.get("KHOMO_BENCH_LARGE", "5000000"))
MONTH = int(os.environ.get("KHOMO_BENCH_MONTH", "100000"))
HISTORY = (6, 24)  # months behind the one that is added
SOURCE = "dossiers"


def _me(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tests.bench.landing", *map(str, arguments)]


def copy(files: str, target: Path) -> None:
    """DuckDB's typed COPY of all columns of the contract."""
    import duckdb

    table = source(SOURCE).tables[0]
    layout = ", ".join(f"'{column.header}': '{column.type}'" for column in table.columns)
    with duckdb.connect(
        config={"memory_limit": "2GB", "temp_directory": str(target.parent)}
    ) as connection:
        connection.execute(
            f"""
            copy (
                select * from read_csv('{files}', header = true, delim = ',', quote = '"',
                    escape = '"', columns = {{{layout}}}, timestampformat = '%Y%m%d%H%M%S',
                    ignore_errors = true)
            ) to '{target}' (format parquet, compression snappy)
            """
        )


def ingest(home: Path, step: str) -> None:
    """Pull, land, or both, of the dossiers in `home`."""
    state = Home(home).create()
    contract, ledger = source(SOURCE), Ledger(state.ledger)
    if step in ("pull", "both"):
        raw.pull(contract, state, ledger)
    if step in ("land", "both"):
        landing.land(contract, state, ledger)


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "KHOMO_HOME": str(home)}


def _landed(folder: Path, rows: int) -> tuple[Cost, Cost]:
    """Costs of landing `rows` dossiers and of the typed COPY of the same files."""
    home = folder / f"home-{rows}"
    files = home / "samples" / SOURCE
    write_dossiers_for(load_province(), files, rows=rows)
    measure(_me("ingest", home, "pull"), _environment(home))
    ours = measure(_me("ingest", home, "land"), _environment(home))
    plain = measure(_me("copy", files / "*.csv", folder / "plain.parquet"), _environment(home))
    shutil.rmtree(home)
    return ours, plain


def _one_more_month(folder: Path, month: Path, months: int) -> Cost:
    """What the month after `months` months of history costs to pull and to land."""
    home = folder / f"history-{months}"
    files = home / "samples" / SOURCE
    files.mkdir(parents=True)
    for number in range(months):
        shutil.copyfile(month, files / f"dossiers-{2024 + number // 12}-{number % 12 + 1:02}.csv")
    measure(_me("ingest", home, "both"), _environment(home))
    shutil.copyfile(month, files / "dossiers-2029-01.csv")
    cost = measure(_me("ingest", home, "both"), _environment(home))
    shutil.rmtree(home)
    return cost


def _a_month(folder: Path) -> Path:
    """One file of `MONTH` dossiers: all that the generator spreads over years, under one header."""
    made = folder / "made"
    write_dossiers_for(load_province(), made, rows=MONTH)
    month = folder / "month.csv"
    with month.open("wb") as target:
        for number, path in enumerate(sorted(made.glob("*.csv"))):
            with path.open("rb") as part:
                header = part.readline()
                if number == 0:
                    target.write(header)
                shutil.copyfileobj(part, target)
    shutil.rmtree(made)
    return month


def row(name: str, cost: Cost) -> str:
    """One line of the table."""
    return f"| {name} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.peak:,.0f} |"


def main() -> None:
    """Measure and print a Markdown table."""
    folder = Path(tempfile.mkdtemp(prefix="khomo-bench-"))
    try:
        small, small_plain = _landed(folder, SMALL)
        large, large_plain = _landed(folder, LARGE)
        month = _a_month(folder)
        short, long = (_one_more_month(folder, month, months) for months in HISTORY)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ours, plain = large - small, large_plain - small_plain
    print("| | wall s | CPU s | peak MiB |\n|---|---:|---:|---:|")
    print(row(f"landing {LARGE:,} dossiers", large))
    print(row(f"typed COPY of {LARGE:,} dossiers", large_plain))
    print(row(f"landing, marginal over {SMALL:,}", ours))
    print(row("typed COPY, marginal", plain))
    print(row(f"one more month on {HISTORY[0]} months", short))
    print(row(f"one more month on {HISTORY[1]} months", long))
    print(
        f"\nlanding ÷ typed COPY, marginal: {ours.wall / plain.wall:.2f} (wall),"
        f" {ours.cpu / plain.cpu:.2f} (CPU); at most 1.5"
        f"\none more month, {HISTORY[1]} ÷ {HISTORY[0]} months of history:"
        f" {long.wall / short.wall:.2f} (wall), {long.cpu / short.cpu:.2f} (CPU); below 1.2"
    )


if __name__ == "__main__":
    if sys.argv[1] == "ingest":
        ingest(Path(sys.argv[2]), sys.argv[3])
    else:
        copy(sys.argv[2], Path(sys.argv[3]))
