"""Whatever bytes a sender sends, a reader lands them whole, refuses them, or sets rows aside."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.arrival import ArrivalError
from pipelines.ingest.connectors import PullError
from pipelines.ingest.landing import LandingError
from pipelines.ingest.readers import ReadError
from pipelines.ledger import Ledger
from pipelines.settings import Home
from tests.conftest import write_contract

ROWS = [(f"{number:05}", str(number)) for number in range(1, 21)]
CLEAR = (ReadError, PullError, LandingError, ArrivalError)


def csv_bytes() -> bytes:
    return ("Mã,Số tiền\n" + "".join(f"{code},{amount}\n" for code, amount in ROWS)).encode()


def json_bytes() -> bytes:
    return json.dumps([{"Mã": code, "Số tiền": amount} for code, amount in ROWS]).encode()


def ndjson_bytes() -> bytes:
    return "\n".join(json.dumps({"Mã": code, "Số tiền": n}) for code, n in ROWS).encode()


def geojson_bytes() -> bytes:
    features = [
        {"type": "Feature", "properties": {"Mã": code, "Số tiền": amount}, "geometry": None}
        for code, amount in ROWS
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def xlsx_bytes() -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in [("Mã", "Số tiền"), *ROWS]:
        sheet.append(row)
    book.save(file)
    return file.getvalue()


def parquet_bytes() -> bytes:
    values = ", ".join(f"('{code}', '{amount}')" for code, amount in ROWS)
    relation = duckdb.sql(f'select * from (values {values}) as t("Mã", "Số tiền")').to_arrow_table()
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(relation, file)
    return file.getvalue()


def gzip_bytes() -> bytes:
    return gzip.compress(csv_bytes(), mtime=0)


def zip_bytes() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data.csv", csv_bytes())
    return file.getvalue()


FORMATS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "csv": ("csv", csv_bytes),
    "json": ("json", json_bytes),
    "ndjson": ("ndjson", ndjson_bytes),
    "geojson": ("geojson", geojson_bytes),
    "xlsx": ("xlsx", xlsx_bytes),
    "parquet": ("parquet", parquet_bytes),
    "csv.gz": ("csv", gzip_bytes),
    "csv.zip": ("csv", zip_bytes),
}


@st.composite
def mutations(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """A few changes to a file: (kind, place as a share of its length in 1/1000, value)."""
    kinds = st.sampled_from(["flip", "cut", "insert", "double", "drop", "nul", "quote", "newline"])
    places, values = st.integers(0, 999), st.integers(0, 255)
    return draw(st.lists(st.tuples(kinds, places, values), min_size=1, max_size=4))


def mutated(data: bytes, changes: list[tuple[str, int, int]]) -> bytes:
    for kind, place, value in changes:
        at = len(data) * place // 1000
        head, tail = data[:at], data[at:]
        piece = tail[: 1 + value % 40]
        between = {
            "flip": bytes([value]) if tail else b"",
            "insert": bytes([value, 255 - value]),
            "double": piece,
            "nul": b"\0",
            "quote": b'"',
            "newline": b"\r\n",
        }.get(kind, b"")
        rest = {"flip": tail[1:], "cut": b"", "drop": tail[len(piece) :]}.get(kind, tail)
        data = head + between + rest
    return data


class Bench:
    """One source of one format, landed once well, then fed with mutated files."""

    def __init__(self, folder: Path, form: str) -> None:
        self.home = Home(folder / "home").create()
        self.ledger = Ledger(self.home.ledger)
        reader, self.make = FORMATS[form]
        path = write_contract(
            folder / "sources",
            "things",
            servers=[{"server": "bundled", "type": "local", "path": "sample", "format": reader}],
        )
        said: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        said["schema"][0]["customProperties"][-1]["value"] = "*"
        said["customProperties"].append({"property": "arrival", "value": _accept_all()})
        path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
        self.sources = folder / "sources"
        self.sample = path.parent / "sample" / "file"
        self.sample.parent.mkdir()
        self.feed(self.make())

    def feed(self, data: bytes) -> landing.Landing:
        self.sample.write_bytes(data)
        contract = load_sources(self.sources)["things"]
        raw.pull(contract, self.home, self.ledger)
        return landing.land(contract, self.home, self.ledger)

    def state(self) -> dict[str, bytes]:
        """Every byte of what counts as landed, and nothing half done beside it."""
        return {
            str(path): path.read_bytes()
            for stage in (self.home.landed, self.home.quarantine)
            for path in sorted(stage.rglob("*"))
            if path.is_file()
        }


def _accept_all() -> dict[str, str]:
    from pipelines.contracts.arrival import KINDS

    return {name: "accept" for name, kind in KINDS.items() if kind.jump and not kind.needs}


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bench]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("fuzz")
        patch.setenv("KHOMO_HOME", str(folder / "none"))
        return {form: Bench(folder / form.replace(".", "-"), form) for form in FORMATS}


@pytest.mark.parametrize("form", FORMATS)
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=mutations())
def test_a_mutated_file_lands_whole_or_changes_nothing(
    benches: dict[str, Bench], form: str, changes: list[tuple[str, int, int]]
) -> None:
    bench = benches[form]
    before = bench.state()
    try:
        done = bench.feed(mutated(bench.make(), changes))
    except CLEAR as error:
        assert "things" in str(error)  # it names the source
        assert bench.state() == before
        return
    [file] = done.files
    assert file.pulled == file.accepted + file.quarantined
    for stage, count in (
        (bench.home.landed, file.accepted),
        (bench.home.quarantine, file.quarantined),
    ):
        rows = duckdb.sql(f"select count(*) from '{stage / 'things' / file.file}'").fetchone()
        assert rows == (count,)


@pytest.mark.parametrize("form", FORMATS)
def test_a_good_file_lands_every_row_in_every_format(benches: dict[str, Bench], form: str) -> None:
    bench = benches[form]
    done = bench.feed(bench.make())
    assert (done.pulled, done.accepted) == (len(ROWS), len(ROWS))
    files = [str(bench.home.landed / "things" / file.file) for file in done.files]
    codes = duckdb.sql(f"select code from read_parquet({files}) order by _row").fetchall()
    assert [code for (code,) in codes] == [code for code, _ in ROWS]
