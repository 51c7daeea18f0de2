"""The rows of a CKAN DataStore, page by page, as one CSV file.

The portal words the rows as CSV itself, so that a code keeps its zeros; only the line of headings
is ours, because pages come without. A transfer is whole or nothing: the portal says how many rows
there are, and as many must arrive.
"""

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipelines.ingest.connectors.base import Transfer
from pipelines.ingest.connectors.refusal import RefusedError
from pipelines.ingest.connectors.transport import Session

PAGE = 10_000  # rows asked for at a time; a portal may give fewer
CELL = 16 << 20  # letters of one cell
TRIES = 3  # times to begin again while rows are being changed


class _ChangedError(Exception):
    """The number of rows changed while they were read."""


def fetch_rows(
    session: Session,
    call: Callable[..., Any],
    about: Mapping[str, Any],
    into: Path,
    ceiling: int,
    declared: str | None,
) -> Transfer:
    """Write all rows of a resource into the new file `into`; `call` asks the portal.

    Raises:
        PullError: the rows are not all there, or are too many.
    """
    with session.transfer(str(session.base)):
        for _ in range(TRIES):
            try:
                _write(session, call, str(about["id"]), into, ceiling)
                return Transfer(not_modified=False, declared=declared)
            except _ChangedError:
                into.unlink(missing_ok=True)
            except BaseException:
                into.unlink(missing_ok=True)
                raise
        raise RefusedError(
            f"the rows of resource {about['id']} changed {TRIES} times while they were read; run"
            " again later: nothing was changed",
            passing=True,
        )


def _write(
    session: Session, call: Callable[..., Any], identity: str, into: Path, ceiling: int
) -> None:
    first = call("datastore_search", resource_id=identity, limit=0)
    total = _number(first, "total")
    fields = [str(field["id"]) for field in first.get("fields") or [] if field["id"] != "_id"]
    if not fields:
        raise RefusedError(f"resource {identity} has no columns in the DataStore")
    with into.open("x", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerow(fields)
        rows = 0
        while rows < total:
            session.timing.check()
            page = call(
                "datastore_search",
                resource_id=identity,
                fields=fields,
                sort="_id",
                limit=PAGE,
                offset=rows,
                records_format="csv",
            )
            if _number(page, "total") != total:
                raise _ChangedError
            text = str(page.get("records") or "")
            count = _rows(text)
            if not count:
                raise RefusedError(
                    f"the DataStore gave {rows} of {total} rows of resource {identity} and then no"
                    " more",
                    passing=True,
                )
            rows += count
            target.write(text if text.endswith("\n") else text + "\n")
            if target.tell() > ceiling:
                raise RefusedError(
                    f"the rows are larger than {ceiling} bytes; raise `maxBytes` in the contract"
                    " if that is right"
                )
    if rows != total:
        raise RefusedError(
            f"the DataStore gave {rows} rows of resource {identity}, but says there are {total}"
        )


def _rows(text: str) -> int:
    """How many records a page of CSV holds: a line break inside quotes begins none."""
    csv.field_size_limit(max(csv.field_size_limit(), CELL))
    return sum(1 for _ in csv.reader(io.StringIO(text, newline="")))


def _number(answer: Mapping[str, Any], name: str) -> int:
    value = answer.get(name)
    if not isinstance(value, int) or answer.get("total_was_estimated"):
        raise RefusedError("the DataStore does not say how many rows there are")
    return value
