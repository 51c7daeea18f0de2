"""The arithmetic of the report's small charts; the templates draw them.

Every chart repeats figures that stand beside it as text, so nothing is lost without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BAR_WIDTH = 120.0
COLUMN_HEIGHT = 60.0
VISIBLE = 3.0
"""Size below which a part that is not zero could be overlooked."""


@dataclass(frozen=True)
class Segment:
    """A part of a bar: what it stands for, where it starts, how wide it is."""

    kind: str
    x: float
    width: float


def bar(parts: Sequence[tuple[str, int]], width: float = BAR_WIDTH) -> tuple[Segment, ...]:
    """Parts of a whole side by side. Every part that is not zero stays visible."""
    counted = [(kind, count) for kind, count in parts if count > 0]
    total = sum(count for _, count in counted)
    if not total:
        return ()
    wanted = [max(width * count / total, VISIBLE) for _, count in counted]
    largest = wanted.index(max(wanted))
    wanted[largest] -= sum(wanted) - width
    segments: list[Segment] = []
    x = 0.0
    for (kind, _), size in zip(counted, wanted, strict=True):
        segments.append(Segment(kind, round(x, 2), round(size, 2)))
        x += size
    return tuple(segments)


def column_heights(values: Sequence[int], height: float = COLUMN_HEIGHT) -> tuple[float, ...]:
    """One height per value, from zero, the largest as high as the chart."""
    top = max(1, *values) if values else 1
    return tuple(round(max(height * value / top, 1.0), 2) for value in values)
