"""Write synthetic dossiers: one CSV file per month of receipt, as a one-stop system exports them.

Their status changes, and what the national portal counts of them, are other forms of the same
dossiers: every choice hangs on a dossier's number, so the three tell one story.

The same seed, rows, province and source files give the same bytes, whatever the thread count, for
the DuckDB version in the lock file (its `hash` is not promised across versions). Memory does not
grow with the number of rows: each file is one streaming query.
"""

import calendar
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb

from pipelines.synthetic import words
from pipelines.synthetic.catalogue import Procedure, level_slots, procedure_noise, read_procedures
from pipelines.synthetic.common import (
    AS_OF,
    FIRST_MONTH,
    ProvinceCode,
    SyntheticError,
    Written,
    WrittenFile,
    filled,
    literal,
    workbench,
)
from pipelines.synthetic.dossier_events import EVENT_FORM
from pipelines.synthetic.dossier_form import EXPORT_FORM
from pipelines.synthetic.dossier_sql import (
    BAD_ROWS,
    FEES,
    LATE_DAYS,
    MACROS,
    TIME_LIMITS,
    month_query,
)
from pipelines.synthetic.folding import ascii_name
from pipelines.synthetic.national_form import NATIONAL_FORM
from pipelines.synthetic.territory import load_territory
from pipelines.synthetic.workload import plan_cells

_LEVELS = ("province", "district", "commune")
_UNKNOWN_AGENCY = "H00"  # no province holds it; used where province.yaml leaves the code out

_FORMS = {
    "dossiers": EXPORT_FORM,
    "dossier-events": EVENT_FORM,
    "national-dossier-counts": NATIONAL_FORM,
}

Progress = Callable[[int, int], None]
"""Called after each file with files written so far and files in all."""


def _months(first: date, last: date) -> list[tuple[date, date]]:
    """First and last day of every month from `first` to `last`, cut at `last`."""
    spans = []
    start = first
    while start <= last:
        end = start.replace(day=calendar.monthrange(start.year, start.month)[1])
        spans.append((start, min(end, last)))
        start = date.fromordinal(end.toordinal() + 1)
    return spans


def _named(entries: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": entry, "ascii": ascii_name(entry)} for entry in entries]


def _service_level(procedure: Procedure) -> int:
    # more than half of all procedures are fully online
    return (4, 4, 4, 4, 4, 4, 3, 3, 2, 2)[procedure_noise(procedure.code, "level") % 10]


def _lists(procedures: Sequence[Procedure]) -> dict[str, object]:
    """The session variables the month query reads; procedures are addressed by position."""
    fields = sorted({procedure.field for procedure in procedures})
    codes = {field: f"LV{number:03d}" for number, field in enumerate(fields, start=1)}
    return {
        "codes": [p.code for p in procedures],
        "names": [p.name for p in procedures],
        "fields": [p.field for p in procedures],
        "field_codes": [codes[p.field] for p in procedures],
        "levels": [_service_level(p) for p in procedures],
        "fees": [FEES[procedure_noise(p.code, "fee") % len(FEES)] for p in procedures],
        "noises": [procedure_noise(p.code, "limit") % 10_000 for p in procedures],
        "slots": [slot for level in _LEVELS for slot in level_slots(procedures, level)],
        "limits": [days for level in _LEVELS for days in TIME_LIMITS[level]],
        "late_days": LATE_DAYS,
        "pick_up_days": [0, 0, 0, 0, 0, 0, 1, 1, 2, 5],
        "families": _named(words.weighted(words.FAMILY_NAMES)),
        "middles_male": _named(words.weighted(words.MIDDLE_NAMES_MALE)),
        "middles_female": _named(words.weighted(words.MIDDLE_NAMES_FEMALE)),
        "givens_male": _named(words.GIVEN_NAMES_MALE),
        "givens_female": _named(words.GIVEN_NAMES_FEMALE),
        "company_forms": list(words.COMPANY_FORMS),
        "company_trades": list(words.COMPANY_TRADES),
        "company_words": list(words.COMPANY_WORDS),
        "hamlets": list(words.HAMLETS),
    }


def _monthly_cells(
    con: duckdb.DuckDBPyConnection, procedures: Sequence[Procedure], months: int
) -> None:
    """Split `cells` into `cells_0`, `cells_1`, …, one table per month.

    Every cell is told where its level's part of `slots` and `limits` begins and how long it is.
    A month of cells is a single row group, which one thread scans from first to last.
    """
    rows = []
    slot = limit = 1
    for level in _LEVELS:
        slots, limits = len(level_slots(procedures, level)), len(TIME_LIMITS[level])
        rows.append(f"('{level}', {slot}, {slots}, {limit}, {limits})")
        slot, limit = slot + slots, limit + limits
    for month in range(months):
        con.execute(
            f"""
            create table cells_{month} as
            select c.*, l.slots_from, l.slots_count, l.limits_from, l.limits_count
            from cells as c
            inner join (
                values {", ".join(rows)}
            ) as l (level, slots_from, slots_count, limits_from, limits_count) using (level)
            where c.month = {month}
            order by c.cell
            """
        )
    # Keeping order would make COPY hold a whole month in memory; with one thread per file there is
    # no order to lose.
    con.execute("set preserve_insertion_order = false")


_PLACES = """
set variable communes = (
    select list(name order by code)
    from territory
    where level = 'commune' and $day between first_day and last_day
);
set variable ended_codes = (
    select coalesce(list(distinct code order by code), [])
    from territory
    where
        level = 'commune'
        and last_day < $day
        and code not in (select code from territory where $day between first_day and last_day)
);
"""


class _MonthWriter:
    """Writes months; every thread of the pool has a cursor with the lists of its own."""

    def __init__(self, con: duckdb.DuckDBPyConnection, lists: dict[str, object]) -> None:
        self._con = con
        self._variables = ";".join(
            f"set variable {name} = {literal(value)}" for name, value in lists.items()
        )
        self._own = threading.local()

    def prepare(self) -> None:
        """Called once in each thread of the pool."""
        self._own.cursor = self._con.cursor()
        self._own.cursor.execute(self._variables)

    def write(self, query: str, day: date, path: Path) -> WrittenFile:
        """Stream one month to `path` through a file beside it, so that no half file is left."""
        cursor: duckdb.DuckDBPyConnection = self._own.cursor
        cursor.execute(filled(_PLACES, day=day))
        partial = path.with_suffix(".partial")
        written = cursor.execute(
            f"copy ({query}) to {literal(str(partial))} (format csv, header, delimiter ',')"
        ).fetchone()
        partial.replace(path)
        return WrittenFile(path, int(written[0]) if written else 0, path.stat().st_size)


def write_dossiers(
    out: Path,
    *,
    rows: int,
    seed: int,
    province: ProvinceCode,
    admin_units: Path,
    relations: Path,
    procedures: Path | Sequence[Procedure],
    agency_code: str | None = None,
    form: str = "dossiers",
    as_of: date = AS_OF,
    threads: int = 2,
    memory_limit: str = "1GB",
    progress: Progress | None = None,
) -> Written:
    """Write `rows` dossiers received from January 2024 to `as_of` into `out`.

    Files are `<form>-YYYY-MM.csv`, rows ordered by day, unit and arrival. The units are those of
    the province, and of the provinces it was made from, on the day of receipt. About one dossier in
    2,000 breaks its source contract on purpose.

    Args:
        form: what is written of them: `dossiers`, `dossier-events` (one row per status change) or
            `national-dossier-counts` (counts per field and status).
        admin_units, relations: the two CSV files of the source `admin-units`.
        procedures: the xlsx file of the source `procedures`, or procedures already read.
        agency_code: electronic identifier of the province (such as H27); made up when unknown.

    Raises:
        SyntheticError: the province is not in the files, or `rows` or `as_of` cannot be used.
    """
    if rows < 1:
        raise SyntheticError(f"rows is {rows}; ask for at least 1")
    if as_of < FIRST_MONTH:
        raise SyntheticError(f"as-of {as_of} is before the first month of receipt, {FIRST_MONTH}")
    agency = agency_code or _UNKNOWN_AGENCY
    known = read_procedures(procedures) if isinstance(procedures, Path) else list(procedures)
    months = _months(FIRST_MONTH, as_of)
    out.mkdir(parents=True, exist_ok=True)
    with workbench(threads=threads, memory_limit=memory_limit) as con:
        load_territory(con, admin_units=admin_units, relations=relations, province=province)
        plan_cells(con, rows=rows, seed=seed, first_day=FIRST_MONTH, last_day=as_of, agency=agency)
        con.execute(MACROS)
        _monthly_cells(con, known, len(months))
        files: list[WrittenFile] = []
        writer = _MonthWriter(con, _lists(known))
        with ThreadPoolExecutor(max_workers=threads, initializer=writer.prepare) as pool:
            pending = [
                pool.submit(
                    writer.write,
                    month_query(
                        month=number,
                        first_day=start,
                        seed=seed,
                        as_of=as_of,
                        agency=agency,
                        form=_FORMS[form],
                    ),
                    start,
                    out / f"{form}-{start:%Y-%m}.csv",
                )
                for number, (start, _) in enumerate(months)
            ]
            for future in pending:
                files.append(future.result())
                if progress is not None:
                    progress(len(files), len(pending))
        if form != "dossiers":
            return Written(tuple(files), 0)
        bad = con.execute(filled(BAD_ROWS, rows=rows, seed=seed)).fetchone()
    return Written(tuple(files), int(bad[0]) if bad else 0)
