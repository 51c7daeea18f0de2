"""Turn one check off, in the real code that runs it: then a defect must get through."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from pipelines.ingest import split
from pipelines.ingest.arrival import gate as arrival_gate
from pipelines.publish import gate
from pipelines.quality import run
from tests.defects.kinds import kind_of


@contextmanager
def off(check: str | None) -> Iterator[None]:
    """While this lasts, `check` (a kind of check) is asked nowhere."""
    with pytest.MonkeyPatch.context() as patch:
        if check is None:
            pass
        elif check.startswith("landing."):
            _landing(patch, check.removeprefix("landing."))
        elif check.startswith("arrival."):
            _arrival(patch, check.removeprefix("arrival."))
        elif check.startswith("gate."):
            _gate(patch, check)
        else:
            _candidate(patch, check)
        yield


def _landing(patch: pytest.MonkeyPatch, rule: str) -> None:
    if rule in ("conflict", "duplicate"):
        patch.setattr(
            split,
            "_find_twins",
            lambda connection, *_: connection.execute(
                "create temp table twins (number bigint, rule varchar, original json)"
            ),
        )
        return
    if rule in ("columns", "record", "layout"):  # what a reader itself cannot take apart
        opened = split.open_rows

        def forgetful(*given: Any, **named: Any) -> Any:
            rows = opened(*given, **named)
            return replace(rows, rejects=None) if rows.reject_rule == rule else rows

        patch.setattr(split, "open_rows", forgetful)
        return
    asked = split.rules_of
    patch.setattr(
        split,
        "rules_of",
        lambda *given, **named: [
            (name, test) for name, test in asked(*given, **named) if name != rule
        ],
    )


def _arrival(patch: pytest.MonkeyPatch, finding: str) -> None:
    asked = arrival_gate.policy

    def policy(table: Any, kind: str) -> Any:
        said = asked(table, kind)
        return replace(said, action="accept") if kind == finding else said

    patch.setattr(arrival_gate, "policy", policy)


def _gate(patch: pytest.MonkeyPatch, check: str) -> None:
    asked = gate._identity
    patch.setattr(
        gate,
        "_identity",
        lambda *given: [reason for reason in asked(*given) if reason.check != check],
    )


def _candidate(patch: pytest.MonkeyPatch, kind: str) -> None:
    """The check is neither run nor required."""
    for module, name in ((run, "candidate_checks"), (gate, "required_checks")):
        asked = getattr(module, name)

        def left(contract: Any, *rest: Any, asked: Any = asked) -> Any:
            return [item for item in asked(contract, *rest) if kind_of(item.name, contract) != kind]

        patch.setattr(module, name, left)
