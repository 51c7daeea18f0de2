"""The one clock. Everything that needs the present asks here, so that a test can set it.

Nothing that enters a digest may depend on it: wall-clock time belongs in ledgers and logs only.
"""

import os
from datetime import UTC, datetime


def now() -> datetime:
    """The present in UTC, or the instant in `$KHOMO_NOW` (ISO 8601 with an offset)."""
    fixed = os.environ.get("KHOMO_NOW")
    if not fixed:
        return datetime.now(UTC)
    instant = datetime.fromisoformat(fixed)
    if instant.tzinfo is None:
        raise ValueError(
            f"KHOMO_NOW={fixed!r} has no UTC offset; write it like 2026-10-31T12:00:00+07:00"
        )
    return instant.astimezone(UTC)


def stamp() -> str:
    """The present as ISO 8601 in UTC, to the millisecond."""
    return now().isoformat(timespec="milliseconds")
