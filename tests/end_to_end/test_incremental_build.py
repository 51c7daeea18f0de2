"""A build that continues the last one says what a build from nothing says, by the real command."""

import json
from collections.abc import Callable

from pipelines.settings import Home
from tests.end_to_end.conftest import Run, khomo

BUILD = ("run", "--select", "+key:warehouse/promoted")


def test_a_changed_month_and_its_undoing_lead_back_to_what_was_built_from_nothing(
    first_run: Run, a_copy: Callable[[], Home]
) -> None:
    home = a_copy()
    [first] = first_run.ledger.rows("select build_id, relations from builds")
    month = home.samples / "dossiers" / "dossiers-2025-09.csv"
    whole = month.read_bytes()
    header, *rows = whole.splitlines(keepends=True)
    for text in (b"".join([header, *rows[: len(rows) * 3 // 4]]), whole):
        month.write_bytes(text)
        done = khomo(home.root, *BUILD)
        assert done.returncode == 0, done.stdout[-3000:]
        assert "building on the last build: 1 file(s) changed" in done.stdout
    _, changed, undone = Run(home, "", 0).ledger.rows(
        "select build_id, relations from builds order by rowid"
    )
    before, between = json.loads(first["relations"]), json.loads(changed["relations"])
    moved = {name for name in before if before[name] != between[name]}
    assert moved == {"dossiers-by-channel", "dossiers-by-field", "dossiers-by-status"} | {
        "dossiers-by-unit"
    }
    assert json.loads(undone["relations"]) == before
    assert undone["build_id"] == first["build_id"]
