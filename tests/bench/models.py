"""All models from landed Parquet beside one script written by hand, and what one more month costs
on a short and on a long history.

Both sides read the same landed Parquet. `dbt run` makes every model of the project, with contracts
and descriptions; the plain script makes the facts and marts of dossiers, all that grows with them,
and both must come to the same rows. Marginal cost is T(large) − T(small), so that what does not
grow counts on neither side. Landing is not counted, nor are the data tests, which are said apart.

One more month is a build on the last one: the copy of its file, the views, `dbt run`, the
checkpoint. The month is the same for both histories.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.contracts import SourceContract, sources_in_use
from pipelines.duck import connect
from pipelines.ingest import landing, raw
from pipelines.ingest.landed import Landing
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.settings import Home
from pipelines.synthetic.bundled import ensure_sample
from pipelines.warehouse.build import inputs, landings
from pipelines.warehouse.dbt import run_dbt
from pipelines.warehouse.increment import Changed, landed_now, start
from pipelines.warehouse.landed import create_views, drop_views
from pipelines.warehouse.project import load_manifest
from tests.bench.measure import Cost, measure
from tests.bench.reference import MARTS

SMALL = int(os.environ.get("KHOMO_BENCH_SMALL", "100000"))
LARGE = int(os.environ.get("KHOMO_BENCH_LARGE", "5000000"))
MONTH = int(os.environ.get("KHOMO_BENCH_MONTH", "100000"))
REPEATS = int(os.environ.get("KHOMO_BENCH_REPEATS", "2"))
HISTORY = (6, 24)  # months behind the one that is added
LAST_MONTH = (2026, 10)
MONTHS = 34  # the generator spreads dossiers over so many
OF_DOSSIERS = ("dossiers", "dossier-events", "national-dossier-counts")

Found = Mapping[str, tuple[SourceContract, Landing]]


def command(*arguments: object) -> list[str]:
    """The command line of a step of this benchmark."""
    return [sys.executable, "-m", "tests.bench.models", *map(str, arguments)]


def environment(home: Path, rows: int) -> dict[str, str]:
    """The process environment of a step."""
    return {**os.environ, "KHOMO_HOME": str(home), "KHOMO_SAMPLE_DOSSIERS": str(rows)}


def land(home: Path) -> None:
    """Make the files of all sources in use, pull and land them."""
    state, province = Home(home).create(), load_province()
    ledger = Ledger(state.ledger)
    for contract in sources_in_use().values():
        if contract.generator:
            ensure_sample(contract.generator, state, province)
        raw.pull(contract, state, ledger)
        landing.land(contract, state, ledger)
        # What is landed is all that is measured here, and there may be many gigabytes of the rest.
        shutil.rmtree(state.samples / contract.name, ignore_errors=True)
        shutil.rmtree(state.raw / contract.name, ignore_errors=True)


def _month(ago: int) -> str:
    number = LAST_MONTH[0] * 12 + LAST_MONTH[1] - 1 - ago
    return f"{number // 12}-{number % 12 + 1:02}"


def _between(found: Found, most: int, least: int) -> Found:
    """What is landed, of dossiers only the months from `most` to `least` months ago."""
    first, last = _month(most), _month(least)
    return {
        name: (
            contract,
            replace(
                now,
                files=tuple(file for file in now.files if first <= file.resource[-11:-4] <= last),
            )
            if name in OF_DOSSIERS
            else now,
        )
        for name, (contract, now) in found.items()
    }


def _build(state: Home, database: Path, found: Found, changed: Changed, what: str = "run") -> None:
    with connect(database) as connection:
        create_views(connection, state, found, changed)
    arguments = ["--exclude-resource-type", "unit_test"] if what == "test" else []
    run_dbt([what, *arguments], state, load_province(), database=database, check=what == "run")
    if what == "run":
        with connect(database) as connection:
            connection.execute("checkpoint")


def build(home: Path, database: Path, most: int = MONTHS, what: str = "run") -> None:
    """From nothing, of all months, or of those from `most` to one month ago."""
    found = landings(Home(home))
    shown = found if most == MONTHS else _between(found, most, 1)
    _build(Home(home), database, shown, (), what)
    if most != MONTHS:
        with connect(database) as connection:
            drop_views(connection)
            connection.execute("checkpoint")


def grow(home: Path, last: Path, database: Path, most: int) -> None:
    """The month 0 months ago, on a build of those from `most` to one month ago."""
    state, found = Home(home), landings(Home(home))
    was, now = _between(found, most, 1), _between(found, most, 0)
    province = load_province()
    row = {
        "inputs": json.dumps(inputs(was, province)),
        "landed_files": json.dumps(landed_now(was)),
    }
    begin = start(state, row, last, inputs(now, province), landed_now(now), load_manifest(state))
    assert begin.copied == last, begin.why
    begin.make(database)
    _build(state, database, now, begin.changed)


def _of_dossiers(home: Path) -> float:
    """Seconds that the last `dbt run` spent in models made from dossiers or their logs."""
    target = home / "dbt" / "target"
    parents = json.loads((target / "manifest.json").read_bytes())["parent_map"]
    roots = {"source.khomo.landed.dossiers", "source.khomo.landed.dossier_events"}

    def made_from(name: str) -> bool:
        return name in roots or any(made_from(parent) for parent in parents.get(name, ()))

    results = json.loads((target / "run_results.json").read_bytes())["results"]
    return sum(
        float(item["execution_time"]) for item in results if made_from(str(item["unique_id"]))
    )


def _same_rows(ours: Path, plain: Path) -> None:
    """The two must have computed the same, or the comparison means nothing."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{ours}' as ours (read_only)")
        connection.execute(f"attach '{plain}' as plain (read_only)")
        for mart in MARTS:
            both = (f"ours.marts.{mart}", f"plain.marts.{mart}")
            different = connection.execute(
                f"select count(*) from ((from {both[0]} except all from {both[1]})"
                f" union all (from {both[1]} except all from {both[0]}))"
            ).fetchone()
            if different != (0,):
                raise RuntimeError(f"{mart}: {different} rows differ from the plain script's")


def _best(costs: list[Cost]) -> Cost:
    """The least of each: what disturbs a measurement only ever adds to it."""
    return Cost(
        min(cost.wall for cost in costs),
        min(cost.cpu for cost in costs),
        min(cost.peak for cost in costs),
    )


def landed_home(folder: Path, rows: int) -> Path:
    """A home with `rows` dossiers landed; one that `$KHOMO_BENCH_HOMES` has is used as it is."""
    kept = os.environ.get("KHOMO_BENCH_HOMES")
    home = (Path(kept) if kept else folder) / f"landed-{rows}"
    if not home.exists():
        measure(command("land", home), environment(home, rows))
    return home


def both_sides(folder: Path, home: Path, rows: int, repeats: int) -> tuple[Cost, Cost, Cost]:
    """Costs of all models, of the plain script, and of the data tests on those models."""
    made = environment(home, rows)
    database, out = folder / "ours" / "building.duckdb", folder / "plain"
    ours: list[Cost] = []
    plain: list[Cost] = []
    for _ in range(repeats):
        shutil.rmtree(database.parent, ignore_errors=True)
        database.parent.mkdir()
        ours.append(measure(command("build", home, database), made))
        shutil.rmtree(out, ignore_errors=True)
        script = [sys.executable, "-m", "tests.bench.reference", str(home), str(database), str(out)]
        plain.append(measure(script, made))
        _same_rows(database, out / "building.duckdb")
    tests = measure(command("build", home, database, MONTHS, "test"), made)
    shutil.rmtree(database.parent)
    shutil.rmtree(out)
    return _best(ours), _best(plain), tests


def _one_more_month(folder: Path, home: Path) -> dict[int, tuple[Cost, float]]:
    """Cost of the month on each history, and the seconds in models made from dossiers."""
    rows = MONTH * MONTHS
    last = {most: folder / f"history-{most}" / "building.duckdb" for most in HISTORY}
    found: dict[int, list[tuple[Cost, float]]] = {most: [] for most in HISTORY}
    for most, database in last.items():
        database.parent.mkdir()
        measure(command("build", home, database, most), environment(home, rows))
    for _ in range(REPEATS + 1):
        for most in HISTORY:
            grown = folder / "grown" / "building.duckdb"
            shutil.rmtree(grown.parent, ignore_errors=True)
            grown.parent.mkdir()
            cost = measure(command("grow", home, last[most], grown, most), environment(home, rows))
            found[most].append((cost, _of_dossiers(home)))
    return {
        most: (_best([cost for cost, _ in runs]), min(seconds for _, seconds in runs))
        for most, runs in found.items()
    }


def row(name: str, cost: Cost) -> str:
    """One line of the table."""
    return f"| {name} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.peak:,.0f} |"


def main() -> None:
    """Measure and print a Markdown table."""
    folder = Path(tempfile.mkdtemp(prefix="khomo-bench-"))
    try:
        small, small_plain, small_tests = both_sides(
            folder, landed_home(folder, SMALL), SMALL, REPEATS
        )
        large, large_plain, large_tests = both_sides(
            folder, landed_home(folder, LARGE), LARGE, REPEATS
        )
        months = _one_more_month(folder, landed_home(folder, MONTH * MONTHS))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ours, plain, tests = large - small, large_plain - small_plain, large_tests - small_tests
    (short, short_models), (long, long_models) = (months[most] for most in HISTORY)
    print("| | wall s | CPU s | peak MiB |\n|---|---:|---:|---:|")
    print(row(f"all models, {SMALL:,} dossiers (fixed cost)", small))
    print(row(f"plain script, {SMALL:,} dossiers", small_plain))
    print(row(f"all models, {LARGE:,} dossiers", large))
    print(row(f"plain script, {LARGE:,} dossiers", large_plain))
    print(row("all models, marginal", ours))
    print(row("plain script, marginal", plain))
    print(row("data tests, marginal", tests))
    print(row(f"one more month of {MONTH:,} on {HISTORY[0]} months", short))
    print(row(f"one more month of {MONTH:,} on {HISTORY[1]} months", long))
    print(
        f"\nall models ÷ plain script, marginal: {ours.wall / plain.wall:.2f} (wall),"
        f" {ours.cpu / plain.cpu:.2f} (CPU); at most 1.5"
        f"\none more month, {HISTORY[1]} ÷ {HISTORY[0]} months of history:"
        f" {long.wall / short.wall:.2f} (wall), {long.cpu / short.cpu:.2f} (CPU); below 1.2"
        f"\nof that in models made from dossiers: {long_models:.1f} s and {short_models:.1f} s,"
        f" {long_models / short_models:.2f}"
    )


_COMMANDS: Mapping[str, Callable[..., None]] = {"land": land, "build": build, "grow": grow}


def _argument(text: str) -> int | str | Path:
    return int(text) if text.isdigit() else Path(text) if "/" in text else text


if __name__ == "__main__":
    _COMMANDS[sys.argv[1]](*map(_argument, sys.argv[2:]))
