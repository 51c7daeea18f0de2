"""What the ledger holds as evidence, looked up for exactly one subject.

A result counts only for the digest it was found on and the build it belongs to; everything else is
another thing's evidence.
"""

import json

from pipelines.ledger import CheckResult, Ledger


def built_digest(ledger: Ledger, build_id: str, dataset: str) -> str | None:
    """The content digest the last build of this id recorded for a dataset when its tests ran."""
    rows = ledger.rows(
        "select relations from builds where build_id = ? order by finished_at desc, rowid desc"
        " limit 1",
        build_id,
    )
    if not rows:
        return None
    digest = json.loads(rows[0]["relations"]).get(dataset)
    return None if digest is None else str(digest)


def results_for(
    ledger: Ledger, dataset: str, subject: str, build_id: str
) -> dict[str, CheckResult]:
    """The latest result of each check of `dataset` on `subject` in this build, by check name."""
    found: dict[str, CheckResult] = {}
    for row in ledger.rows(
        "select * from check_results where dataset = ? and subject = ? and build_id = ?"
        " order by id",
        dataset,
        subject,
        build_id,
    ):
        row.pop("id")
        row["sample"] = tuple(json.loads(row["sample"]))
        found[row["check_name"]] = CheckResult(**row)
    return found


def known_checks(ledger: Ledger, dataset: str) -> set[str]:
    """Names of the checks that were ever recorded for a dataset, on whatever subject."""
    rows = ledger.rows("select distinct check_name from check_results where dataset = ?", dataset)
    return {str(row["check_name"]) for row in rows}
