"""What is usual for a figure, learnt from what it was before: one arithmetic for files that arrive
and for releases that leave. What is measured, and what comes of it, is the callers' business.
"""

from collections.abc import Sequence
from statistics import median

WINDOW = 12
"""Earlier figures that a band is learnt from, the newest."""
MINIMUM = 3
"""Earlier figures without which there is no band, unless a contract says otherwise."""

_SPREAD = 4.0 * 1.4826  # median absolute deviations; the factor makes them standard deviations


def band(values: Sequence[float], floor: float) -> tuple[float, float, float]:
    """(lowest, median, highest) usual value: median ± the larger of its spread and `floor` × it."""
    middle = median(values)
    spread = median(abs(value - middle) for value in values)
    half = max(_SPREAD * spread, floor * middle)
    return max(0.0, middle - half), middle, middle + half
