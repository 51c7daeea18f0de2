"""Figures and dates as a Vietnamese reader expects them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pipelines.report import formats


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (1_234_567, 0, "1.234.567"),
        (Decimal("1234567.891"), 2, "1.234.567,89"),
        (0.125, 2, "0,13"),
        (-1500, 0, "−1.500"),
        (None, 0, "–"),
    ],
)
def test_points_between_thousands_and_a_decimal_comma(
    value: float | None, places: int, written: str
) -> None:
    assert formats.number(value, places) == written


@pytest.mark.parametrize(
    ("value", "written"), [(1500, "+1.500"), (-3, "−3"), (0, "0"), (None, "–")]
)
def test_a_difference_has_its_sign(value: int | None, written: str) -> None:
    assert formats.signed(value) == written


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [
        (1, 4, "25%"),
        (1, 1000, "0,1%"),
        (999, 1000, "99,9%"),
        (1, 10_000_000, "<0,001%"),
        (9_999_999, 10_000_000, ">99,999%"),
        (0, 10, "0%"),
        (10, 10, "100%"),
        (0, 0, "–"),
    ],
)
def test_a_share_never_rounds_to_none_or_all(part: int, whole: int, written: str) -> None:
    assert formats.percent(part, whole) == written


@pytest.mark.parametrize(
    ("count", "written"), [(999, "999 B"), (1500, "1,5 KB"), (2_340_000_000, "2,3 GB")]
)
def test_sizes_use_the_unit_that_reads_best(count: int, written: str) -> None:
    assert formats.size(count) == written


def test_days_and_moments_are_local() -> None:
    instant = datetime(2026, 12, 31, 18, 30, tzinfo=UTC)
    assert formats.moment(instant, "Asia/Ho_Chi_Minh") == "01/01/2027 01:30"
    assert formats.moment(None, "Asia/Ho_Chi_Minh") == "–"
    assert formats.local_day(instant, "Asia/Ho_Chi_Minh") == "01/01/2027"
    assert formats.local_day(None, "Asia/Ho_Chi_Minh") == "–"
    assert formats.day("2026-10-31") == "31/10/2026"
    assert formats.day("quý IV") == "quý IV"
    assert formats.day(None) == "–"
