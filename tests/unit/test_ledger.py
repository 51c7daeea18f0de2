"""A ledger of any age is brought forward, and says afterwards what it said before."""

import sqlite3

import pytest

from pipelines import ledger as module
from pipelines.ledger import CheckResult, Ledger, LedgerError

BEFORE_BLOCKERS = 3  # migrations when a blocker was still called an error


def old(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, version: int) -> sqlite3.Connection:
    """The ledger as that many migrations left it."""
    with monkeypatch.context() as patch:
        patch.setattr(module, "MIGRATIONS", module.MIGRATIONS[:version])
        ledger.rows("select 1")
    return sqlite3.connect(ledger.path)


def test_results_of_earlier_versions_are_read_with_todays_severities(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with old(ledger, monkeypatch, BEFORE_BLOCKERS) as before:
        for name, severity in (("key", "error"), ("odd", "warning")):
            before.execute(
                "insert into check_results (dataset, check_name, engine, dimension, severity,"
                " subject, build_id, status, message, sample, evaluated_at)"
                " values ('counts', ?, 'khomo', 'validity', ?, 'd', 'b', 'failed', 'm',"
                " '[{\"code\": 1}]', 't')",
                (name, severity),
            )

    found = ledger.checks("counts", "d")

    assert {name: item.severity for name, item in found.items()} == {
        "key": "blocker",
        "odd": "warning",
    }
    assert found["key"] == CheckResult(
        *("counts", "key", "khomo", "validity", "blocker", "d", "failed", "m"),
        build_id="b",
        sample=({"code": 1},),
        evaluated_at="t",
    )
    assert [row["id"] for row in ledger.rows("select id from check_results")] == [1, 2]


def test_a_former_word_is_not_written_any_more(ledger: Ledger) -> None:
    result = CheckResult(*("counts", "key", "khomo", "validity", "error", "d", "failed", "m"))

    with pytest.raises(sqlite3.IntegrityError):
        ledger.record_checks([result])


def test_a_ledger_of_a_newer_version_is_left_alone(ledger: Ledger) -> None:
    with ledger.connect() as connection:
        connection.execute(f"pragma user_version = {len(module.MIGRATIONS) + 1}")

    with pytest.raises(LedgerError, match="newer version"):
        ledger.rows("select 1")
