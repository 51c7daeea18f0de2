"""How long raw bytes are kept: the property `retention: {raw: '24 months', reason: {vi, en}}`."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from pipelines.contracts.model import SourceContract

_SPAN = re.compile(r"(\d+) (day|month|year)s?")
_DAYS = {"day": 1, "month": 31, "year": 366}


def keeps_personal_data(contract: SourceContract) -> bool:
    """True where raw bytes of the source identify persons."""
    return any(column.personal for table in contract.tables for column in table.columns)


def expires_before(contract: SourceContract, at: datetime) -> datetime | None:
    """Raw bytes first retrieved before this instant are past their time at `at`; None: no rule."""
    said = contract.properties.get("retention") or {}
    found = _SPAN.fullmatch(str(said.get("raw", "")))
    if not found:
        return None
    return at - timedelta(days=int(found[1]) * _DAYS[found[2]])


def problems(contract: SourceContract) -> Iterator[str]:
    """What is wrong with a contract's retention rule, for the lint."""
    said = contract.properties.get("retention")
    if said is None:
        if keeps_personal_data(contract):
            yield "it holds personal data, but says not how long raw bytes are kept (retention)"
        return
    if not isinstance(said, dict) or set(said) != {"raw", "reason"}:
        yield "retention must be {raw: '24 months', reason: {vi: …, en: …}}"
        return
    if not _SPAN.fullmatch(str(said["raw"])):
        yield f"retention: raw {said['raw']!r} is no span; write '90 days', '24 months', '5 years'"
    reason = said["reason"]
    if not isinstance(reason, dict) or not all(reason.get(name) for name in ("vi", "en")):
        yield "retention: the reason is needed in both languages (vi, en)"
