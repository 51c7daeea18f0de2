"""The bench of what comes in: a bundled source is landed as it is, changed, and landed again."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from pipelines.contracts import Text
from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.arrival import ArrivalError
from pipelines.ingest.connectors import PullError
from pipelines.ingest.readers import HeaderError, ReadError
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.settings import SOURCES, Home
from pipelines.synthetic.bundled import ensure_sample
from tests.defects import switches
from tests.defects.model import (
    MENDED,
    QUARANTINED,
    REFUSED,
    WARNED,
    Defect,
    Objections,
    Workshop,
    add,
)

DOSSIERS = 600  # of the synthetic ones, over all months


class SourceBench:
    """A copy of one bundled source, whose files and contract a defect changes."""

    def __init__(self, shop: Workshop, source: str) -> None:
        self.name = source
        self.home = Home(shop.folder / "home").create()
        self.ledger = Ledger(self.home.ledger)
        self.path = shop.folder / "sources" / source
        self.path.mkdir(parents=True)
        shutil.copy(SOURCES / source / "contract.yaml", self.path)
        self.samples = self.path / "sample"
        if (SOURCES / source / "sample").is_dir():
            shutil.copytree(SOURCES / source / "sample", self.samples)
        elif generator := load_sources(self.path.parent)[source].generator:
            self.samples = self.home.samples / generator
            shutil.copytree(_generated(shop, generator), self.samples)
            (self.samples / "made.json").unlink()
        self.before: landing.Landing | None = None

    def land(self) -> landing.Landing:
        contract = load_sources(self.path.parent)[self.name]
        raw.pull(contract, self.home, self.ledger)
        return landing.land(contract, self.home, self.ledger)

    def settle(self) -> None:
        """Land what there is now: what comes after is compared with it."""
        self.before = self.land()

    def objections(self) -> Objections:
        """Land what was changed, and say who objected to more than before."""
        [(seen,)] = [
            tuple(row.values())
            for row in self.ledger.rows("select coalesce(max(id), 0) as last from arrivals")
        ]
        found: dict[str, str] = {}
        refused: Exception | None = None
        done = self.before
        try:
            done = self.land()
        except (ReadError, ArrivalError, PullError) as error:
            refused = error
            found |= dict.fromkeys(_readers(error), REFUSED)
            stays = landing.current(self.home, self.name)
            before = self.before.files if self.before else None
            assert (stays.files if stays else None) == before, "a refused set replaced a good one"
        for row in self.ledger.rows("select finding, action from arrivals where id > ?", seen):
            if row["action"] != "accept":
                blocked = row["action"] == "block" and refused is not None
                found[f"arrival.{row['finding']}"] = REFUSED if blocked else WARNED
        if refused is None and done is not None:
            before = self.before
            assert done.pulled == done.accepted + done.quarantined
            for reason, count in done.reasons.items():
                if count > (before.reasons.get(reason, 0) if before else 0):
                    found[f"landing.{reason.partition(': ')[2]}"] = QUARANTINED
            for kind, count in _cleaned(done).items():
                if count > (_cleaned(before).get(kind, 0) if before else 0):
                    found[f"cleaning.{kind}"] = MENDED
        return found

    # What defects do.

    def edit(self, file: str, old: str, new: str, count: int = 1) -> None:
        """Replace text that stands in a file; a text that does not is an error."""
        path = self.samples / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new, count), encoding="utf-8")

    def rows(self, file: str, change: Callable[[list[dict[str, str]]], Any]) -> None:
        """Change a CSV file's rows, as dicts by its own headings."""
        path = self.samples / file
        raw_text = path.read_bytes().decode("utf-8")
        mark = "\ufeff" if raw_text.startswith("\ufeff") else ""
        text = raw_text.removeprefix("\ufeff")
        delimiter = ";" if text.partition("\n")[0].count(";") else ","
        reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
        rows = list(reader)
        given = change(rows)
        out = io.StringIO()
        writer = csv.DictWriter(
            out, reader.fieldnames or (), delimiter=delimiter, lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(given if isinstance(given, list) else rows)
        path.write_bytes((mark + out.getvalue()).encode("utf-8"))

    def cell(self, file: str, line: int, **values: str) -> None:
        """Set cells of the `line`-th row (from 1); headings with blanks go through `rows`."""

        def change(rows: list[dict[str, str]]) -> None:
            assert values.keys() <= rows[line - 1].keys(), values
            assert any(rows[line - 1][name] != value for name, value in values.items()), values
            rows[line - 1].update(values)

        self.rows(file, change)

    def declare(self, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change the contract."""
        path = self.path / "contract.yaml"
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(said)
        path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")

    def arrival(self, **said: Any) -> None:
        """Say in the contract what arrivals must be like, as a province would."""

        def change(contract: dict[str, Any]) -> None:
            contract["customProperties"].append({"property": "arrival", "value": said})

        self.declare(change)


def _cleaned(done: landing.Landing) -> dict[str, int]:
    total: dict[str, int] = {}
    for file in done.files:
        for kind, count in file.cleaned.items():
            total[kind] = total.get(kind, 0) + count
    return total


def _readers(error: Exception) -> set[str]:
    """Which reader refused: the innermost module of `pipelines.ingest` each error came from."""
    errors = [item for _file, item in getattr(error, "refused", ())] or [error]
    found = set()
    for item in errors:
        if isinstance(item, ArrivalError) or (isinstance(item, HeaderError) and item.findings):
            continue  # the arrival gate's findings are on record
        frame, module = item.__traceback__, ""
        while frame is not None:
            name = str(frame.tb_frame.f_globals.get("__name__", ""))
            module = name if name.startswith("pipelines.ingest.") else module
            frame = frame.tb_next
        found.add(f"reader.{module.rpartition('.')[2]}")
    return found


def _generated(shop: Workshop, generator: str) -> Path:
    """The synthetic files of a source, made once."""
    home = Home(shop.scratch / "generated")
    if f"generated.{generator}" not in shop.shared:
        home.create()
        shop.patch.setenv("KHOMO_SAMPLE_DOSSIERS", str(DOSSIERS))
        ensure_sample(generator, home, load_province())
        shop.shared[f"generated.{generator}"] = True
    return home.samples / generator


def on_source(
    name: str,
    stage: str,
    source: str,
    check: str,
    outcome: str,
    vi: str,
    en: str,
    change: Callable[[SourceBench], Any],
    before: Callable[[SourceBench], Any] = lambda _bench: None,
) -> None:
    """List a defect of a bundled source: `before` prepares what is landed first, `change` spoils
    it.
    """

    def observe(shop: Workshop) -> Objections:
        bench = SourceBench(shop, source)
        before(bench)
        bench.settle()
        change(bench)
        with switches.off(shop.off):
            return bench.objections()

    add(Defect(name, stage, check, outcome, Text(vi, en), observe))
