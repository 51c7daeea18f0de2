"""Was a source pulled as often as its contract promises?

A promise is the `frequency` of the contract's `slaProperties`. A source is late after one period
and a half since its last retrieval: a monthly pull that runs a day behind is no reason for alarm.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pipelines.contracts import Contract, Text
from pipelines.contracts.cadence import DAYS, TOLERANCE, promised_period

_NAMES = {
    "d": Text("ngày", "day"),
    "w": Text("tuần", "week"),
    "m": Text("tháng", "month"),
    "q": Text("quý", "quarter"),
    "y": Text("năm", "year"),
}

State = Literal["on_time", "late", "never", "no_promise"]


@dataclass(frozen=True)
class Freshness:
    """A promise and how it was kept. `due` is when a source without a new pull becomes late."""

    promised: Text | None
    period_days: float | None
    last: datetime | None
    due: datetime | None
    state: State


def _in_words(count: float, unit: str) -> Text:
    name = _NAMES[unit]
    if count == 1:
        return Text(f"mỗi {name.vi} một lần", f"every {name.en}")
    return Text(f"{count:g} {name.vi} một lần", f"every {count:g} {name.en}s")


def freshness(contract: Contract, last: datetime | None, now: datetime) -> Freshness:
    """Compare the promise of `contract` with its last retrieval."""
    promise = promised_period(contract)
    if promise is None:
        return Freshness(None, None, last, None, "never" if last is None else "no_promise")
    days = promise[0] * DAYS[promise[1]]
    words = _in_words(*promise)
    if last is None:
        return Freshness(words, days, None, None, "never")
    due = last + timedelta(days=days * TOLERANCE)
    return Freshness(words, days, last, due, "late" if now > due else "on_time")
