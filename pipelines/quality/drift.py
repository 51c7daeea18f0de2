"""Does a candidate differ from the releases before it more than they differ among themselves?

Four things are compared, in SQL over the Parquet files: the number of rows, the values of columns
with few of them, the share of rows without a value, and the distribution of numbers. What is usual
is learnt from the last releases (see `bands`), never an exact figure; what a contract may change is
in `contracts.drift`. With too few releases nothing is judged, and the answer says so.
"""

from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path
from typing import Any

from pipelines.bands import band
from pipelines.contracts import Column
from pipelines.contracts.drift import Policy, policy_of
from pipelines.duck import identifier, literal
from pipelines.quality.history import earlier_releases
from pipelines.quality.outcome import Evidence, Outcome, failed, passed, unjudged
from pipelines.quality.readback import PARQUET_VIEW, parquet_relation

CATEGORIES = 50
"""Different values in the last release; a column with more, or mostly different ones, has none."""

_DECILES = [tenth / 10 for tenth in range(1, 10)]
_NAMED = 8
"""Findings a message names before it only counts the rest."""


class _History:
    """The candidate with the releases before it, for one kind of drift.

    `relations` holds the releases, the oldest first, then the candidate.
    """

    def __init__(self, evidence: Evidence, kind: str) -> None:
        self.policy: Policy = policy_of(evidence.contract, kind)
        self.connection = evidence.data.connection
        self.files: list[Path] = earlier_releases(evidence)
        self.relations = [parquet_relation(file) for file in self.files] + [PARQUET_VIEW]
        self.columns: list[Column] = [
            column
            for column in evidence.contract.table.columns
            if column.name not in self.policy.left_out
        ]

    @property
    def last(self) -> str | None:
        """The version that the candidate is compared with first of all."""
        return self.files[-1].parent.name if self.files else None

    @property
    def short(self) -> Outcome | None:
        """The answer where there are too few releases; None where there are enough."""
        if len(self.files) >= self.policy.minimum:
            return None
        return unjudged(
            f"Chưa đủ lịch sử để xét: {len(self.files)} bản phát hành trước, cần"
            f" {self.policy.minimum}",
            f"Too little history to judge: {len(self.files)} earlier release(s), of"
            f" {self.policy.minimum} needed",
            self.last,
        )

    def types(self) -> list[dict[str, str]]:
        """The columns with their types, of each relation."""
        return [
            {
                str(name): str(kind)
                for name, kind, *_ in self.connection.execute(f"describe from {item}").fetchall()
            }
            for item in self.relations
        ]

    def measure(self, expressions: Sequence[Sequence[str]]) -> list[tuple[Any, ...]]:
        """One row of aggregates per relation; `expressions` has a list of them for each."""
        parts = [
            f"select {number} as relation, {', '.join(own)} from {relation}"
            for number, (relation, own) in enumerate(zip(self.relations, expressions, strict=True))
        ]
        rows = self.connection.execute(f"{' union all '.join(parts)} order by relation").fetchall()
        return [tuple(row[1:]) for row in rows]

    def answer(self, found: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Outcome:
        """The outcome of what was found: each in both languages, with its row of the sample."""
        count = len(self.files)
        if not found:
            return passed(
                f"Trong khoảng thường thấy của {count} bản phát hành trước",
                f"Within what is usual for the {count} release(s) before",
                self.last,
            )
        rest = f"; … (+{len(found) - _NAMED})" if len(found) > _NAMED else ""
        return failed(
            f"Khác thường so với {count} bản trước (bản gần nhất {self.last}): "
            + "; ".join(vi for vi, _, _ in found[:_NAMED])
            + rest,
            f"Unusual beside the {count} release(s) before (the last is {self.last}): "
            + "; ".join(en for _, en, _ in found[:_NAMED])
            + rest,
            observed=str(len(found)),
            sample=tuple(row for _, _, row in found),
        )


def drift_rows(evidence: Evidence) -> Outcome:
    """The number of rows is one that the history lets expect."""
    history = _History(evidence, "rows")
    if history.short:
        return history.short
    *before, now = (int(row[0]) for row in history.measure([["count(*)"]] * len(history.relations)))
    low, middle, high = band(before, history.policy.usual)
    if low <= now <= high:
        return history.answer([])
    return history.answer(
        [
            (
                f"{now:,} dòng, thường {low:,.0f}–{high:,.0f} (trung vị {middle:,.0f})",
                f"{now:,} rows, usually {low:,.0f}–{high:,.0f} (median {middle:,.0f})",
                {"rows": now, "lowest": round(low), "highest": round(high)},
            )
        ]
    )


def drift_nulls(evidence: Evidence) -> Outcome:
    """The share of rows without a value is, column by column, what it used to be."""
    history = _History(evidence, "nulls")
    if history.short:
        return history.short
    types = history.types()
    shares = history.measure(
        [
            [
                f"count(*) filter ({identifier(column.name)} is null) / nullif(count(*), 0)"
                if column.name in own
                else "null"
                for column in history.columns
            ]
            for own in types
        ]
    )
    found = []
    for column, (*past, now) in zip(history.columns, zip(*shares, strict=True), strict=True):
        before = [float(share) for share in past if share is not None]
        if now is None or len(before) < history.policy.minimum:
            continue
        low, middle, high = band(before, 0)
        low, high = (
            max(0.0, min(low, middle - history.policy.usual)),
            min(1.0, max(high, middle + history.policy.usual)),
        )
        if not low <= now <= high:
            found.append(
                (
                    f"{column.name} trống ở {now:.1%} số dòng, thường {low:.1%}–{high:.1%}",
                    f"{column.name} has no value in {now:.1%} of rows, usually"
                    f" {low:.1%}–{high:.1%}",
                    {"column": column.name, "share": round(now, 4), "usual": round(middle, 4)},
                )
            )
    return history.answer(found)


def drift_categories(evidence: Evidence) -> Outcome:
    """No more values than usual are new in, or gone from, columns that have few."""
    history = _History(evidence, "categories")
    if history.short:
        return history.short
    types = history.types()
    names = _with_categories(history, types)
    if not names:
        return history.answer([])
    seen = " union all ".join(
        f"select {number} as relation, {literal(name)} as name,"
        f" {identifier(name)}::varchar as value from {relation}"
        f" where {identifier(name)} is not null group by all"
        for number, (relation, own) in enumerate(zip(history.relations, types, strict=True))
        for name in names
        if name in own
    )
    rows = history.connection.execute(
        f"with seen as materialized ({seen}) select coalesce(b.relation, a.relation + 1) as at,"
        " coalesce(b.name, a.name) as name, coalesce(b.value, a.value) as value,"
        " a.relation is null as is_new from seen as a full join seen as b"
        " on b.relation = a.relation + 1 and b.name = a.name and b.value = a.value"
        " where a.relation is null or b.relation is null order by name, is_new desc, value"
    ).fetchall()
    candidate = len(history.files)
    found = []
    for name in names:
        # Neighbours that both have the column; a column that came or went says nothing of values.
        pairs = [at for at in range(1, candidate) if name in types[at - 1] and name in types[at]]
        before = [sum(row[0] == at and row[1] == name for row in rows) for at in pairs]
        now = [row for row in rows if row[0] == candidate and row[1] == name]
        usual = max(history.policy.usual, band(before, 0)[2] if before else 0)
        if len(now) > usual:
            new = ", ".join(str(row[2]) for row in now if row[3]) or "–"
            gone = ", ".join(str(row[2]) for row in now if not row[3]) or "–"
            found += [
                (
                    f"{name}: giá trị mới {new}; không còn {gone}",
                    f"{name}: new {new}; gone {gone}",
                    {"column": name, "new": new, "gone": gone},
                )
            ]
    return history.answer(found)


def _with_categories(history: _History, types: Sequence[Mapping[str, str]]) -> list[str]:
    """Text columns of the last release and the candidate that have few different values there."""
    names = [
        column.name
        for column in history.columns
        if all(own.get(column.name) in ("VARCHAR", "BOOLEAN") for own in types[-2:])
    ]
    if not names:
        return []
    counts = ", ".join(f"count(distinct {identifier(name)})" for name in names)
    row = history.connection.execute(
        f"select count(*), {counts} from {history.relations[-2]}"
    ).fetchone()
    rows, *different = row or (0,)
    return [
        name
        for name, values in zip(names, different, strict=True)
        if values <= CATEGORIES and 2 * values <= rows
    ]


def drift_distribution(evidence: Evidence) -> Outcome:
    """Numbers are distributed as they were: by the population stability index over the deciles of
    the last release, column by column.
    """
    history = _History(evidence, "distribution")
    if history.short:
        return history.short
    types = history.types()
    edges = _deciles(history, types)
    counts = history.measure(
        [
            [
                "[" + ", ".join((*_up_to(name, own.get(name), limits), _all(name, own))) + "]"
                for name, limits in edges.items()
            ]
            or ["null"]
            for own in types
        ]
    )
    found = []
    for position, (name, limits) in enumerate(edges.items()):
        *past, last, now = (_in_bins(row[position]) for row in counts)
        if not sum(now) or not sum(last):
            continue
        before = [_stability(item, last) for item in past if sum(item)]
        # Two samples of one distribution differ, too; by this much on average.
        chance = len(limits) * (1 / sum(now) + 1 / sum(last))
        usual = max(history.policy.usual + chance, band(before, 0)[2] if before else 0)
        index = _stability(now, last)
        if index > usual:
            found.append(
                (
                    f"{name} phân bố khác: chỉ số ổn định {index:.2f}, thường đến {usual:.2f}",
                    f"{name} is distributed otherwise: stability index {index:.2f}, usually up to"
                    f" {usual:.2f}",
                    {"column": name, "index": round(index, 3), "usual": round(usual, 3)},
                )
            )
    return history.answer(found)


def _deciles(history: _History, types: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """The deciles of each numeric column of the last release, as SQL, each once."""
    columns = [
        column
        for column in history.columns
        if column.logical_type in ("integer", "number")
        and column.key_position is None
        and types[-2].get(column.name) == types[-1].get(column.name)
        and column.name in types[-1]
    ]
    if not columns:
        return {}
    wanted = ", ".join(f"quantile_disc({identifier(item.name)}, {_DECILES})" for item in columns)
    row = history.connection.execute(f"select {wanted} from {history.relations[-2]}").fetchone()
    return {
        column.name: [
            f"{literal(str(value))}::{types[-1][column.name]}" for value in dict.fromkeys(values)
        ]
        for column, values in zip(columns, row or (), strict=True)
        if values and values[0] is not None
    }


def _up_to(name: str, kind: str | None, limits: Sequence[str]) -> list[str]:
    """SQL for how many values are not above each limit; zeros where the column is not there."""
    if kind is None:
        return ["0"] * len(limits)
    return [f"count(*) filter ({identifier(name)} <= {limit})" for limit in limits]


def _all(name: str, own: Mapping[str, str]) -> str:
    return f"count({identifier(name)})" if name in own else "0"


def _in_bins(cumulative: Sequence[int]) -> list[int]:
    return [here - before for before, here in zip((0, *cumulative[:-1]), cumulative, strict=True)]


def _stability(now: Sequence[int], before: Sequence[int]) -> float:
    """The population stability index of counts in the same bins; half a row more in each, so that
    an empty one has a logarithm.
    """
    shares = [
        [(count + 0.5) / (sum(counts) + 0.5 * len(counts)) for count in counts]
        for counts in (now, before)
    ]
    return float(sum((a - b) * log(a / b) for a, b in zip(*shares, strict=True)))
