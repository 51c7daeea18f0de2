"""All checks of a candidate beside one SQL statement written by hand that counts the same.

The candidate is `coverage-speed`, the published table with the most expectations, with made-up
rows: sound ones for the cost, and ones that break eleven rules, where failing rows are named as
well. Both sides read the candidate's CSV and Parquet. The statement (`checks.sql`) knows no
contract, records nothing and names no failing row; the run fails unless both count the same. Making
the candidate is not counted.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from pipelines.contracts import load_sources, published
from pipelines.duck import connect, identifier
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.publish.candidate import export_candidate, read_candidate
from pipelines.quality.content import canonical_text
from pipelines.quality.personal.patterns import DETECTORS, MACROS, found_sql
from pipelines.quality.readback import csv_header, csv_relation, parquet_relation
from pipelines.quality.run import check_candidate
from pipelines.settings import Home
from tests.bench.measure import Cost, measure

SMALL = int(os.environ.get("KHOMO_BENCH_SMALL", "100000"))
LARGE = int(os.environ.get("KHOMO_BENCH_CHECKED", "1000000"))
DATASET = "coverage-speed"
SCRIPT = Path(__file__).with_name("checks.sql")
RATIO, PEAK = 2.5, 2048
SOUND = 1200  # the rows that break a rule are the first ones

ROWS = """
    select
        i,
        if(i = 6, 5, i) as j,
        if(i = 1, '2026-Q5', (2024 + j % 3) || '-Q' || (1 + j % 4)) as quarter,
        make_date((2024 + j % 3)::int, (1 + 3 * (j % 4))::int, 1) as quarter_start,
        'GSO_PRE2025:' || lpad((j // 12)::varchar, 7, '0') as admin_unit_key,
        'GSO_PRE2025' as unit_scheme,
        case i when 2 then null when 3 then '123' else
            lpad((j // 12 % 100000)::varchar, 5, '0') end as unit_code,
        'Phường số ' || i // 12 % 9000 as unit_name,
        case when i = 7 then 'gọi 0912 345 678' end as unit_note,
        '42' as province_code,
        'Tỉnh Thử' as province_name,
        lpad((i // 12 % 9000)::varchar, 5, '0') as current_unit_code,
        'Xã số ' || i // 12 % 3000 as current_unit_name,
        if(i = 4, 'maybe', 'whole') as restatement,
        'Mạng/4G' as network_key,
        'Mạng' as operator,
        '4G' as technology,
        (1 + i % 7)::bigint as points,
        if(i = 8, 0, 1 + i % 9)::bigint as measurements,
        'measurements' as weight_name,
        (30 + i % 300 / 10)::decimal(12, 1) as download_mbps_sum,
        (30 + i % 300 / 10)::decimal(9, 2) as download_mbps_median,
        (1 + i % 9)::bigint as upload_measurements,
        if(i = 9, -1, i % 200 / 10)::decimal(9, 2) as upload_mbps_mean,
        (i % 9)::bigint as measurements_below,
        40.0::decimal(8, 1) as threshold_mbps,
        'MIC-02' as threshold_target_id,
        i between 10 and 40 as repeats_previous,
        'synthetic' as data_origin
    from range({first}, {first} + {rows}) as t(i)
"""


def make(home: Path, rows: int, first: int) -> None:
    """A candidate of `rows` rows, numbered from `first`, from a warehouse with one table."""
    state, contract = Home(home).create(), published(DATASET)
    order = ", ".join(identifier(column.name) for column in contract.table.columns)
    warehouse = home / "made.duckdb"
    made = ROWS.format(rows=rows, first=first)
    with connect(warehouse) as connection:
        connection.execute(
            f"create table {contract.model} as"
            f" with made as ({made}), means as (select *, (if(i = 41, 1, 0)"
            " + round(download_mbps_sum / greatest(measurements, 1), 2))::decimal(9, 2)"
            " as download_mbps_mean from made)"
            f" select {order} from (select *, (download_mbps_mean < threshold_mbps) and i <> 42"
            " as is_below_threshold from means)"
        )
    candidate = export_candidate(
        contract,
        warehouse,
        build_id="made",
        home=state,
        province=load_province(),
        sources=load_sources(),
        inputs={},
        code_version="0",
    )
    facts: dict[str, Any] = dict.fromkeys(
        ("file", "signature", "landed_files", "promoted_at", "run_id"), ""
    )
    relations = json.dumps({DATASET: candidate.relation_digest})
    Ledger(state.ledger).insert(
        "builds",
        [
            {
                **facts,
                "build_id": "made",
                "inputs": "{}",
                "nodes": "{}",
                "relations": relations,
                "finished_at": "2026-11-01T00:00:00.000+00:00",
            }
        ],
    )


def ours(home: Path) -> None:
    """Every check of the candidate; keeps what failed and how often."""
    state, contract = Home(home), published(DATASET)
    candidate = read_candidate(state, DATASET)
    assert candidate is not None
    results = check_candidate(
        contract,
        candidate,
        ledger=Ledger(state.ledger),
        sources=load_sources(),
        province=load_province(),
    )
    # Nothing else is released in this home that keys could be looked up in.
    results = [item for item in results if not item.check_name.startswith("reference.")]
    if broken := [item.check_name for item in results if item.status == "error"]:
        raise RuntimeError(f"could not run: {broken}")
    counts = {item.check_name: item.failing_rows or 0 for item in results}
    (home / "ours.json").write_text(json.dumps(counts), encoding="utf-8")


def plain(home: Path) -> None:
    """The statement written by hand on the same files."""
    contract = published(DATASET)
    folder = (home / "candidates" / DATASET).resolve()
    names = csv_header(folder / f"{DATASET}.csv")
    columns = contract.table.columns
    statement = SCRIPT.read_text(encoding="utf-8")
    for name, written in (
        ("$PERSONAL", " + ".join(f"len({found_sql(item)})" for item in DETECTORS)),
        ("$TYPED", ", ".join(canonical_text(identifier(it.name), it.type) for it in columns)),
        ("$TEXT", ", ".join(identifier(item.name) for item in columns)),
    ):
        statement = statement.replace(name, written)
    with connect() as connection:
        for macro in MACROS:
            connection.execute(macro)
        connection.execute(
            f"create view parquet_file as from {parquet_relation(folder / f'{DATASET}.parquet')}"
        )
        connection.execute(
            f"create view csv_file as from {csv_relation(folder / f'{DATASET}.csv', names)}"
        )
        found = connection.execute(statement)
        named = [str(item[0]) for item in found.description or ()]
        row = found.fetchone() or ()
    counts: dict[str, int] = {}
    for name, value in zip(named, row, strict=True):
        counts[name] = max(counts.get(name, 0), value)
    (home / "plain.json").write_text(json.dumps(counts), encoding="utf-8")


def _compare(home: Path) -> dict[str, int]:
    """What both counted.

    Raises:
        RuntimeError: they differ, or a rule that is broken was counted by neither.
    """
    mine = json.loads((home / "ours.json").read_text(encoding="utf-8"))
    theirs = json.loads((home / "plain.json").read_text(encoding="utf-8"))
    theirs["no_personal_values"] = theirs.pop("values_with_personal_data")
    theirs["readback_csv"] = theirs.pop("readback")
    theirs.pop("rows")
    wrong = {
        name: (mine.get(name), count) for name, count in theirs.items() if mine.get(name) != count
    }
    if wrong:
        raise RuntimeError(f"the two count differently (ours, by hand): {wrong}")
    return {name: count for name, count in theirs.items() if count}


def _me(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tests.bench.checks", *map(str, arguments)]


def _measured(folder: Path, rows: int, first: int) -> tuple[Cost, Cost, dict[str, int]]:
    """Costs of both sides, and what both found broken."""
    home = folder / f"home-{rows}"
    environment = {**os.environ, "KHOMO_HOME": str(home)}
    measure(_me("make", home, rows, first), environment)
    costs = tuple(measure(_me(side, home), environment) for side in ("ours", "plain"))
    counts = _compare(home)
    shutil.rmtree(home)
    return costs[0], costs[1], counts


def row(name: str, cost: Cost) -> str:
    """One line of the table."""
    return f"| {name} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.peak:,.0f} |"


def main() -> None:
    """Measure and print a Markdown table."""
    folder = Path(tempfile.mkdtemp(prefix="khomo-bench-"))
    try:
        small, small_plain, _ = _measured(folder, SMALL, SOUND)
        large, large_plain, none = _measured(folder, LARGE, SOUND)
        broken, _, counts = _measured(folder, LARGE, 0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if none or not counts:
        raise RuntimeError(f"found broken: {none} in sound rows, {counts} in others")
    mine, plainly = large - small, large_plain - small_plain
    print("| | wall s | CPU s | peak MiB |\n|---|---:|---:|---:|")
    print(row(f"all checks, {SMALL:,} rows (fixed cost)", small))
    print(row(f"by hand, {SMALL:,} rows", small_plain))
    print(row(f"all checks, {LARGE:,} rows", large))
    print(row(f"by hand, {LARGE:,} rows", large_plain))
    print(row(f"all checks, {LARGE:,} rows, {len(counts)} rules broken", broken))
    print(row("all checks, marginal", mine))
    print(row("by hand, marginal", plainly))
    print(
        f"\nall checks ÷ by hand, marginal: {mine.wall / plainly.wall:.2f} (wall),"
        f" {mine.cpu / plainly.cpu:.2f} (CPU); at most {RATIO}"
        f"\npeak of all checks: {max(large.peak, broken.peak):,.0f} MiB; at most {PEAK:,}"
        f"\nboth found broken: {', '.join(f'{name} {count}' for name, count in counts.items())}"
    )


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        {"ours": ours, "plain": plain}[sys.argv[1]](Path(sys.argv[2]))
