"""Packed files are read as if they were not packed, and archives that mean harm are refused."""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from pipelines.contracts import Table, Text, load_sources
from pipelines.contracts.archive import problems
from pipelines.ingest import landing, raw
from pipelines.ingest.readers import ReadError
from pipelines.ingest.unpack import plain_files
from pipelines.ledger import Ledger
from pipelines.settings import Home

BODY = "Mã,Số tiền\n00001,1\n00002,2\n".encode()


def table(**archive: Any) -> Table:
    said = {"archive": archive} if archive else {}
    text = Text("", "")
    return Table("things", "things", text, text, "", (), said, ())


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return target.getvalue()


def zstd(body: bytes) -> bytes:
    target = pa.BufferOutputStream()
    with pa.CompressedOutputStream(target, "zstd") as packed:
        packed.write(body)
    return bytes(target.getvalue())


def read(tmp_path: Path, body: bytes, **archive: Any) -> list[bytes]:
    """What comes out of a file with these bytes; nothing may stay behind."""
    path, folder = tmp_path / "blob", tmp_path / "work"
    path.write_bytes(body)
    folder.mkdir(exist_ok=True)
    try:
        with plain_files(path, table(**archive), "source s, file f", folder) as files:
            return [file.read_bytes() for file in files]
    finally:
        assert path.read_bytes() == body
        assert not list(folder.iterdir())


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda body: body,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
    "zip": lambda body: zipped({"data.csv": body}),
}


@pytest.mark.parametrize("how", PACKERS)
def test_a_packed_file_is_read_as_it_was(tmp_path: Path, how: str) -> None:
    assert read(tmp_path, PACKERS[how](BODY)) == [BODY]


def test_parts_packed_one_after_the_other_are_one_file(tmp_path: Path) -> None:
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert read(tmp_path, pack(BODY[:9]) + pack(BODY[9:])) == [BODY]


@pytest.mark.parametrize("how", ["gzip", "bzip2", "xz", "zstd", "zip"])
def test_a_packed_file_that_is_cut_or_damaged_is_refused(tmp_path: Path, how: str) -> None:
    packed = PACKERS[how](BODY * 50)
    middle = len(packed) // 2
    flipped = packed[:middle] + bytes([packed[middle] ^ 255]) + packed[middle + 1 :]
    checked = how != "zstd"  # its checksum is optional, and pyarrow writes none
    for bad in (packed[:-1], packed[:middle], *([flipped] if checked else [])):
        with pytest.raises(ReadError, match=r"source s, file f: .*sender"):
            read(tmp_path, bad)


def test_members_come_in_name_order_and_by_pattern(tmp_path: Path) -> None:
    packed = zipped(
        {
            "pages/2.json": b"2",
            "pages/1.json": b"1",
            "pages/more/3.json": b"3",
            "Đọc.txt": b"read me",
            "__MACOSX/pages/._1.json": b"litter",
        }
    )
    assert read(tmp_path, packed, member="pages/*.json") == [b"1", b"2"]
    assert read(tmp_path, packed, member="*.json") == [b"1", b"2", b"3"]
    assert read(tmp_path, packed, member="pages/2.json") == [b"2"]
    assert read(tmp_path, packed, member="Đọc.txt") == [b"read me"]


def test_the_only_file_needs_no_name_and_litter_does_not_count(tmp_path: Path) -> None:
    packed = zipped({"a/": b"", "a/data.csv": BODY, "a/Thumbs.db": b"", "__MACOSX/a/x": b""})
    assert read(tmp_path, packed) == [BODY]


def test_which_file_is_meant_is_never_guessed(tmp_path: Path) -> None:
    packed = zipped({"2024.csv": BODY, "2025.csv": BODY})
    with pytest.raises(ReadError, match=r"not just one file: '2024\.csv', '2025\.csv'.*member"):
        read(tmp_path, packed)
    with pytest.raises(ReadError, match=r"no file that fits '2026\.csv'"):
        read(tmp_path, packed, member="2026.csv")
    with pytest.raises(ReadError, match="no file"):
        read(tmp_path, zipped({}))


def test_names_in_utf_8_are_known_even_where_the_archive_does_not_say_so(tmp_path: Path) -> None:
    body = zipped({"so lieu.csv": BODY, "x.csv": b""})
    name = "số lieu.csv".encode()[:-2]  # as long as the name it takes the place of
    packed = body.replace(b"so lieu.csv", name)
    assert read(tmp_path, packed, member="số lieu.c") == [BODY]


@pytest.mark.parametrize("how", ["gzip", "bzip2", "xz", "zstd", "zip"])
def test_an_archive_made_to_fill_the_disk_is_refused(tmp_path: Path, how: str) -> None:
    bomb = PACKERS[how](b"0" * (17 << 20))
    with pytest.raises(ReadError, match=r"each packed byte becomes more.*maxRatio"):
        read(tmp_path, bomb)
    with pytest.raises(ReadError, match=r"more than 1000 bytes come out.*maxBytes"):
        read(tmp_path, bomb, maxBytes=1000)


def test_a_size_that_the_archive_states_falsely_is_not_believed(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.csv": b"1" * 5000}))
    for start in (packed.find(b"PK\x03\x04") + 22, packed.find(b"PK\x01\x02") + 24):
        packed[start : start + 4] = (10).to_bytes(4, "little")
    with pytest.raises(ReadError):
        read(tmp_path, bytes(packed), maxBytes=1000)


def test_sizes_of_all_members_count_together(tmp_path: Path) -> None:
    packed = zipped({f"{n}.csv": b"1" * 600 for n in range(2)})
    with pytest.raises(ReadError, match="more than 1000 bytes"):
        read(tmp_path, packed, member="*.csv", maxBytes=1000)


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:/evil.csv"]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReadError, match="leads out of it"):
        read(tmp_path, zipped({"data.csv": BODY, name: b"evil"}), member="data.csv")
    assert not list(tmp_path.rglob("*evil*"))


def test_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("data.csv")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ReadError, match="is a link"):
        read(tmp_path, target.getvalue())


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped({"data.csv": BODY}))
    for start in (packed.find(b"PK\x03\x04") + 6, packed.find(b"PK\x01\x02") + 8):
        packed[start] |= 1
    with pytest.raises(ReadError, match=r"'data\.csv' is encrypted"):
        read(tmp_path, bytes(packed))


@pytest.mark.parametrize("inner", ["gzip", "zip", "xz"])
def test_archives_in_archives_are_refused(tmp_path: Path, inner: str) -> None:
    for outer in ("gzip", "zip"):
        with pytest.raises(ReadError, match=rf"another archive \({inner}\)"):
            read(tmp_path, PACKERS[outer](PACKERS[inner](BODY)))


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    packed = zipped({f"{n}.csv": b"" for n in range(10_001)})
    with pytest.raises(ReadError, match="holds 10,001 files"):
        read(tmp_path, packed, member="1.csv")


def test_a_list_of_files_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    packed = bytearray(zipped({"data.csv": BODY}))
    end = packed.rfind(b"PK\x05\x06")
    packed[end + 12 : end + 16] = (9 << 20).to_bytes(4, "little")
    with pytest.raises(ReadError, match=r"list of files alone has 9,437,184 bytes"):
        read(tmp_path, bytes(packed))


def test_a_workbook_is_no_archive_but_may_be_in_one(tmp_path: Path) -> None:
    workbook = Workbook()
    target = io.BytesIO()
    workbook.save(target)
    assert read(tmp_path, target.getvalue()) == [target.getvalue()]
    assert read(tmp_path, zipped({"book.xlsx": target.getvalue()})) == [target.getvalue()]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    how=st.sampled_from(["gzip", "bzip2", "xz", "zstd", "zip"]),
    cuts=st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=3)), max_size=4),
)
def test_whatever_happens_to_an_archive_it_is_read_or_refused(
    tmp_path: Path, how: str, cuts: list[tuple[int, bytes]]
) -> None:
    packed = PACKERS[how](BODY * 20)
    for somewhere, piece in cuts:
        place = somewhere % len(packed)
        packed = packed[:place] + piece + packed[place + len(piece) :]
    try:
        read(tmp_path, packed)
    except ReadError as error:
        assert str(error).startswith("source s, file f: ")


def test_a_packed_source_lands_like_a_plain_one(things: Path, home: Home, ledger: Ledger) -> None:
    (things / "sample" / "a.csv").write_bytes(zipped({"year/a.csv": BODY}))
    contract = load_sources(things.parent)["things"]
    pulled = raw.pull(contract, home, ledger)
    done = landing.land(contract, home, ledger)
    assert (done.accepted, done.quarantined) == (2, 0)
    assert raw.blob(home, "things", pulled.files[0].sha256).read_bytes()[:2] == b"PK"
    assert {p.name for p in (home.landed / "things").iterdir()} == {"things", "current.json"}


def test_several_members_of_a_format_read_from_one_file_are_refused(
    things: Path, home: Home, ledger: Ledger
) -> None:
    (things / "sample" / "a.csv").write_bytes(zipped({"1.csv": BODY, "2.csv": BODY}))
    path = things / "contract.yaml"
    asked = "- {property: archive, value: {member: '*.csv'}}\n  "
    text = path.read_text(encoding="utf-8")
    place = text.index("- property: resource")
    path.write_text(text[:place] + asked + text[place:], encoding="utf-8")
    contract = load_sources(things.parent)["things"]
    assert list(problems(contract)) == []
    raw.pull(contract, home, ledger)
    with pytest.raises(ReadError, match="2 files where csv must be one"):
        landing.land(contract, home, ledger)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("*.csv", "must be a mapping"),
        ({"members": "*.csv"}, "members is not one of"),
        ({"member": ""}, "member is the name"),
        ({"maxRatio": "high"}, "maxRatio is a number"),
    ],
)
def test_mistakes_in_the_contract_are_named(things: Path, said: Any, complaint: str) -> None:
    contract = load_sources(things.parent)["things"]
    broken = replace(contract.tables[0], properties={"archive": said})
    found = list(problems(replace(contract, tables=(broken,))))
    assert len(found) == 1
    assert complaint in found[0]
