"""What checks say, with everything that looks like a personal value taken out.

The one place that messages, observed figures and failing rows pass on their way into the ledger,
Dagster's metadata, logs and reports, whatever engine the check ran in. Where a report shows less
for other reasons is its own business (`report.samples`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from pipelines.contracts import Text
from pipelines.duck import connect
from pipelines.quality.messages import two_lines
from pipelines.quality.personal.patterns import DETECTORS
from pipelines.quality.personal.scan import HIDDEN, scan_values


class Said(Protocol):
    """A result of a check, or a node of dbt: a dataclass with what was said and failing rows."""

    @property
    def message(self) -> str | None: ...

    @property
    def sample(self) -> tuple[Mapping[str, Any], ...]: ...


T = TypeVar("T", bound=Said)

_TITLES = {detector.kind: detector.title for detector in DETECTORS}
_SAID = ("message", "observed")

Kinds = Mapping[tuple[str, bool], Sequence[str]]
"""(value as text, whether it is a number) → the kinds of personal values in it."""


def masked(results: Sequence[T]) -> list[T]:
    """The same results of checks or nodes of dbt without personal values.

    A cell of `sample` that holds one is replaced by a dot, a `message` by what kind it held.

    Raises:
        duckdb.Error: a text could not be looked at; then nothing may be kept.
    """
    kinds = _kinds(sorted({item for result in results for item in _values(result)}))
    return [_without(result, kinds) for result in results] if kinds else list(results)


def _values(result: Said) -> Iterator[tuple[str, bool]]:
    for name in _SAID:
        if text := getattr(result, name, None):
            yield text, False
    for row in result.sample:
        for value in row.values():
            if value is not None and not isinstance(value, bool):
                yield str(value), isinstance(value, int | float)


def _kinds(values: Sequence[tuple[str, bool]]) -> Kinds:
    if not values:
        return {}
    with connect() as connection:
        connection.execute(
            "create temp table said as select unnest(?::bigint[]) as place,"
            " unnest(?::varchar[]) as value, unnest(?::boolean[]) as is_number",
            [
                list(range(len(values))),
                [text for text, _ in values],
                [is_number for _, is_number in values],
            ],
        )
        found = scan_values(connection, "select place, value, 1 as rows, is_number from said")
    kinds: dict[tuple[str, bool], list[str]] = {}
    for item in found:
        kinds.setdefault(values[int(item.place)], []).append(item.kind)
    return kinds


def _without(result: T, kinds: Kinds) -> T:
    changed: dict[str, Any] = {}
    for name in _SAID:
        text: Any = getattr(result, name, None)
        if (text, False) in kinds:
            changed[name] = _instead(kinds[text, False]) if name == "message" else HIDDEN
    changed["sample"] = tuple(
        {
            name: HIDDEN if (str(value), isinstance(value, int | float)) in kinds else value
            for name, value in row.items()
        }
        for row in result.sample
    )
    copied: Any = result
    masked_one: T = replace(copied, **changed)
    return masked_one


def _instead(kinds: Sequence[str]) -> str:
    titles = [_TITLES[kind] for kind in kinds]
    return two_lines(
        Text(
            f"{HIDDEN} không ghi lại, vì có {', '.join(title.vi for title in titles)}",
            f"{HIDDEN} not kept: it holds a {', '.join(title.en for title in titles)}",
        )
    )
