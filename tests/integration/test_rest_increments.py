"""Tables of an API that grow by increments, and pulls that were cut off and go on."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from pipelines.contracts import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.connectors import PullError
from pipelines.ingest.readers import documents
from pipelines.ledger import Ledger
from pipelines.orchestration.ingest_assets import source_assets
from pipelines.orchestration.run_lock import RunLock
from pipelines.settings import Home
from tests.integration.killable import Zygote
from tests.integration.rest_api import CODE, GROWS, PAGE, Api, Source, codes, dossier, misbehave
from tests.integration.upstream import Upstream, as_json, serve


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serve() as server:
        yield server


@pytest.fixture
def api(upstream: Upstream) -> Api:
    made = Api(upstream)
    made.records = [dossier(number, day=1 + number // 3, fee=number) for number in range(8)]
    return made


@pytest.fixture
def source(tmp_path: Path, api: Api, home: Home, ledger: Ledger) -> Source:
    return Source(tmp_path / "sources", api, home, ledger)


# Increments


def test_the_next_pull_asks_from_the_greatest_watermark_less_the_overlap(
    source: Source, api: Api
) -> None:
    source.write(incremental=GROWS)
    api.records = [dossier(1, day=2), dossier(2, day=10), dossier(3, day=9)]
    source.pull()
    api.records += [dossier(4, day=9), dossier(5, day=12)]
    done = source.pull()
    assert [query["tu_ngay"] for query in api.asked() if query["trang"] == "1"] == [
        "01/10/2026",  # the contract's `start`
        "09/10/2026",  # as dates, 10 October is the greatest; as text it were the 9th or the 2nd
    ]
    assert [(file.resource, file.watermark) for file in done.files] == [
        ("dossiers-000001.zip", "10/10/2026 08:00:00"),
        ("dossiers-000002.zip", "12/10/2026 08:00:00"),
    ]
    landed = source.land()
    assert (landed.pulled, landed.accepted, landed.superseded_rows) == (7, 7, 2)
    assert [row[0] for row in source.rows()] == codes(1, 2, 3, 4, 5)
    facts = source.ledger.rows("select resource, watermark, pages, known_by from pulls order by id")
    assert [tuple(row.values()) for row in facts] == [
        ("dossiers-000001.zip", "10/10/2026 08:00:00", 2, "first"),
        ("dossiers-000002.zip", "12/10/2026 08:00:00", 3, "watermark"),
    ]


def test_an_increment_that_brings_nothing_new_is_not_stored(source: Source, api: Api) -> None:
    source.write(incremental=GROWS)
    api.records = [dossier(1, day=2), dossier(2, day=10)]
    first = source.pull()
    api.records = []
    assert source.pull().files == first.files
    api.records = [dossier(2, day=10)]  # the overlap once more: other bytes than the first time
    second = source.pull()
    assert len(second.files) == 2
    assert source.pull().files == second.files  # and now the same
    assert source.land().superseded_rows == 1
    assert not source.progress.exists()
    held = {file.sha256 for file in second.files} | {"current.json"}
    assert {path.name for path in (source.home.raw / "lgsp").iterdir()} == held


def test_a_first_increment_without_records_stores_nothing(source: Source, api: Api) -> None:
    source.write(incremental=GROWS)
    api.records = []
    assert source.pull().files == ()
    assert source.land().files == ()
    api.records = [dossier(1, day=3)]
    assert [file.resource for file in source.pull().files] == ["dossiers-000001.zip"]


def test_of_a_record_that_came_again_the_newest_version_counts(source: Source, api: Api) -> None:
    source.write(incremental={**GROWS, "overlap": "30 days"})

    def pull(*records: dict[str, Any]) -> landing.Landing:
        api.records = list(records)
        source.pull()
        return source.land()

    pull(dossier(1, 5, fee=1), dossier(2, 6, fee=1), dossier(3, 7, fee=1))
    pull(dossier(1, 8, fee=2), dossier(2, 6, fee=2))  # 2: the same time, but a later increment
    done = pull(dossier(1, 4, fee=3), dossier(3, 7, fee=1), dossier(4, 4, fee=1))  # 1: older
    assert (done.accepted, done.quarantined, done.superseded_rows) == (8, 0, 4)
    assert source.rows() == [
        (CODE.format(1), 2, "dossiers-000002.zip"),
        (CODE.format(2), 2, "dossiers-000002.zip"),
        (CODE.format(3), 1, "dossiers-000003.zip"),
        (CODE.format(4), 1, "dossiers-000003.zip"),
    ]


def test_a_record_that_changes_while_it_is_read_counts_once_and_newest(
    source: Source, api: Api
) -> None:
    source.write(incremental=GROWS)
    api.records = [dossier(1, 5, fee=1), dossier(2, 5), dossier(3, 5), dossier(1, 6, fee=2)]
    source.pull()
    done = source.land()
    assert (done.accepted, done.quarantined, done.superseded_rows) == (4, 0, 1)
    assert source.rows()[0] == (CODE.format(1), 2, "dossiers-000001.zip")


def test_superseded_rows_are_the_same_however_they_were_found(source: Source, api: Api) -> None:
    """Increment by increment, or all at once after the contract changed."""
    source.write(incremental={**GROWS, "overlap": "30 days"})
    for step in range(4):
        api.records = [
            dossier(number, day=1 + (number * 7 + step * 5) % 25, fee=step)
            for number in range(step, 12 + step, 1 + step % 2)
        ]
        source.pull()
        piecemeal = source.land()
    rows = source.rows()
    assert len(piecemeal.superseded) == 4
    source.write(incremental={**GROWS, "overlap": "29 days"})
    at_once = source.land()
    assert len(at_once.superseded) == 1
    assert at_once.superseded_rows == piecemeal.superseded_rows > 0
    assert source.rows() == rows
    assert len({row[0] for row in rows}) == len(rows) == at_once.accepted - at_once.superseded_rows


def test_a_time_in_the_future_does_not_end_all_increments(source: Source, api: Api) -> None:
    source.write(incremental=GROWS)
    slip = {**dossier(1), "cap_nhat_luc": "05/10/2926 08:00:00"}
    api.records = [slip, dossier(2, day=9), {**dossier(3), "cap_nhat_luc": "hôm qua"}]
    [file] = source.pull().files
    assert file.watermark == "09/10/2026 08:00:00"
    done = source.land()
    assert (done.pulled, done.accepted, done.reasons) == (3, 2, {"updated_at: type": 1})


def test_a_number_can_be_the_watermark(source: Source, api: Api) -> None:
    grows = {"watermark": "fee_vnd", "parameter": "tu_so", "overlap": 5}
    source.write(incremental=grows, paginate=None, params={"so_luong": 99})
    api.records = [dossier(1, fee=9), dossier(2, fee=100)]
    source.pull()
    api.records = [dossier(3, fee=101)]
    source.pull()
    assert [query.get("tu_so") for query in api.asked()] == [None, "95"]


def test_tables_of_one_api_grow_independently(source: Source, api: Api, home: Home) -> None:
    source.write(incremental=GROWS, tables=("dossiers", "dossiers_2"))
    done = source.pull()
    assert [file.resource for file in done.files] == [
        "dossiers-000001.zip",
        "dossiers_2-000001.zip",
    ]
    assert source.land().accepted == 16


def test_a_field_that_all_records_of_an_increment_lack_may_be_optional(
    source: Source, api: Api
) -> None:
    source.write(incremental=GROWS, optional=("fee_vnd",))
    source.pull()
    api.records = [{"ma_ho_so": CODE.format(99), "cap_nhat_luc": "20/10/2026 08:00:00"}]
    source.pull()
    assert source.land().accepted == 9
    assert source.rows()[-1] == (CODE.format(99), None, "dossiers-000002.zip")


def test_rows_are_numbered_through_all_pages_however_many_are_parsed_at_once(
    source: Source, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "_AT_ONCE", 1)
    source.write(incremental=GROWS)
    api.records[4]["cap_nhat_luc"] = "hôm qua"
    source.pull()
    source.land()
    [rows] = [str(path) for path in (source.home.landed / "lgsp").glob("dossiers/[!s]*.parquet")]
    assert duckdb.sql(f"select _row, fee_vnd from '{rows}' order by all").fetchall() == [
        (number + 1, number) for number in range(8) if number != 4
    ]


def test_the_landed_asset_shows_how_many_rows_were_superseded(
    source: Source, api: Api, home: Home
) -> None:
    source.write(incremental=GROWS)
    api.records = [dossier(1, 5), dossier(2, 5), dossier(3, 5), dossier(1, 6)]
    assets = source_assets(load_sources(source.folder)["lgsp"])
    with dg.DagsterInstance.local_temp(str(home.dagster)) as instance:
        done = dg.materialize(assets, instance=instance, resources={"run_lock": RunLock()})
        [event] = done.asset_materializations_for_node("land_lgsp")
    facts = {name: value.value for name, value in event.metadata.items()}
    assert (facts["pulled"], facts["superseded"], facts["dagster/row_count"]) == (4, 1, 3)


# Going on after a kill


def test_a_changed_contract_or_a_day_begins_the_pages_again_and_says_so(
    source: Source, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off() -> None:
        api.before = misbehave(3, as_json({}, status=403))
        with pytest.raises(PullError):
            source.pull()
        api.before = lambda _number: None
        source.said.clear()
        api.upstream.asked.clear()

    broken_off()
    source.pull()
    assert source.said[0] == "lgsp: dossiers.zip goes on after page 2"
    broken_off()
    source.write(params={"loai": "moi"})
    source.pull()
    assert source.said[0].endswith("the contract, or what is stored, changed since")
    assert [query["trang"] for query in api.asked()] == ["1", "2", "3", "4"]
    broken_off()
    monkeypatch.setenv("KHOMO_NOW", "2026-11-02T09:00:01+07:00")
    source.pull()
    assert source.said[0].endswith("they are older than a day")
    broken_off()
    (source.progress / "000002.json").write_bytes(b"{}")
    source.pull()
    assert source.said[0].endswith("a page on disk is damaged")
    assert source.land().accepted == 8


def test_a_cursor_that_expired_begins_the_pages_again_and_says_so(source: Source, api: Api) -> None:
    source.write(paginate={"kind": "cursor", "next": "meta.cursor"})
    gone = as_json({"error": "cursor expired"}, status=410)
    api.before = misbehave(2, gone)
    with pytest.raises(PullError, match="answered 410"):
        source.pull()
    answers = [gone]
    api.before = lambda number: answers.pop() if number == 2 and answers else None
    source.pull()
    assert "lgsp: dossiers.zip is read from the beginning: the API forgot where it was" in "".join(
        source.said
    )
    assert source.land().accepted == 8


def test_a_table_that_is_complete_is_not_asked_again_because_another_failed(
    source: Source, api: Api, upstream: Upstream
) -> None:
    source.write(tables=("dossiers", "dossiers_2"), incremental=GROWS)
    second = len(api.records) // 3 + 2  # requests of the first table: its last page is empty
    api.before = lambda _n: as_json({}, status=403) if len(api.asked()) > second else None
    with pytest.raises(PullError, match="answered 403"):
        source.pull()
    assert source.files() == ()
    asked = len(api.asked())
    api.before = lambda _number: None
    source.pull()
    assert len(api.asked()) - asked == second
    assert source.land().accepted == 16


def test_kills_between_pages_and_inside_their_writes_lose_and_duplicate_nothing(
    source: Source, api: Api, tmp_path: Path
) -> None:
    pages, size = 14, 50
    source.write(paginate={**PAGE, "size": size, "total": "meta.total"}, incremental=GROWS)
    api.records = [
        dossier(number, day=1 + number % 28, fee=number) for number in range(pages * size)
    ]
    api.change = lambda said: {**said, "ghi_chu": "Đã trả kết quả. " * 100_000}
    [expected] = _pull_undisturbed(source, tmp_path)
    api.upstream.asked.clear()
    started = Zygote(source.home, "ingest", str(source.folder), "lgsp")
    children: list[int] = []
    inside = between = 0
    try:
        for kill in range(pages - 2):
            done = _pages_done(source)
            kill_at = done + 2 if kill % 3 == 2 else 0
            api.before = partial(_kill_at, children, kill_at)
            children[:] = [started.begin()]
            deadline = time.monotonic() + 20
            drafts = set(source.progress.glob(".0*"))
            while not kill_at and time.monotonic() < deadline:
                if set(source.progress.glob(".0*")) - drafts:
                    _kill(children)
                    break
            if started.ended() != signal.SIGKILL:
                break
            left = set(source.progress.glob(".0*")) - drafts
            inside, between = inside + bool(left), between + (not left)
            assert raw.current(source.home, "lgsp") is None
    finally:
        started.process.kill()
        started.process.communicate(timeout=30)
    assert inside >= 5, f"only {inside} kills were inside the write of a page"
    assert between >= 3
    api.before = lambda _number: None
    [file] = source.pull().files
    assert (file.sha256, file.watermark) == (expected.sha256, expected.watermark)
    asked = [int(query["trang"]) for query in api.asked()]
    assert asked == sorted(asked)  # no page that was complete is asked for again
    assert set(asked) == set(range(1, pages + 1))
    landed = source.land()
    assert (landed.accepted, landed.quarantined, landed.superseded_rows) == (pages * size, 0, 0)


def _pull_undisturbed(source: Source, folder: Path) -> tuple[raw.RawFile, ...]:
    """What an undisturbed pull stores, in a home of its own."""
    other = Home(folder / "undisturbed").create()
    return raw.pull(load_sources(source.folder)["lgsp"], other, Ledger(other.ledger)).files


def _pages_done(source: Source) -> int:
    """How many pages are complete in the progress folder."""
    journal = source.progress / "progress.jsonl"
    return journal.read_bytes().count(b"\n") - 1 if journal.exists() else 0


def _kill_at(children: list[int], page: int, number: int) -> None:
    if number == page:
        _kill(children)


def _kill(children: list[int]) -> None:
    with contextlib.suppress(ProcessLookupError, IndexError):
        os.kill(children.pop(), signal.SIGKILL)
