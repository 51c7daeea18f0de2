"""One raw file → accepted rows and quarantined rows, set-based.

One pass types and judges all rows into a temporary table in file order, whose row id is the row's
place in the file; two copies then split it by verdict. Most rows stand as they are: no text of
theirs may need repair, and they break no rule. Only the others are looked at cell by cell. Which
files are split, and what their state is afterwards, is `landing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.canonical import sync_file
from pipelines.contracts import Column, SourceContract, Table
from pipelines.contracts.corrections import Correction
from pipelines.contracts.rest import incremental_of
from pipelines.duck import connect, identifier, literal
from pipelines.ingest.casting import is_repaired, is_suspect, listed, repairs, rules_of, value_of
from pipelines.ingest.corrections import MARK, applied, dropped
from pipelines.ingest.decode import utf8_files
from pipelines.ingest.pseudonym import arm, keyed_hash_sql
from pipelines.ingest.readers import Incoming, ReadError, open_rows
from pipelines.ingest.unpack import plain_files

REPAIRED = "_repaired"  # true of a staged row in which some text was repaired
SUSPECT = "_suspect"  # true of a row that may hold a text that needs repair
ODD = "_odd"  # true of a row that is suspect, or breaks a rule as it stands
NUMBER = "_number"  # a staged row's own number, where rows do not follow each other in the file


@dataclass(frozen=True)
class Counts:
    """What became of a file's rows. `reasons` counts broken rules as `column: rule`.

    `layout` counts the rows that belong to the form and not to its data, by class; they are no part
    of `pulled`. `cleaned` counts the cells that were repaired, by kind of repair,
    `corrected` the rows that each correction was applied to, by its id.
    `notices` are the reader's remarks on how the file differs from the agreed layout.
    """

    pulled: int
    accepted: int
    quarantined: int
    reasons: dict[str, int]
    layout: dict[str, int]
    cleaned: dict[str, int]
    corrected: dict[str, int]
    notices: tuple[str, ...] = ()


def kept(table: Table) -> list[str]:
    """Names of the landed columns of a table, without the `_` columns every table has."""
    found: list[str] = []
    for column in table.columns:
        if not column.personal:
            found.append(column.name)
        if column.pseudonymise:
            found.append(f"{column.name}_key")
        if column.kept_part is not None:
            found.append(column.kept_part[0])
    return found


def _landed_value(column: Column) -> str:
    """What is staged and written of a column's value; an accepted row's is the very text."""
    if column.type == "VARCHAR" and column.enum:
        return listed(_value(column), [str(entry.value) for entry in column.enum])
    return _value(column)


def _value(column: Column) -> str:
    return identifier("v_" + column.name)


def _standing(column: Column) -> str:
    """The value of a text as it stands, without repair."""
    return identifier("s_" + column.name)


def _judged(table: Table, incoming: Incoming, corrections: Sequence[Correction]) -> str:
    """SQL: one row per upstream row, in order: values, broken rules, original text if any."""
    read = _read(table)
    standing = ", ".join(
        f"{value_of(column, identifier(column.name), repair=False)} as {_standing(column)}"
        for column in read
    )
    unfit = [
        test
        for column in read
        for _, test in rules_of(column, identifier(column.name), _standing(column), repair=False)
    ]
    values = ", ".join(
        f"case when {ODD} then {value_of(column, identifier(column.name))}"
        f" else {_standing(column)} end as {_value(column)}"
        for column in read
    )
    rules = [
        (column.name, rule, f"({test})")
        for column in read
        for rule, test in rules_of(column, identifier(column.name), _value(column))
    ]
    bad = " or ".join(test for _, _, test in rules) or "false"
    broken = ", ".join(_first_broken(name, rules) for name in dict.fromkeys(r[0] for r in rules))
    drop = dropped(corrections)
    landed = [] if incoming.numbers is None else [f"{incoming.numbers} as {NUMBER}"]
    for column in table.columns:
        if not column.personal:
            landed.append(f"{_landed_value(column)} as {identifier(column.name)}")
        if column.pseudonymise or (column.personal and column.key_position is not None):
            landed.append(f"{keyed_hash_sql(_value(column))} as {identifier(column.name + '_key')}")
        if column.kept_part is not None:
            name, pattern = column.kept_part
            part = f"nullif(regexp_extract({_value(column)}, {literal(pattern)}, 1), '')"
            landed.append(f"{part} as {identifier(name)}")
    tests = (is_repaired(column, identifier(column.name), _value(column)) for column in read)
    repaired = " or ".join(test for test in tests if test) or "false"
    # CASE, where AND or OR would do: DuckDB evaluates all terms of those, in an order of its own.
    odd = " ".join(f"when {test} then true" for test in [SUSPECT, *unfit])
    reasons = f"list_filter([{broken}]::varchar[], lambda rule: rule is not null)"
    return f"""
        select
            {", ".join(landed)},
            case when {drop} then ['correction: dropped']
                when {ODD} then case when {bad} then {reasons} end
            end as _reasons,
            case when {drop} or _reasons is not null then {_original(table)} end as _original,
            {MARK},
            case when {ODD} then {repaired} else false end as {REPAIRED}
        from (
            select *, {values}
            from (
                select *, case {odd} else false end as {ODD}
                from (
                    select *, {standing}, {is_suspect(read)} as {SUSPECT}
                    from {applied(corrections, table, incoming.relation)}
                )
            )
        )
    """


def _read(table: Table) -> list[Column]:
    """The columns that are landed, hashed or judged; the text of others concerns nobody."""
    return [
        column
        for column in table.columns
        if not column.personal
        or column.pseudonymise
        or column.key_position is not None
        or rules_of(column, "text", "value")
    ]


def _first_broken(name: str, rules: Sequence[tuple[str, str, str]]) -> str:
    """SQL for `column: rule` of the first rule that column `name` breaks, else NULL."""
    arms = " ".join(
        f"when {test} then {literal(f'{name}: {rule}')}"
        for column, rule, test in rules
        if column == name
    )
    return f"case {arms} end"


def _original(table: Table) -> str:
    """SQL for a row's upstream text as JSON, under the headers its sender knows."""
    fields = ", ".join(
        f"{identifier(column.header)} := {identifier(column.name)}" for column in table.columns
    )
    return f"to_json(struct_pack({fields}))"


def _stage(connection: duckdb.DuckDBPyConnection, query: str, what: str) -> None:
    """Read the whole file into table `staged`.

    Raises:
        ReadError: it is damaged, or its lines end in different ways, beyond its beginning.
    """
    try:
        connection.execute(f"create temp table staged as {query}")
    except (duckdb.BinderException, duckdb.ParserException, duckdb.OutOfMemoryException):
        raise  # not the file's fault
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        advice = "ask the sender for the file again"
        if "state machine" in said:
            advice = (
                "its lines end in different ways (LF and CR LF); have it saved with one of them"
            )
        raise ReadError(f"{what}: cannot be read to its end: {said} {advice}") from error


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """COPY a query to Parquet, durably; returns the number of rows.

    The encodings of Parquet's second version are cheaper to write and to read, and smaller.
    """
    result = connection.execute(
        f"copy ({query}) to {literal(str(path))}"
        " (format parquet, parquet_version v2, compression snappy)"
    ).fetchone()
    sync_file(path)
    return int(result[0]) if result else 0


def _count_repairs(
    connection: duckdb.DuckDBPyConnection, table: Table, relation: str
) -> dict[str, int]:
    """How many cells were repaired, by kind. Only where some were is the file looked at again."""
    if connection.execute(f"select count(*) from staged where {REPAIRED}").fetchone() == (0,):
        return {}
    counts = repairs(_read(table))
    found = connection.execute(f"select {', '.join(counts.values())} from {relation}").fetchone()
    return {kind: int(count) for kind, count in zip(counts, found or (), strict=True) if count}


def _find_twins(connection: duckdb.DuckDBPyConnection, table: Table, relation: str) -> bool:
    """Refuse rows that share a primary key: table `twins` of (number, rule, original).

    Returns whether there are any.

    An exact repetition keeps its first row. Rows with one key and different content are all
    refused: choosing one would be a guess. Content is the whole upstream row, so where keys repeat
    the file is read once more.
    """
    connection.execute("create temp table twins (number bigint, rule varchar, original json)")
    if not table.key:
        return False
    names = [
        column.name + "_key" if column.pseudonymise or column.personal else column.name
        for column in table.key
    ]
    if (incremental := incremental_of(table)) is not None:
        # A record that changed while its pages were read is there twice, and both are right.
        names.append(incremental.watermark.name)
    key = ", ".join(map(identifier, dict.fromkeys(names)))
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
        return False
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
    return True


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


def split(
    contract: SourceContract,
    table: Table,
    resource: str,
    blob: Path,
    folder: Path,
    *,
    corrections: Sequence[Correction] = (),
    key: bytes,
    threads: int = 1,
    workers: int = 1,
) -> Counts:
    """Split the raw file `blob` into `folder`: accepted.parquet and quarantine.parquet.

    `key` is the secret behind pseudonyms. `blob` is named by its SHA-256. `workers` says how many
    files are split side by side.

    Raises:
        ReadError: the file does not fit its contract as a whole.
    """
    what = f"source {contract.name}, file {resource}"
    with (
        plain_files(blob, table, what, folder) as unpacked,
        utf8_files(unpacked, contract, table, what, folder) as files,
        connect(workers=workers) as connection,
    ):
        connection.execute(f"set threads = {threads}")
        arm(connection, key)
        incoming = open_rows(connection, files, contract, table, resource)
        _stage(connection, _judged(table, incoming, corrections), what)
        cleaned = _count_repairs(connection, table, incoming.relation)
        number, twins = _find_rejects(connection, incoming.rejects, incoming.first_row), "twins"
        if incoming.numbers is not None:
            number = NUMBER
            twins = f"(select twins.*, {NUMBER} from twins join staged on staged.rowid = number)"
        unfit = "_reasons is not null"
        if _find_twins(connection, table, incoming.relation):
            unfit += " or number in (select number from twins)"
        origin = (
            f"{listed(literal(resource), [resource])} as _resource,"
            f" {listed(literal(blob.name), [blob.name])} as _raw_sha256,"
        )
        columns = ", ".join(identifier(name) for name in kept(table))
        accepted = _write(
            connection,
            f"""
            select {columns}, {MARK}, {origin} {number}::bigint as _row
            from (select *, rowid as number from staged)
            where not ({unfit})
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
                select {number}::bigint, [rule], original from {twins}
                union all
                select line, [{literal("columns: " + incoming.reject_rule)}],
                    to_json(struct_pack(line := original, error := error))
                from rejects
            ) order by _row
            """,
            folder / "quarantine.parquet",
        )
        read, refused = connection.execute(
            "select (select count(*) from staged), (select count(*) from rejects)"
        ).fetchone() or (0, 0)
        corrected = connection.execute(
            f"select {MARK}, count(*) from staged where {MARK} is not null group by 1 order by 1"
        ).fetchall()
        reasons = connection.execute(
            f"""
            select reason, count(*) from (
                select unnest(_reasons) as reason
                from read_parquet({literal(str(folder / "quarantine.parquet"))})
            ) group by all order by reason
            """
        ).fetchall()
    return Counts(
        pulled=read + refused,
        accepted=accepted,
        quarantined=quarantined,
        reasons={str(reason): int(count) for reason, count in reasons},
        layout=dict(incoming.layout),
        cleaned=cleaned,
        corrected={str(name): int(count) for name, count in corrected},
        notices=incoming.notices,
    )
