"""A small source in a folder of its own, and what is landed of it; for tests of readers."""

from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.settings import Home
from tests.conftest import write_contract

ENGLISH = [
    {"property": "titleEn", "value": "Column"},
    {"property": "descriptionEn", "value": "Description"},
]


def column(name: str, header: str, kind: str = "VARCHAR", **extra: Any) -> dict[str, Any]:
    """A column of a contract; `extra` are its custom properties."""
    return {
        "name": name,
        "physicalName": header,
        "businessName": "Cột",
        "description": "Mô tả",
        "logicalType": "string",
        "physicalType": kind,
        "customProperties": [
            *ENGLISH,
            *({"property": key, "value": value} for key, value in extra.items()),
        ],
    }


class LandedSource:
    """A source of one table, `things`, whose files are what the test puts into `samples`."""

    def __init__(self, folder: Path, home: Home) -> None:
        self.home = home
        self.path = write_contract(folder, "things")
        self.samples = self.path.parent / "sample"
        self.samples.mkdir()
        self.said: dict[str, Any] = yaml.safe_load(self.path.read_text(encoding="utf-8"))

    def declare(
        self, form: str, columns: list[dict[str, Any]] | None = None, **properties: Any
    ) -> None:
        """Write the contract: the format, the columns (those there are without), properties."""
        self.said["servers"][0]["format"] = form
        table = self.said["schema"][0]
        table["properties"] = columns or table["properties"]
        table["customProperties"] = [
            *ENGLISH,
            {"property": "resource", "value": "*"},
            *({"property": key, "value": value} for key, value in properties.items()),
        ]
        self.path.write_text(yaml.safe_dump(self.said, allow_unicode=True), encoding="utf-8")

    def land(self) -> landing.Landing:
        """Pull and land as a run does."""
        contract, ledger = load_sources(self.path.parent.parent)["things"], Ledger(self.home.ledger)
        raw.pull(contract, self.home, ledger)
        return landing.land(contract, self.home, ledger)

    def rows(self, names: str, where: str = "landed") -> list[tuple[Any, ...]]:
        """`names` of all rows under `where`, in the order of their files."""
        files = [str(path) for path in (self.home.root / where).rglob("*.parquet")]
        return duckdb.sql(f"select {names} from read_parquet({files}) order by _row").fetchall()
