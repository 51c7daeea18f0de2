"""Sources that ended stay listed, and a source that vanished without a word is noticed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts import ContractError
from pipelines.contracts.lint import lint_all
from pipelines.contracts.retired import problems, retired_sources
from pipelines.ledger import Ledger
from pipelines.report.arrivals import unlisted

ENTRY: dict[str, Any] = {
    "name": "old-portal",
    "title": {"vi": "Cổng cũ", "en": "Old portal"},
    "lastDay": "2025-06-30",
    "reason": {"vi": "Đóng", "en": "Closed"},
    "successor": "new-portal",
    "evidence": "Công văn 1/X",
}


def write(folder: Path, *items: Any) -> Path:
    (folder / "retired.yaml").write_text(
        yaml.safe_dump({"retired": list(items)}, allow_unicode=True), encoding="utf-8"
    )
    return folder


def test_the_list_says_when_why_and_what_came_after(tmp_path: Path) -> None:
    [found] = retired_sources(write(tmp_path, ENTRY))
    assert (found.name, found.last_day.isoformat()) == ("old-portal", "2025-06-30")
    assert (found.reason.en, found.successor) == ("Closed", "new-portal")


def test_without_the_file_nothing_ended(tmp_path: Path) -> None:
    assert retired_sources(tmp_path) == ()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"lastDay": "30/6/2025"}, "lastDay is the last day with data"),
        ({"reason": {"vi": "Đóng"}}, "reason is a text in Vietnamese and English"),
        ({"evidence": ""}, "evidence is missing"),
        ({"name": "Old portal"}, "is not the name of a source folder"),
        ({"closed": True}, "closed is not one of"),
    ],
)
def test_what_is_wrong_with_an_entry_is_named(
    tmp_path: Path, change: dict[str, Any], complaint: str
) -> None:
    folder = write(tmp_path, {**ENTRY, **change})
    assert complaint in "; ".join(problems(folder, ()))
    with pytest.raises(ContractError, match="retired"):
        retired_sources(folder)


def test_a_retired_source_has_no_contract_any_more(things: Path) -> None:
    write(things.parent, {**ENTRY, "name": "things"})
    _, found = lint_all(things.parent, things.parent)
    assert any("things is retired, but its folder still has a contract" in line for line in found)


def test_a_source_that_was_pulled_and_is_gone_must_be_listed(ledger: Ledger) -> None:
    ledger.insert(
        "pulls",
        [
            {
                "source": name,
                "resource": "a",
                "address": "a",
                "outcome": "new",
                "known_by": "first",
                "sha256": "0",
                "bytes": 1,
                "retrieved_at": "2026-01-01T00:00:00+00:00",
                "contract_version": "1",
            }
            for name in ("here", "gone", "old-portal")
        ],
    )
    assert unlisted(ledger, {"here", "old-portal"}) == ("gone",)
