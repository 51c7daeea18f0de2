"""A folder's files are read when they may have changed, and only then."""

import os
from pathlib import Path

import pytest

from pipelines.contracts.load import load_sources
from pipelines.ingest import raw
from pipelines.ingest.connectors import PullError
from pipelines.ledger import Ledger
from pipelines.settings import Home


def pull(folder: Path, home: Home, ledger: Ledger) -> raw.Pull:
    return raw.pull(load_sources(folder.parent)[folder.name], home, ledger)


def known_by(ledger: Ledger) -> list[str]:
    return [row["known_by"] for row in ledger.rows("select known_by from pulls order by id")]


def test_a_file_nobody_touched_is_not_read_again(things: Path, home: Home, ledger: Ledger) -> None:
    path = things / "sample" / "a.csv"
    path.write_text("Mã,Số tiền\n00001,1\n", encoding="utf-8")
    first = pull(things, home, ledger)
    again = pull(things, home, ledger)
    assert (again.files, again.new) == (first.files, 0)
    assert known_by(ledger) == ["first", "stat"]


def test_a_change_that_keeps_size_and_modification_time_is_seen(
    things: Path, home: Home, ledger: Ledger
) -> None:
    path = things / "sample" / "a.csv"
    path.write_text("Mã,Số tiền\n00001,1\n", encoding="utf-8")
    pull(things, home, ledger)
    before = path.stat()
    path.write_text("Mã,Số tiền\n00001,2\n", encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert pull(things, home, ledger).new == 1


def test_a_touched_file_with_the_same_bytes_is_unchanged_by_checksum(
    things: Path, home: Home, ledger: Ledger
) -> None:
    path = things / "sample" / "a.csv"
    path.write_text("Mã,Số tiền\n00001,1\n", encoding="utf-8")
    pull(things, home, ledger)
    path.touch()
    assert pull(things, home, ledger).new == 0
    assert known_by(ledger) == ["first", "checksum"]


def test_a_stored_file_that_went_missing_is_read_again(
    things: Path, home: Home, ledger: Ledger
) -> None:
    path = things / "sample" / "a.csv"
    path.write_text("Mã,Số tiền\n00001,1\n", encoding="utf-8")
    [file] = pull(things, home, ledger).files
    raw.blob(home, "things", file.sha256).unlink()
    pull(things, home, ledger)
    assert raw.blob(home, "things", file.sha256).exists()


def test_a_file_written_to_while_it_is_copied_is_refused_and_the_last_pull_stays(
    things: Path, home: Home, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = things / "sample" / "a.csv"
    path.write_text("Mã,Số tiền\n00001,1\n", encoding="utf-8")
    first = pull(things, home, ledger)
    path.write_text("Mã,Số tiền\n00001,1\n00002,", encoding="utf-8")
    from pipelines.ingest.connectors import local

    copy = local.shutil.copyfileobj

    def copy_while_the_sender_writes(source: object, target: object, length: int) -> None:
        copy(source, target, length)  # type: ignore[arg-type]
        with path.open("a", encoding="utf-8") as late:
            late.write("5\n")

    monkeypatch.setattr(local.shutil, "copyfileobj", copy_while_the_sender_writes)
    with pytest.raises(PullError, match="written to while it was copied"):
        pull(things, home, ledger)
    kept = raw.current(home, "things")
    assert kept is not None and kept.files == first.files
