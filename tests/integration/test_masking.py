"""What checks say about people's values is kept without them, whatever engine says it."""

import json
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from pipelines.quality import run
from pipelines.quality.outcome import failed
from pipelines.quality.personal.mask import masked
from pipelines.quality.rules import BUILT_IN
from tests.unit.personal_generators import citizen_id

PHONE = "0912 345 678"
EMAIL = "le.van.ba@example.org"


def everything(world: Any) -> str:
    """All that the ledger holds of checks, as one text."""
    rows = world.ledger.rows("select message, observed, sample from check_results")
    assert rows
    return json.dumps(rows, ensure_ascii=False)


def test_failing_rows_of_a_contracts_rule_lose_them(world: Any, contract_data: Any) -> None:
    contract_data["schema"][0]["quality"].append(
        {
            "name": "short_notes",
            "description": "Ghi chú ngắn",
            "type": "sql",
            "query": "select count(*) from {object} where length(note) > 20",
            "mustBe": 0,
        }
    )
    world.write_contract(contract_data)
    world.build(
        "select * replace (case unit_code when '00007' then"
        f" 'gọi {PHONE} hoặc {EMAIL}' when '00014' then 'Ủy ban nhân dân xã Đức Thọ, tầng 2'"
        f" else note end as note) from ({world_rows()})"
    )
    result = world.check(world.export())["rule.short_notes"]

    notes = {row["unit_code"]: row["note"] for row in result.sample}
    assert notes == {"00007": "•", "00014": "Ủy ban nhân dân xã Đức Thọ, tầng 2"}
    kept = everything(world)
    assert PHONE not in kept
    assert EMAIL not in kept


def world_rows() -> str:
    from tests.integration.conftest import ROWS

    return ROWS


@pytest.mark.parametrize(
    ("check", "kind"), [("readback_csv", "khomo"), ("unique_key", "great_expectations")]
)
def test_an_error_that_quotes_one_is_not_kept(
    world: Any, monkeypatch: pytest.MonkeyPatch, check: str, kind: str
) -> None:
    def broken(*_given: Any, **_named: Any) -> Any:
        raise RuntimeError(f"cannot cast {PHONE} of the applicant")

    if kind == "khomo":
        monkeypatch.setitem(BUILT_IN, check, replace(BUILT_IN[check], function=broken))  # type: ignore[arg-type]
    else:
        monkeypatch.setattr(run, "validate", broken)
    result = world.check(world.export())[check]

    assert (result.engine, result.status) == (kind, "error")
    assert "số điện thoại" in result.message
    assert "phone number" in result.message
    assert PHONE not in everything(world)
    assert PHONE not in world.decide(world.export()).to_bytes().decode()


def test_a_message_or_a_figure_that_holds_one_is_not_kept(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def says(_evidence: Any) -> Any:
        return failed(f"thừa {PHONE}", f"one too many: {PHONE}", observed=EMAIL)

    monkeypatch.setitem(BUILT_IN, "column_types", replace(BUILT_IN["column_types"], function=says))  # type: ignore[arg-type]
    result = world.check(world.export())["column_types"]

    assert (result.observed, result.status) == ("•", "failed")
    kept = everything(world)
    assert PHONE not in kept
    assert EMAIL not in kept


@dataclass(frozen=True)
class Said:
    message: str | None
    sample: tuple[dict[str, Any], ...] = ()


def test_what_only_looks_alike_stays() -> None:
    said = [
        Said("3 row(s) differ: 1,234,567,890 đồng in 2026-03, code 1.004269.000.00.00.H28"),
        Said(None, ({"code": "00007", "amount": 120_345_678, "rate": 0.912345678, "on": None},)),
        Said("ok", ({"is_new": True, "name": "Ủy ban nhân dân tỉnh", "at": "2026-10-01"},)),
    ]

    assert masked(said) == said


def test_what_dbt_found_passes_the_same_place() -> None:
    person = citizen_id(Random(7))
    (node,) = masked([Said("Got 1 result", ({"unit_key": person, "_row": 7},))])

    assert node == Said("Got 1 result", ({"unit_key": "•", "_row": 7},))
