"""Raw → landed: every row of a raw file is accepted, typed by the contract, or quarantined.

Set-based: one pass types and judges all rows into a temporary table in file order, whose row id is
the row's place in the file; two copies then split it by verdict. Personal columns are judged like
all others but not kept: past this point a person exists only as a keyed hash, and whoever must see
the original has the raw file. A file is landed once per (bytes, contract, key, code): its name is
that digest. `landed/<source>/current.json` names the files that count now and is replaced only
after all of them are complete.
"""

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb

from pipelines.canonical import canonical_json, digest_of, sync_file, sync_folder, write_durably
from pipelines.clock import stamp
from pipelines.contracts import Column, SourceContract, Table
from pipelines.duck import connect, identifier, literal
from pipelines.ingest import raw
from pipelines.ingest.casting import broken_rule, value_of
from pipelines.ingest.pseudonym import arm, fingerprint, hmac_sql, pseudonym_key
from pipelines.ingest.readers import open_rows
from pipelines.ledger import Ledger
from pipelines.settings import Home

# Part of every landed file's identity: raise it when the same bytes would land differently.
LANDING_VERSION = 3


class LandingError(Exception):
    """Rows went missing between a raw file and its landing; nothing was replaced."""


@dataclass(frozen=True)
class LandedFile:
    """One raw file, landed: `file` is its path below the source's landed and quarantine folder."""

    table: str
    resource: str
    raw_sha256: str
    file: str
    pulled: int
    accepted: int
    quarantined: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class Landing:
    """All of a source as it is landed now; `fresh` counts the files landed by this call."""

    source: str
    contract_digest: str
    files: tuple[LandedFile, ...]
    fresh: int = 0

    @property
    def pulled(self) -> int:
        return sum(file.pulled for file in self.files)

    @property
    def accepted(self) -> int:
        return sum(file.accepted for file in self.files)

    @property
    def quarantined(self) -> int:
        return sum(file.quarantined for file in self.files)

    @property
    def reasons(self) -> dict[str, int]:
        """How many quarantined rows break each `column: rule`."""
        total: dict[str, int] = {}
        for file in self.files:
            for reason, count in file.reasons.items():
                total[reason] = total.get(reason, 0) + count
        return dict(sorted(total.items()))

    @property
    def digest(self) -> str:
        """Stands for the content of all landed files together."""
        return digest_of([[file.table, file.resource, file.file] for file in self.files])


def current(home: Home, source: str) -> Landing | None:
    """What is landed of a source now, or None before the first landing."""
    path = home.landed / source / "current.json"
    if not path.exists():
        return None
    data = json.loads(path.read_bytes())
    files = tuple(LandedFile(**item) for item in data["files"])
    return Landing(source, data["contract_digest"], files)


def kept(table: Table) -> list[str]:
    """Names of the landed columns of a table, without the `_` columns every table has."""
    found: list[str] = []
    for column in table.columns:
        if not column.personal:
            found.append(column.name)
        if column.pseudonymise:
            found.append(f"{column.name}_key")
    return found


def _value(column: Column) -> str:
    return identifier("v_" + column.name)


def _judged(table: Table, relation: str) -> str:
    """SQL: one row per upstream row, in order: values, broken rules, original text if any."""
    values = ", ".join(
        f"{value_of(column, identifier(column.name))} as {_value(column)}"
        for column in table.columns
    )
    rules = {
        column.name: rule
        for column in table.columns
        if (rule := broken_rule(column, identifier(column.name), _value(column)))
    }
    judged = "".join(f", {rule} as {identifier('b_' + name)}" for name, rule in rules.items())
    bad = " or ".join(f"{identifier('b_' + name)} is not null" for name in rules) or "false"
    broken = ", ".join(f"{literal(name + ': ')} || {identifier('b_' + name)}" for name in rules)
    landed: list[str] = []
    for column in table.columns:
        if not column.personal:
            landed.append(f"{_value(column)} as {identifier(column.name)}")
        if column.pseudonymise:
            landed.append(f"{hmac_sql(_value(column))} as {identifier(column.name + '_key')}")
    return f"""
        select
            {", ".join(landed)},
            case when {bad}
                then list_filter([{broken}]::varchar[], lambda rule: rule is not null)
            end as _reasons,
            case when {bad} then {_original(table)} end as _original
        from (select *{judged} from (select *, {values} from {relation}))
    """


def _original(table: Table) -> str:
    """SQL for a row's upstream text as JSON, under the headers its sender knows."""
    fields = ", ".join(
        f"{identifier(column.header)} := {identifier(column.name)}" for column in table.columns
    )
    return f"to_json(struct_pack({fields}))"


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """COPY a query to Parquet, durably; returns the number of rows."""
    result = connection.execute(
        f"copy ({query}) to {literal(str(path))} (format parquet, compression snappy)"
    ).fetchone()
    sync_file(path)
    return int(result[0]) if result else 0


def _find_twins(connection: duckdb.DuckDBPyConnection, table: Table, relation: str) -> None:
    """Refuse rows that share a primary key: table `twins` of (number, rule, original).

    An exact repetition keeps its first row. Rows with one key and different content are all
    refused: choosing one would be a guess. Content is the whole upstream row, so where keys repeat
    the file is read once more.
    """
    connection.execute("create temp table twins (number bigint, rule varchar, original json)")
    if not table.key:
        return
    key = ", ".join(
        identifier(column.name + "_key" if column.pseudonymise else column.name)
        for column in table.key
    )
    connection.execute(
        f"""
        create temp table repeated as
        select rowid as number, hash({key}) as twin
        from staged semi join (
            select {key} from staged where _reasons is null group by {key} having count(*) > 1
        ) using ({key})
        where _reasons is null
        """
    )
    if connection.execute("select count(*) from repeated").fetchone() == (0,):
        return
    text = ", ".join(identifier(column.name) for column in table.columns)
    connection.execute(
        f"""
        insert into twins
        with rows as (
            select row_number() over () - 1 as number, hash({text}) as content,
                {_original(table)} as original
            from {relation}
        ),
        judged as (
            select number, original,
                case
                    when count(distinct content) over (partition by twin) > 1 then 'conflict'
                    when row_number() over (partition by twin order by number) > 1 then 'duplicate'
                end as rule
            from repeated join rows using (number)
        )
        select number, {literal(table.key[0].name + ": ")} || rule, original
        from judged where rule is not null
        """
    )


def _find_rejects(
    connection: duckdb.DuckDBPyConnection, rejects: str | None, first_row: int
) -> str:
    """Lines that could not be split: table `rejects`; returns SQL for a row's number in the file.

    The n-th row that was read is the file's n-th record, later by the rejects before it.
    """
    connection.execute("create temp table rejects (line bigint, original varchar, error varchar)")
    if rejects:
        connection.execute(
            f"""
            insert into rejects
            select line, any_value(trim(csv_line, chr(10) || chr(13))),
                any_value(error_type::varchar)
            from {rejects} group by line
            """
        )
    lines = [row[0] for row in connection.execute("select line from rejects order by 1").fetchall()]
    if not lines:
        return f"(number + {first_row})"
    # The i-th reject (from 0), on record `line`, moves every row from `line - first_row - i` on.
    moved = ", ".join(str(line - first_row - index) for index, line in enumerate(lines))
    shift = f"len(list_filter([{moved}]::bigint[], lambda before: before <= number))"
    return f"(number + {first_row} + {shift})"


def _land_file(
    contract: SourceContract,
    table: Table,
    file: raw.RawFile,
    home: Home,
    folder: Path,
    key: bytes,
    threads: int,
) -> LandedFile:
    """Land one raw file into `folder` (a draft): accepted.parquet, quarantine.parquet."""
    with connect() as connection:
        connection.execute(f"set threads = {threads}")
        arm(connection, key)
        path = raw.blob(home, contract.name, file.sha256)
        incoming = open_rows(connection, path, contract, table, file.resource)
        connection.execute(f"create temp table staged as {_judged(table, incoming.relation)}")
        number = _find_rejects(connection, incoming.rejects, incoming.first_row)
        _find_twins(connection, table, incoming.relation)
        origin = f"{literal(file.resource)} as _resource, {literal(file.sha256)} as _raw_sha256,"
        columns = ", ".join(identifier(name) for name in kept(table))
        accepted = _write(
            connection,
            f"""
            select {columns}, {origin} {number}::bigint as _row
            from (select *, rowid as number from staged)
            where _reasons is null and number not in (select number from twins)
            """,
            folder / "accepted.parquet",
        )
        quarantined = _write(
            connection,
            f"""
            select {literal(contract.name)} as _source, {literal(table.name)} as _table,
                {origin} _row, _reasons, _original
            from (
                select {number}::bigint as _row, _reasons, _original
                from (select *, rowid as number from staged) where _reasons is not null
                union all
                select {number}::bigint, [rule], original from twins
                union all
                select line, ['columns: columns'],
                    to_json(struct_pack(line := original, error := error))
                from rejects
            ) order by _row
            """,
            folder / "quarantine.parquet",
        )
        read, refused = connection.execute(
            "select (select count(*) from staged), (select count(*) from rejects)"
        ).fetchone() or (0, 0)
        reasons = connection.execute(
            f"""
            select reason, count(*) from (
                select unnest(_reasons) as reason
                from read_parquet({literal(str(folder / "quarantine.parquet"))})
            ) group by all order by reason
            """
        ).fetchall()
    return LandedFile(
        table=table.name,
        resource=file.resource,
        raw_sha256=file.sha256,
        file="",
        pulled=read + refused,
        accepted=accepted,
        quarantined=quarantined,
        reasons={str(reason): int(count) for reason, count in reasons},
    )


def _identity(contract: SourceContract, table: Table, file: raw.RawFile, key: bytes) -> str:
    keyed = any(column.pseudonymise for column in table.columns)
    return digest_of(
        {
            "raw": file.sha256,
            "resource": file.resource,
            "contract": contract.digest,
            "table": table.name,
            "key": fingerprint(key) if keyed else None,
            "version": LANDING_VERSION,
        }
    )[:24]


def land(
    contract: SourceContract,
    home: Home,
    ledger: Ledger,
    *,
    run_id: str | None = None,
    report: Callable[[str], None] = lambda _message: None,
) -> Landing:
    """Land what was last pulled of a source.

    Raises:
        LandingError: nothing was pulled yet, or accepted + quarantined is not what was pulled.
        ReadError: a file does not fit its contract as a whole.
    """
    pulled = raw.current(home, contract.name)
    if pulled is None:
        raise LandingError(f"source {contract.name}: nothing has been pulled yet; pull it first")
    landed, quarantine = home.landed / contract.name, home.quarantine / contract.name
    for folder in (landed, quarantine):
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".draft-*"):
            shutil.rmtree(leftover)
    tables = {table.name: table for table in contract.tables}
    before = current(home, contract.name)
    known = {file.file: file for file in before.files} if before else {}
    key = pseudonym_key(home)
    names: dict[raw.RawFile, str] = {}
    for raw_file in pulled.files:
        if raw_file.table not in tables:
            raise LandingError(
                f"source {contract.name}: {raw_file.resource} was pulled for table"
                f" {raw_file.table}, which the contract no longer has; pull the source again"
            )
        name = _identity(contract, tables[raw_file.table], raw_file, key)
        names[raw_file] = f"{raw_file.table}/{name}.parquet"
    waiting = [
        file
        for file in pulled.files
        if names[file] not in known or not (landed / names[file]).exists()
    ]
    workers = min(len(waiting), os.cpu_count() or 1) or 1

    def land_one(file: raw.RawFile) -> LandedFile:
        draft = landed / f".draft-{names[file].replace('/', '-')}"
        draft.mkdir()
        threads = max(1, (os.cpu_count() or 1) // workers)
        done = _land_file(contract, tables[file.table], file, home, draft, key, threads)
        if done.pulled != done.accepted + done.quarantined:
            raise LandingError(
                f"source {contract.name}, file {file.resource}: {done.pulled} rows pulled, but"
                f" {done.accepted} accepted and {done.quarantined} quarantined do not add up;"
                " nothing was replaced"
            )
        for part, target in (("accepted", landed), ("quarantine", quarantine)):
            path = target / names[file]
            path.parent.mkdir(exist_ok=True)
            (draft / f"{part}.parquet").replace(path)
            sync_folder(path.parent)
        draft.rmdir()
        return replace(done, file=names[file])

    fresh: list[LandedFile] = []
    # Files side by side rather than one file on all cores: a file's rows keep their order for free.
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for done in pool.map(land_one, waiting):
            fresh.append(done)
            report(
                f"{contract.name}: {done.resource} landed, {done.accepted:,} accepted,"
                f" {done.quarantined:,} quarantined ({len(fresh)}/{len(waiting)})"
            )
    known |= {file.file: file for file in fresh}
    files = [known[names[file]] for file in pulled.files]
    landing = Landing(contract.name, contract.digest, tuple(files), len(fresh))
    if before is None or before.files != landing.files or before.contract_digest != contract.digest:
        manifest = {
            "source": contract.name,
            "contract_digest": contract.digest,
            "files": [asdict(file) for file in files],
        }
        write_durably(landed / "current.json", canonical_json(manifest, indent=1))
    at = stamp()
    ledger.insert(
        "landings",
        [
            {
                "source": contract.name,
                "table_name": file.table,
                "resource": file.resource,
                "raw_sha256": file.raw_sha256,
                "contract_digest": contract.digest,
                "pulled_rows": file.pulled,
                "accepted_rows": file.accepted,
                "quarantined_rows": file.quarantined,
                "reasons": json.dumps(file.reasons, ensure_ascii=False),
                "landed_at": at,
                "run_id": run_id,
            }
            for file in fresh
        ],
    )
    _forget(landed, quarantine, {file.file for file in files})
    return landing


def _forget(landed: Path, quarantine: Path, wanted: set[str]) -> None:
    """Remove landed files that no longer count; the raw bytes they came from stay."""
    for folder in (landed, quarantine):
        for path in folder.glob("*/*.parquet"):
            if path.relative_to(folder).as_posix() not in wanted:
                path.unlink()
