"""`khomo resolve`: which administrative unit does a written name mean?"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.console import WITHHELD, fail, number, out

if TYPE_CHECKING:
    from pipelines.warehouse.names import Answer, Candidate

WHY = {
    "needs_date": "it meant different units at different times; give --date",
    "several": "several units have this name; name what it lies in, its type or --level",
    "former_namesake": "one unit has this name now, but a former province or district had it too",
    "ended": "the unit ended before that day",
    "not_yet": "the unit began after that day",
    "marks": "the letters fit a name, the marks do not",
    "type": "the unit of this name is of another type",
    "parent": "the unit of this name lies elsewhere",
    "no_such_name": "no unit has this name",
    "empty": "there is no name in it",
}


def resolve(
    place: Annotated[
        str | None, typer.Argument(help="A name or a whole path, such as “Duyên Hải, Trà Vinh”.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--date", "-d", help="The day it was written for: 2024-05-01 or 01/05/2024."),
    ] = None,
    province: Annotated[str | None, typer.Option(help="Name or code of the province.")] = None,
    district: Annotated[str | None, typer.Option(help="Name or code of the district.")] = None,
    commune: Annotated[str | None, typer.Option(help="Name or code of the commune.")] = None,
    level: Annotated[
        str | None, typer.Option(help="The level wanted: province, district or commune.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="A CSV file with a column place, province, …"),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where the answers to --file go.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Find the administrative unit that a written name means; never guess.

    Leaves with 0 when the name is resolved, with 1 when it is ambiguous or unknown. With --file it
    leaves with 0 once every row has its answer, whatever it is.

    Examples:

        khomo resolve "xã Long Vĩnh, huyện Duyên Hải, tỉnh Trà Vinh" --date 2024-05-01

        khomo resolve --province "Vĩnh Long" --date 2025-07-01

        khomo resolve --file names.csv --out answers.csv
    """
    from pipelines.duck import connect
    from pipelines.settings import home
    from pipelines.warehouse import names
    from pipelines.warehouse.promotion import promoted_file

    database = promoted_file(home())
    if database is None:
        fail("there is no warehouse yet; make one with `khomo run`")
    try:
        on_day = names.day(on) if on else None
        with connect(database, read_only=True) as connection:
            if file is None:
                answer = names.resolve(
                    connection,
                    place=place,
                    province=province,
                    district=district,
                    commune=commune,
                    on_day=on_day,
                    level=level,
                )
            elif target is None or any((place, province, district, commune, level)):
                fail("--file goes with --out and, for rows without a day, --date; nothing else")
            else:
                counts = names.resolve_file(connection, file, target, on_day=on_day)
                for state in ("resolved", "ambiguous", "unknown"):
                    out.print(f"{state:<10} {number(counts.get(state, 0))}")
                return
    except names.NamesError as error:
        fail(str(error))
    if as_json:
        json.dump(asdict(answer), sys.stdout, ensure_ascii=False, indent=1, default=str)
        sys.stdout.write("\n")
    else:
        _show(answer)
    if answer.match_state != "resolved":
        raise typer.Exit(WITHHELD)


def _show(answer: "Answer") -> None:
    if answer.match_state == "resolved":
        out.print(f"resolved   {answer.admin_unit_key}  {answer.full_name}", soft_wrap=True)
        out.print(f"           matched by {answer.matched_by}", style="dim")
        return
    out.print(f"{answer.match_state:<10} {WHY[answer.reason or '']}", soft_wrap=True)
    if answer.match_state == "unknown" and answer.candidates:
        out.print("what it became:" if answer.reason == "ended" else "perhaps:")
    for candidate in answer.candidates:
        out.print(f"  {_line(candidate)}", soft_wrap=True)


def _line(candidate: "Candidate") -> str:
    days = [f"from {candidate.valid_from}"] if candidate.valid_from else []
    days += [f"until {candidate.valid_to}"] if candidate.valid_to else []
    return f"{candidate.admin_unit_key}  {candidate.full_name} ({', '.join(days)})"
