"""How figures and times are written for a Vietnamese reader: 1.234.567,89 and dd/mm/yyyy.

Both languages of the report use this one style, so that a figure never reads as two.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

MINUS = "\N{MINUS SIGN}"
EMPTY = "\N{EN DASH}"

_STEP = 1000
_SWAP = str.maketrans(",.", ".,")


def number(value: int | float | Decimal | None, places: int = 0) -> str:
    """A figure with points between thousands and a decimal comma; a dash where there is none."""
    if value is None:
        return EMPTY
    step = Decimal(1).scaleb(-places)
    exact = Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)
    return f"{exact:,.{places}f}".translate(_SWAP).replace("-", MINUS)


def signed(value: int | None) -> str:
    """A difference with its sign; 0 has none."""
    if value is None:
        return EMPTY
    return f"+{number(value)}" if value > 0 else number(value)


def percent(part: int, whole: int) -> str:
    """`part` of `whole` in per cent, with as many decimals as it takes not to read 0 or 100."""
    if whole == 0:
        return EMPTY
    share = Decimal(100 * part) / Decimal(whole)
    for places in (0, 1, 2, 3):
        rounded = share.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        if part in (0, whole) or rounded not in (0, 100):
            return f"{number(rounded, places)}%"
    return "<0,001%" if 2 * part < whole else ">99,999%"


def size(count: int) -> str:
    """A number of bytes in the largest unit that keeps it above 1 (1 KB = 1.000 B)."""
    amount, unit = Decimal(count), "B"
    for larger in ("KB", "MB", "GB"):
        if amount < _STEP:
            break
        amount, unit = amount / _STEP, larger
    return f"{number(amount, 0 if unit == 'B' else 1)} {unit}"


def day(value: str | None) -> str:
    """An ISO date as dd/mm/yyyy; other text stays as it is."""
    if not value:
        return EMPTY
    try:
        return f"{date.fromisoformat(value[:10]):%d/%m/%Y}"
    except ValueError:
        return value


def local_day(value: datetime | None, zone: str) -> str:
    """The day of an instant, dd/mm/yyyy, on the calendars of `zone`."""
    return EMPTY if value is None else f"{value.astimezone(ZoneInfo(zone)):%d/%m/%Y}"


def moment(value: datetime | None, zone: str) -> str:
    """An instant as dd/mm/yyyy HH:MM on the clocks of `zone`."""
    if value is None:
        return EMPTY
    return f"{value.astimezone(ZoneInfo(zone)):%d/%m/%Y %H:%M}"


def seconds(value: float | None) -> str:
    """A duration in seconds."""
    return EMPTY if value is None else f"{number(value, 1)} s"
