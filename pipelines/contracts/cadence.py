"""How often a contract promises new data, in days. Whether a promise was kept is the report's."""

from pipelines.contracts.model import Contract

TOLERANCE = 1.5  # a source is late after a period and a half: a day's delay is no alarm
DAYS = {"d": 1, "w": 7, "m": 31, "q": 92, "y": 366}


def promised_period(contract: Contract) -> tuple[float, str] | None:
    """The promised cadence as (number, unit in d, w, m, q, y); None where nothing usable is said"""
    value, unit = contract.sla.get("frequency", ("", None))
    short = (unit or "").lower()[:1]
    try:
        count = float(value)
    except ValueError:
        return None
    return (count, short) if count > 0 and short in DAYS else None
