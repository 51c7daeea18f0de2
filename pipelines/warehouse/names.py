"""Ask a warehouse which administrative unit a written name means.

The rules are SQL that the warehouse itself carries (`intermediate.resolve_units`, from
`dbt_project/macros/names`); here is only how a question reaches it and an answer comes back, for
one name or for a CSV file.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import duckdb

from pipelines.canonical import sync_file, sync_folder
from pipelines.duck import identifier, literal, literals

Level = Literal["province", "district", "commune"]
TEXTS = ("place", "province", "district", "commune")
"""Input columns that hold names; at least one is needed."""

OPTIONS = ("on_day", "level", "scheme")
"""Input columns that narrow the answer."""

ANSWERS = (
    "match_state",
    "admin_unit_key",
    "unit_code",
    "unit_level",
    "unit_name",
    "matched_by",
    "reason",
    "candidates",
)
"""Columns added to a CSV file."""


DAYS = ("%Y-%m-%d", "%d/%m/%Y")
_DAY = f"try_strptime(trim(on_day), {literals(DAYS)})"
DAY_REMEDY = "write it 2024-05-01 or 01/05/2024"


class NamesError(Exception):
    """The question cannot be asked; the message names file, row or column and the remedy."""


@dataclass(frozen=True)
class Candidate:
    """A unit that an ambiguous name can mean, or that is proposed for an unknown one."""

    admin_unit_key: str
    level: Level
    full_name: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class Answer:
    """What a name means. The unit's fields are None unless `match_state` is resolved."""

    match_state: Literal["resolved", "ambiguous", "unknown"]
    admin_unit_key: str | None
    scheme: str | None
    code: str | None
    valid_from: date | None
    level: Level | None
    full_name: str | None
    matched_by: str | None
    reason: str | None
    candidates: tuple[Candidate, ...]


def day(text: str) -> date:
    """A day written 2024-05-01 or 01/05/2024.

    Raises:
        NamesError: it is neither.
    """
    for written in DAYS:
        with suppress(ValueError):
            return datetime.strptime(text.strip(), written).date()
    raise NamesError(f"{text!r} is no day; {DAY_REMEDY}")


def resolve(
    connection: duckdb.DuckDBPyConnection,
    *,
    place: str | None = None,
    province: str | None = None,
    district: str | None = None,
    commune: str | None = None,
    on_day: date | None = None,
    level: str | None = None,
    scheme: str | None = None,
) -> Answer:
    """What one written name means.

    Raises:
        NamesError: no name is given, the level is none, or the warehouse cannot answer.
    """
    if not any((place, province, district, commune)):
        raise NamesError("give a name: a place, or a province, district or commune")
    if level is not None and level not in get_args(Level):
        raise NamesError(f"{level!r} is no level; use {', '.join(get_args(Level))}")
    connection.execute(
        "create or replace temp table written_names as select 1 as name_id,"
        " ?::varchar as place, ?::varchar as province, ?::varchar as district,"
        " ?::varchar as commune, ?::date as on_day, ?::varchar as level, ?::varchar as scheme",
        [place, province, district, commune, on_day, level, scheme],
    )
    _ask(connection)
    connection.execute("select * exclude (name_id) from answered_names")
    names = [column[0] for column in connection.description or ()]
    answer: dict[str, Any] = dict(zip(names, connection.fetchone() or (), strict=True))
    candidates = tuple(Candidate(**each) for each in answer.pop("candidates"))
    return Answer(**answer, candidates=candidates)


def resolve_file(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    target: Path,
    *,
    on_day: date | None = None,
) -> dict[str, int]:
    """Answer every row of a CSV file: `target` has its rows in order, with `ANSWERS` added.

    `on_day` holds where a row has no day of its own. Returns the number of rows by `match_state`.

    Raises:
        NamesError: the file cannot be read, lacks a column of names, or has a bad day or level.
    """
    try:
        connection.execute(
            "create or replace temp table asked as"
            " select row_number() over () as name_id, * from read_csv("
            f"{literal(str(source))}, header = true, all_varchar = true, nullstr = '')"
        )
    except duckdb.Error as error:
        said = str(error).splitlines()[0]  # further lines show the row, which may hold anything
        raise NamesError(
            f"{source} cannot be read as CSV: {said}; write it as UTF-8, with text that holds the"
            " delimiter in double quotes"
        ) from error
    header = [row[0] for row in connection.execute("describe asked").fetchall()][1:]
    _check_header(source, header)
    _check_values(connection, source, header)
    days = f"{_DAY}::date" if "on_day" in header else "null"
    fallback = literal(on_day.isoformat()) if on_day else "null"
    columns = [
        f"{identifier(name) if name in header else 'null::varchar'} as {name}"
        for name in (*TEXTS, "level", "scheme")
    ]
    columns.append(f"coalesce({days}, {fallback}::date) as on_day")
    connection.execute(
        f"create or replace temp table written_names as select name_id, {', '.join(columns)}"
        " from asked"
    )
    _ask(connection)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    kept = ", ".join(f"asked.{identifier(name)}" for name in header)
    try:
        connection.execute(
            f"copy (select {kept}, a.match_state, a.admin_unit_key, a.code as unit_code,"
            " a.level as unit_level, a.full_name as unit_name, a.matched_by, a.reason,"
            " array_to_string([c.admin_unit_key || ' ' || c.full_name for c in a.candidates], '; ')"
            " as candidates from asked join answered_names as a using (name_id) order by name_id)"
            f" to {literal(str(draft))} (format csv, header true)"
        )
        sync_file(draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(target.parent)
    counts = connection.execute(
        "select match_state, count(*) from answered_names group by match_state"
    ).fetchall()
    return {state: int(rows) for state, rows in counts}


def _ask(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute(
            "create or replace temp table answered_names as"
            " from intermediate.resolve_units('written_names')"
        )
    except duckdb.CatalogException as error:
        raise NamesError(
            "this warehouse was built before names could be resolved; run `khomo run` once"
        ) from error


def _check_header(source: Path, header: Sequence[str]) -> None:
    if not set(TEXTS) & set(header):
        raise NamesError(
            f"{source} has no column of names (it has {', '.join(header)});"
            f" call one {', '.join(TEXTS[:-1])} or {TEXTS[-1]}, and put text that holds the"
            " delimiter in double quotes"
        )
    if twins := sorted(set(ANSWERS) & set(header)):
        raise NamesError(
            f"{source} already has {', '.join(twins)}, which the answer adds; rename or remove it"
        )


def _check_values(
    connection: duckdb.DuckDBPyConnection, source: Path, header: Sequence[str]
) -> None:
    """Refuse the first row whose day or level cannot be understood."""
    rules = {
        "on_day": (
            f"{_DAY} is null",
            DAY_REMEDY,
        ),
        "level": (
            f"level not in ({', '.join(literal(name) for name in get_args(Level))})",
            f"use {', '.join(get_args(Level))}",
        ),
    }
    for column, (is_bad, remedy) in rules.items():
        if column not in header:
            continue
        bad = connection.execute(
            f"select name_id, {column} from asked where {column} is not null and {is_bad}"
            " order by name_id limit 1"
        ).fetchone()
        if bad:
            raise NamesError(f"{source}, row {bad[0]}, column {column}: {bad[1]!r}; {remedy}")
