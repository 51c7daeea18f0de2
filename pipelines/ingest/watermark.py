"""Watermarks of increments: the greatest value that arrived, and where the next pull begins.

Values are compared typed, as the contract reads the column, set-based and straight over the pages.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from pipelines.clock import now
from pipelines.contracts.rest import COUNTED, Incremental
from pipelines.duck import connect, literal, literals
from pipelines.ingest.casting import value_of
from pipelines.ingest.readers.documents import json_path

AHEAD = timedelta(days=1)  # what a clock elsewhere may be ahead of ours, time zones included


def greatest(incremental: Incremental, pages: Sequence[Path], records: str) -> str | None:
    """The greatest watermark in JSON pages, as upstream writes it; None where none can be read.

    A time that lies in the future is somebody's slip: with it as the watermark, nothing would ever
    be asked for again. The record itself is kept.
    """
    column = incremental.watermark
    place = (json_path(records) if records else "$") + "[*]" + json_path(column.header)[1:]
    with connect() as connection:
        row = connection.execute(
            f"""
            select arg_max(text, value) filter ({_believable(incremental)})
            from (
                select text, {value_of(column, "text")} as value
                from (
                    select unnest(json_extract_string(
                        ltrim(content, chr(65279)), {literal(place)}
                    )) as text
                    from read_text({literals([str(page) for page in pages])})
                )
            )
            """
        ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def begin(incremental: Incremental, marks: Sequence[str]) -> str | None:
    """Where the next increment begins: the greatest of `marks`, less the overlap, as it is asked.

    None where none of the marks can be read: the contract reads the column in another way now.
    """
    column = incremental.watermark
    greatest = f"max({value_of(column, 'text')})"
    if column.type in COUNTED:
        shown = f"({greatest} - {int(incremental.overlap)})::varchar"
    else:
        shown = (
            f"strftime({greatest} - interval {literal(incremental.overlap)},"
            f" {literal(incremental.form)})"
        )
    with connect() as connection:
        row = connection.execute(
            f"select {shown} from (select unnest({literals(list(marks))}) as text)"
        ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def _believable(incremental: Incremental) -> str:
    if incremental.watermark.type in COUNTED:
        return "true"
    latest = (now() + AHEAD).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    return f"value <= timestamp {literal(latest)}"
