"""Pages that were read survive whatever cut the reading off, and nothing half-written counts."""

from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.connectors.pages import Page, PageStore

ASKED = {"question": "x", "resource": "a.zip", "since": None}


def fill(folder: Path, count: int) -> PageStore:
    store = PageStore(folder)
    store.resume(ASKED)
    for number in range(1, count + 1):
        body = b'{"n": %d}' % number
        store.add(body, Page(number, number, number + 1, 1, str(number)))
    return store


def test_pages_are_taken_up_again_by_who_asks_the_same(tmp_path: Path) -> None:
    written = fill(tmp_path / "p", 3)
    again = PageStore(tmp_path / "p")
    assert again.resume(ASKED) is None
    assert again.pages == written.pages
    other = PageStore(tmp_path / "p")
    assert other.resume({**ASKED, "since": "1"}) == "the contract, or what is stored, changed since"
    assert other.pages == []
    assert PageStore(tmp_path / "p").resume(ASKED) is None


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_line_that_was_cut_short_does_not_count(tmp_path: Path, cut: int) -> None:
    fill(tmp_path / "p", 3)
    journal = tmp_path / "p" / "progress.jsonl"
    journal.write_bytes(journal.read_bytes()[:-cut])
    again = PageStore(tmp_path / "p")
    assert again.resume(ASKED) is None
    assert [page.number for page in again.pages] == [1, 2]
    again.add(b"{}", Page(3, 3, None, 0, "", last=True))
    last = PageStore(tmp_path / "p")
    last.resume(ASKED)
    assert [page.number for page in last.pages] == [1, 2, 3]


@given(length=st.integers(0, 700))
def test_a_journal_cut_off_anywhere_gives_whole_pages_or_none(
    length: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cut") / "p"
    fill(folder, 2)
    journal = folder / "progress.jsonl"
    journal.write_bytes(journal.read_bytes()[:length])
    again = PageStore(folder)
    again.resume(ASKED)
    assert [page.number for page in again.pages] == list(range(1, len(again.pages) + 1))
    assert all(path.read_bytes() for path in again.paths)


def test_the_same_pages_are_the_same_archive(tmp_path: Path) -> None:
    for name in "ab":
        fill(tmp_path / name, 12).pack(tmp_path / f"{name}.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == [f"{number:06}.json" for number in range(1, 13)]
        assert archive.read("000012.json") == b'{"n": 12}'


def test_what_lies_in_the_folder_is_its_owners(tmp_path: Path) -> None:
    fill(tmp_path / "p", 1)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "p").iterdir()} == {0}
