"""The ledger: what was pulled, landed, built, checked and decided, and when.

One SQLite file, because its transactions survive a kill at any moment and several processes may
read while one writes. It holds history and evidence; the state itself lives in files that each
stage replaces atomically. No personal value may be written here: failing rows are referred to by
file and row number where a relation is private.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.clock import stamp

# Every change of the tables is one more script; a ledger of any age is brought forward by those it
# has not seen. A script that was released is never edited.
MIGRATIONS = (
    """
create table pulls (
    id integer primary key,
    source text not null,
    resource text not null,
    address text not null,
    outcome text not null check (outcome in ('new', 'unchanged')),
    known_by text not null,
    sha256 text not null,
    bytes integer not null,
    retrieved_at text not null,
    http_status integer,
    etag text,
    last_modified text,
    license text,
    contract_version text not null,
    as_of text,
    run_id text
);
create index pulls_by_resource on pulls (source, resource, id);
create table landings (
    id integer primary key,
    source text not null,
    table_name text not null,
    resource text not null,
    raw_sha256 text not null,
    contract_digest text not null,
    pulled_rows integer not null,
    accepted_rows integer not null,
    quarantined_rows integer not null,
    reasons text not null,
    landed_at text not null,
    run_id text
);
create table builds (
    build_id text not null,
    file text not null primary key,
    signature text not null,
    inputs text not null,
    landed_files text not null,
    relations text not null,
    nodes text not null,
    finished_at text not null,
    promoted_at text,
    run_id text
);
create table check_results (
    id integer primary key,
    dataset text not null,
    check_name text not null,
    engine text not null,
    dimension text not null,
    severity text not null check (severity in ('error', 'warning')),
    subject text not null,
    build_id text,
    status text not null check (status in ('passed', 'failed', 'error')),
    message text not null,
    observed text,
    failing_rows integer,
    sample text not null,
    seconds real,
    evaluated_at text not null,
    run_id text
);
create index check_results_by_subject on check_results (subject, dataset, check_name);
create table decisions (
    id integer primary key,
    dataset text not null,
    digest text not null,
    version text not null,
    verdict text not null check (verdict in ('publish', 'withhold')),
    outcome text not null check (outcome in ('published', 'unchanged', 'withheld')),
    reasons text not null,
    rows integer,
    decided_at text not null,
    run_id text
);
create index decisions_by_dataset on decisions (dataset, id);
""",
    """
alter table pulls add column table_name text;
alter table pulls add column partition text;
alter table pulls add column declared text;
alter table pulls add column watermark text;
alter table pulls add column contract_digest text;
alter table pulls add column purged_at text;
alter table pulls add column purge_reason text;
alter table landings add column form_rows text not null default '{}';
alter table landings add column cleaned_cells text not null default '{}';
alter table landings add column corrected_rows text not null default '{}';
create index landings_by_table on landings (source, table_name, resource, raw_sha256);
create table arrivals (
    id integer primary key,
    source text not null,
    table_name text not null,
    resource text not null,
    finding text not null,
    subject text not null,
    action text not null check (action in ('block', 'warn', 'accept')),
    observed text not null,
    expected text not null,
    sha256 text not null,
    reason text not null,
    role text not null,
    set_digest text not null,
    contract_digest text not null,
    at text not null,
    run_id text
);
create index arrivals_by_set on arrivals (source, set_digest, contract_digest);
create table drops (
    id integer primary key,
    source text not null,
    name text not null,
    identity text not null,
    sha256 text,
    outcome text not null check (outcome in ('taken', 'duplicate', 'rejected')),
    reason text not null,
    at text not null,
    run_id text
);
create index drops_by_identity on drops (source, name, identity);
""",
    "alter table pulls add column pages integer;",
    """
alter table check_results rename to former_check_results;
drop index check_results_by_subject;
create table check_results (
    id integer primary key,
    dataset text not null,
    check_name text not null,
    engine text not null,
    dimension text not null,
    severity text not null check (severity in ('blocker', 'warning', 'information')),
    subject text not null,
    build_id text,
    status text not null check (status in ('passed', 'failed', 'error')),
    message text not null,
    observed text,
    failing_rows integer,
    sample text not null,
    seconds real,
    evaluated_at text not null,
    run_id text
);
insert into check_results
    select id, dataset, check_name, engine, dimension,
        case severity when 'error' then 'blocker' else severity end,
        subject, build_id, status, message, observed, failing_rows, sample, seconds,
        evaluated_at, run_id
    from former_check_results;
drop table former_check_results;
create index check_results_by_subject on check_results (subject, dataset, check_name);
""",
)


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check on one subject.

    `subject` is the digest of exactly what was checked: a candidate digest for checks on released
    bytes, a content digest of a warehouse relation for dbt tests. `sample` holds at most 20
    failing rows. A check that could not run is `error`, which never counts as passed.
    """

    dataset: str
    check_name: str
    engine: str
    dimension: str
    severity: str
    subject: str
    status: str
    message: str
    build_id: str | None = None
    observed: str | None = None
    failing_rows: int | None = None
    sample: tuple[Mapping[str, Any], ...] = ()
    seconds: float | None = None
    evaluated_at: str = ""
    run_id: str | None = None

    @property
    def passed(self) -> bool:
        return self.status == "passed"


class LedgerError(Exception):
    """The ledger cannot be used; the message names file and remedy."""


class Ledger:
    """Reads and appends. Every append is one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """A connection with named columns; commits on success, rolls back on an exception."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=60)
        connection.row_factory = sqlite3.Row
        try:
            self._prepare(connection)
            with connection:
                yield connection
        finally:
            connection.close()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Bring the tables forward to what this version of Kho Mở reads and writes."""
        found = connection.execute("pragma user_version").fetchone()[0]
        if found > len(MIGRATIONS):
            raise LedgerError(
                f"{self.path} was written by a newer version of Kho Mở (schema {found}, this one"
                f" knows {len(MIGRATIONS)}); use that version, or move the ledger away and run"
                " everything once: raw bytes and releases stay, evidence is gathered anew"
            )
        for number, script in enumerate(MIGRATIONS[found:], found + 1):
            connection.executescript(
                f"begin immediate; {script} pragma user_version = {number}; commit;"
            )
        if found < len(MIGRATIONS):
            self.path.chmod(0o600)

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append rows with equal keys to `table` in one transaction."""
        if not rows:
            return
        names = list(rows[0])
        places = ", ".join(f":{name}" for name in names)
        with self.connect() as connection:
            connection.executemany(
                f"insert into {table} ({', '.join(names)}) values ({places})",
                [dict(row) for row in rows],
            )

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """The rows of a query as dictionaries."""
        with self.connect() as connection:
            return [dict(row) for row in connection.execute(query, parameters)]

    def record_checks(self, results: Sequence[CheckResult]) -> None:
        """Append check results; `evaluated_at` is filled in where it is empty."""
        at = stamp()
        self.insert(
            "check_results",
            [
                {
                    **asdict(result),
                    "sample": json.dumps(result.sample, ensure_ascii=False, default=str),
                    "evaluated_at": result.evaluated_at or at,
                }
                for result in results
            ],
        )

    def checks(self, dataset: str, subject: str) -> dict[str, CheckResult]:
        """The latest result of each check of `dataset` on exactly `subject`, by check name."""
        found: dict[str, CheckResult] = {}
        for row in self.rows(
            "select * from check_results where dataset = ? and subject = ? order by id",
            dataset,
            subject,
        ):
            row.pop("id")
            row["sample"] = tuple(json.loads(row["sample"]))
            found[row["check_name"]] = CheckResult(**row)
        return found
