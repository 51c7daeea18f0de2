"""Months: which resource of a source belongs to which.

A contract parts a source by `partition: {by: month, start: '2024-01'}`; its tables' `resource` then
holds `{yyyy}` and `{mm}`. A month is the text `2024-01`. What Dagster makes of months is
`orchestration.months`.
"""

import re

from pipelines.contracts import SourceContract

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_PLACES = {"{yyyy}": r"(?P<yyyy>\d{4})", "{mm}": r"(?P<mm>\d{2})"}


def first_month(contract: SourceContract) -> str | None:
    """The month a source begins with; None where it is not parted."""
    said = contract.properties.get("partition") or {}
    return str(said["start"]) if said else None


def is_month(text: str) -> bool:
    """True for a month as it is written here."""
    return bool(_MONTH.fullmatch(text))


def glob_of(resource: str) -> str:
    """The pattern of file names that a `resource` with months stands for."""
    return resource.replace("{yyyy}", "[0-9]" * 4).replace("{mm}", "[0-9]" * 2)


def month_of(resource: str, name: str) -> str | None:
    """The month in the file name `name`; None where `resource` holds none."""
    if "{yyyy}" not in resource:
        return None
    # Only the months matter: anything else in the pattern was matched by the glob before.
    parts = re.split(r"(\{yyyy\}|\{mm\}|\*|\?)", resource)
    pattern = "".join(
        _PLACES.get(part, ".*" if part == "*" else "." if part == "?" else re.escape(part))
        for part in parts
    )
    found = re.fullmatch(pattern, name)
    return f"{found['yyyy']}-{found['mm']}" if found else None


def address_in(resource: str, month: str) -> str:
    """The name or address that `resource` has in `month`."""
    return resource.replace("{yyyy}", month[:4]).replace("{mm}", month[5:])


def months_between(first: str, last: str) -> list[str]:
    """Every month from `first` to `last`, both included."""
    begin = int(first[:4]) * 12 + int(first[5:]) - 1
    end = int(last[:4]) * 12 + int(last[5:]) - 1
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(begin, end + 1)]
