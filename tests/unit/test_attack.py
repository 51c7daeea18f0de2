"""The attack finds what follows from shown cells, and only that."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import sparse

from pipelines.contracts import load_published
from pipelines.quality.attack import check
from pipelines.quality.attack.bounds import ContradictionError, System, bounds, weak_counts
from pipelines.quality.attack.check import attack
from pipelines.quality.attack.tables import members, read_current, read_earlier

FAMILY = members(load_published().values(), "dossiers")
WIDTH = 5


def weak(rows: list[list[int]], sums: list[int], width: int = WIDTH) -> list[int]:
    system = System(sparse.csr_matrix(np.array(rows, dtype=float)), np.array(sums, dtype=float))
    return sorted(weak_counts(system, np.arange(len(rows[0])), width).tolist())


def test_one_unknown_in_a_sum_is_found_and_two_that_leave_room_are_not() -> None:
    assert weak([[1]], [3]) == [0]
    assert weak([[1, 1]], [12]) == []
    assert weak([[1, 1]], [4]) == [0, 1]
    assert weak([[1, 1]], [5]) == []


def test_a_sum_over_two_sums_is_seen_through() -> None:
    """a + b = 20, b + c = 20 and a + c = 20: each is 10, though no sum has one unknown."""
    assert weak([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [20, 20, 20]) == [0, 1, 2]


def test_an_unknown_total_protects_its_parts() -> None:
    assert weak([[1, -1, -1]], [0]) == []


def test_counts_that_cannot_be_are_a_contradiction() -> None:
    with pytest.raises(ContradictionError):
        weak([[1, 1]], [-1])


@pytest.mark.parametrize("seed", range(12))
def test_bounds_are_those_of_trying_every_count(seed: int) -> None:
    """Tables of 3 by 3 with known margins and four cells hidden, small enough to try them all."""
    chance = np.random.default_rng(seed)
    table = chance.integers(0, 4, (3, 3))
    cells = [divmod(int(cell), 3) for cell in chance.choice(9, 4, replace=False)]
    lines = [("row", place) for place in range(3)] + [("column", place) for place in range(3)]
    rows = [[int((i if kind == "row" else j) == place) for i, j in cells] for kind, place in lines]
    hidden = np.array([table[cell] for cell in cells])
    sums = [int(np.dot(row, hidden)) for row in rows]
    tries = np.array(list(itertools.product(range(10), repeat=len(cells))))
    fitting = tries[np.all(tries @ np.array(rows).T == sums, axis=1)]
    tried = [(int(values.min()), int(values.max())) for values in fitting.T]

    system = System(sparse.csr_matrix(np.array(rows, dtype=float)), np.array(sums, dtype=float))
    of_columns, of_rows = system.components()
    width = 2

    assert [bounds(system, of_columns, of_rows, i) for i in range(len(cells))] == tried
    assert weak(rows, sums, width) == [
        i for i, (low, high) in enumerate(tried) if high - low < width
    ]


DOSSIERS = """
    select
        '2024-0' || (1 + i % 3) as month,
        '2024-Q1' as quarter,
        'unit ' || (i % 7) as admin_unit_key,
        'province ' || (i % 7 // 5) as province_key,
        (1 + i // 2 % 2)::varchar as channel_code,
        (3 + i // 4 % 2)::varchar as service_level,
        'field ' || (i * i % 5) as procedure_field,
        i % 11 <> 0 as on_time
    from range(2000) t(i)
"""
TOTALS = """
    count(*) as received,
    count(*) filter (channel_code = '2') as received_online,
    count(*) filter (channel_code <> '2') as received_offline,
    count(*) as completed,
    count(*) filter (on_time) as completed_on_time,
    count(*) filter (not on_time) as completed_late,
    count(*) filter (on_time) as early,
    count(*) filter (not on_time) as late,
    0 as on_time, 0 as open_in_time, 0 as open_overdue, 0 as paused, 0 as withdrawn,
    0 as not_judged
"""


@pytest.fixture
def world() -> Iterator["World"]:
    with duckdb.connect() as connection:
        yield World(connection)


class World:
    """The four tables of dossiers with nothing hidden, to hide cells in by hand."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.tables: dict[str, str] = {}
        for member in FAMILY:
            keys = {column.name for column in member.key} | {
                name for name in ("province_key",) if "province" in member.rule["dimensions"]
            }
            relation = member.name.replace("-", "_")
            connection.execute(
                f"create table {relation} as select {', '.join(sorted(keys))}, {TOTALS}"
                f" from ({DOSSIERS}) group by {', '.join(sorted(keys))}"
            )
            self.tables[member.name] = relation

    def hide(self, dataset: str, measures: str, where: str) -> None:
        values = ", ".join(f"{name.strip()} = null" for name in measures.split(","))
        done = self.connection.execute(
            f"update {self.tables[dataset]} set {values} where {where}"
        ).fetchone()
        assert done is not None
        assert done[0] > 0

    def release(self, releases: Path, dataset: str, version: str) -> None:
        folder = releases / dataset / version
        folder.mkdir(parents=True)
        self.connection.execute(
            f"copy {self.tables[dataset]} to '{folder}/{dataset}.parquet' (format parquet)"
        )

    def found(self, releases: Path | None = None) -> list[tuple[str, str, str]]:
        read_current(self.connection, self.tables, FAMILY)
        read_earlier(self.connection, releases, FAMILY)
        ids = attack(self.connection, WIDTH)
        return [
            (str(dataset), str(row), str(measure))
            for dataset, row, measure in self.connection.execute(
                "select dataset, row_key, measure from unknowns"
                " where list_contains(?::bigint[], id) order by all",
                [ids],
            ).fetchall()
        ]


UNIT, CHANNEL, FIELD, STATUS = (
    "dossiers-by-unit",
    "dossiers-by-channel",
    "dossiers-by-field",
    "dossiers-by-status",
)


def test_nothing_hidden_is_nothing_found(world: World) -> None:
    assert world.found() == []


def test_equations_beyond_what_was_measured_are_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hide(CHANNEL, "completed_late", "month = '2024-01' and channel_code = '1'")
    monkeypatch.setattr(check, "MOST_TERMS", 3)

    with pytest.raises(ValueError, match=r"the equations have \d+ terms, more than 3"):
        world.found()


def test_a_part_follows_from_its_row(world: World) -> None:
    world.hide(CHANNEL, "completed_late", "month = '2024-01' and channel_code = '1'")
    found = world.found()
    assert {(dataset, measure) for dataset, _, measure in found} == {(CHANNEL, "completed_late")}
    assert len(found) == 4


def test_parts_hidden_together_hold_until_another_table_tells(world: World) -> None:
    """Two fields of one month: their sum is known, each of them is not."""
    both = "month = '2024-02' and procedure_field in ('field 0', 'field 1')"
    world.hide(FIELD, "completed_on_time, completed_late", both)
    assert world.found() == []

    world.hide(FIELD, "received, received_online, received_offline", both)
    assert {measure for _, _, measure in world.found()} == {"received"}  # by state it is shown

    world.hide(STATUS, "received, early, late", both)
    assert world.found() == []


def test_a_total_of_another_table_gives_a_cell_away(world: World) -> None:
    """Two units are hidden together, but in two provinces, and by channel each has its total."""
    counts = "completed, completed_on_time, completed_late"
    world.hide(UNIT, counts, "admin_unit_key in ('unit 4', 'unit 5')")
    found = {(dataset, measure) for dataset, _, measure in world.found()}
    assert found == {(UNIT, name.strip()) for name in counts.split(",")}

    world.hide(UNIT, counts, "admin_unit_key in ('unit 3', 'unit 6')")
    assert world.found() == []


def test_what_an_earlier_release_showed_is_known_and_gives_others_away(
    world: World, tmp_path: Path
) -> None:
    world.hide(UNIT, "received, received_online", "admin_unit_key in ('unit 1', 'unit 2')")
    assert world.found() == []

    with duckdb.connect() as before:
        earlier = World(before)
        earlier.hide(UNIT, "received, received_online", "admin_unit_key = 'unit 1'")
        earlier.release(tmp_path, UNIT, "2024-04-01-0123456789ab")

    # unit 2 is out and no finding; unit 1 follows from it
    assert world.found(tmp_path) == [
        (UNIT, "2024-Q1|unit 1", "received"),
        (UNIT, "2024-Q1|unit 1", "received_online"),
    ]


def test_a_row_that_changed_since_tells_nothing(world: World, tmp_path: Path) -> None:
    world.hide(UNIT, "received, received_online", "admin_unit_key in ('unit 1', 'unit 2')")
    with duckdb.connect() as before:
        earlier = World(before)
        before.execute("update dossiers_by_unit set received_offline = received_offline - 1")
        earlier.release(tmp_path, UNIT, "2024-04-01-0123456789ab")

    assert world.found(tmp_path) == []


def test_earlier_figures_that_contradict_the_tables_are_left_aside(
    world: World, tmp_path: Path
) -> None:
    """The row shows nothing in common with its earlier self, and its figures no longer fit."""
    everything = ", ".join(next(member for member in FAMILY if member.name == UNIT).measures)
    world.hide(UNIT, everything, "admin_unit_key in ('unit 1', 'unit 2')")
    with duckdb.connect() as before:
        earlier = World(before)
        before.execute("update dossiers_by_unit set received = received + 1000")
        earlier.release(tmp_path, UNIT, "2024-04-01-0123456789ab")

    assert world.found(tmp_path) == []


def test_the_same_attack_is_made_once_for_all_tables(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    right = check.weak_counts

    def counted(*given: Any) -> Any:
        calls.append(given)
        return right(*given)

    monkeypatch.setattr(check, "weak_counts", counted)
    world.hide(FIELD, "received", "procedure_field = 'field 4' and month = '2024-03'")
    assert world.found() == world.found() != []
    assert len(calls) == 1
