"""Where things are: the project's own folders and the state folder `$KHOMO_HOME`.

Only paths and permissions belong here. What a folder holds is documented by the stage that writes
it; whose warehouse it is comes from `province.py`.
"""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SOURCES = PROJECT_ROOT / "sources"
OPEN_DATA = PROJECT_ROOT / "open_data"
DBT_PROJECT = PROJECT_ROOT / "dbt_project"


def province_file() -> Path:
    """The file that says whose warehouse this is; `$KHOMO_PROVINCE_FILE` overrides the bundled."""
    return Path(os.environ.get("KHOMO_PROVINCE_FILE", PROJECT_ROOT / "province.yaml")).resolve()


@dataclass(frozen=True)
class Home:
    """Every path below `$KHOMO_HOME`, the only place that holds state."""

    root: Path

    @property
    def lock(self) -> Path:
        return self.root / "khomo.lock"

    @property
    def ledger(self) -> Path:
        """SQLite file: pulls, landings, builds, check results, decisions."""
        return self.root / "ledger.sqlite"

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    @property
    def landed(self) -> Path:
        return self.root / "landed"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def samples(self) -> Path:
        """Where synthetic inputs are generated, for the file connector to pull from."""
        return self.root / "samples"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @property
    def promoted(self) -> Path:
        """The stable path for readers: a link to the last finished build."""
        return self.warehouse / "warehouse.duckdb"

    @property
    def candidates(self) -> Path:
        return self.root / "candidates"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def withdrawn(self) -> Path:
        """Releases that were taken back, and what was decided about them."""
        return self.root / "withdrawn"

    @property
    def catalogue(self) -> Path:
        return self.root / "catalogue"

    @property
    def report(self) -> Path:
        return self.root / "report"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def dbt(self) -> Path:
        """dbt's target and logs."""
        return self.root / "dbt"

    @property
    def docs(self) -> Path:
        """dbt's documentation of the models."""
        return self.root / "docs" / "index.html"

    @property
    def sql_history(self) -> Path:
        """What was typed into the shell of `khomo sql`."""
        return self.root / "sql_history"

    @property
    def private(self) -> tuple[Path, ...]:
        """Folders that only their owner may open: they hold, or can reveal, personal data."""
        return (
            self.raw,
            self.landed,
            self.quarantine,
            self.samples,
            self.warehouse,
            self.candidates,
            self.withdrawn,
            self.secrets,
            self.dagster,
            self.dbt,
        )

    @property
    def public(self) -> tuple[Path, ...]:
        return (self.releases, self.catalogue, self.report)

    def create(self) -> "Home":
        """Make the folders; the root and the private ones are readable by their owner only."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in self.private:
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
        for folder in self.public:
            folder.mkdir(exist_ok=True)
        return self


def home() -> Home:
    """The state folder: `$KHOMO_HOME`, by default `data/` beside the project."""
    return Home(Path(os.environ.get("KHOMO_HOME", PROJECT_ROOT / "data")).resolve())
