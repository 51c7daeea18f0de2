"""The words for quality that contracts, checks, decisions and reports share.

One name per dimension and per severity. What the standards call a dimension is given beside it,
because outsiders read our figures with their words: ISO/IEC 25012 names characteristics of data,
DQV takes dimensions from the survey by Zaveri et al. (https://www.w3.org/2016/05/ldqd).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_LDQD = "http://www.w3.org/2016/05/ldqd#"
_ODCS = {"conformity": "validity", "coverage": "completeness"}


class Dimension(StrEnum):
    """What a check is about."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    ACCURACY = "accuracy"
    TIMELINESS = "timeliness"


class Severity(StrEnum):
    """What comes of a check that ran and did not pass; one that did not run always blocks."""

    BLOCKER = "blocker"  # the dataset is withheld
    WARNING = "warning"  # published, and somebody should look
    INFORMATION = "information"  # published, and said; nobody needs to do anything


@dataclass(frozen=True)
class Terms:
    """A dimension in the words of two standards: a characteristic and a DQV dimension's IRI."""

    iso25012: str
    dqv: str


TERMS: Mapping[Dimension, Terms] = {
    Dimension.COMPLETENESS: Terms("completeness", f"{_LDQD}completeness"),
    Dimension.VALIDITY: Terms("compliance", f"{_LDQD}syntacticValidity"),
    # ISO/IEC 25012 has no word of its own for it: two rows that say the same contradict or repeat.
    Dimension.UNIQUENESS: Terms("consistency", f"{_LDQD}conciseness"),
    Dimension.CONSISTENCY: Terms("consistency", f"{_LDQD}consistency"),
    Dimension.ACCURACY: Terms("accuracy", f"{_LDQD}semanticAccuracy"),
    Dimension.TIMELINESS: Terms("currentness", f"{_LDQD}timeliness"),
}


def dimension(name: str) -> Dimension:
    """A dimension by its name here or in ODCS, which calls two of them differently.

    Raises:
        ValueError: there is no such dimension; the message lists them.
    """
    try:
        return Dimension(_ODCS.get(name, name))
    except ValueError:
        known = ", ".join((*Dimension, *_ODCS))
        raise ValueError(f"{name!r} is no quality dimension; use one of {known}") from None


def severity(name: str) -> Severity:
    """A severity by its name.

    Raises:
        ValueError: there is no such severity; the message lists them.
    """
    try:
        return Severity(name)
    except ValueError:
        raise ValueError(f"{name!r} is no severity; use one of {', '.join(Severity)}") from None
