"""What the report says about published datasets: verdicts, checks, releases.

The list of required checks and their results is the gate's own (`decision.json`); the ledger adds
what each check said and which rows failed. Nothing is judged again here.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipelines.contracts import PublishedContract, SourceContract, Text
from pipelines.contracts.vocabulary import Severity, severity
from pipelines.ledger import CheckResult, Ledger
from pipelines.province import Province
from pipelines.publish.candidate import DESCRIPTOR
from pipelines.publish.decision import severities
from pipelines.publish.descriptor import is_synthetic
from pipelines.publish.layout import DECISION, release_files
from pipelines.publish.release import latest
from pipelines.publish.scorecard import scores
from pipelines.publish.withdraw import withdrawn
from pipelines.quality.messages import from_two_lines
from pipelines.quality.required import DBT, candidate_checks
from pipelines.report.model import (
    AppliedWaiver,
    Check,
    CheckStatus,
    DatasetReport,
    Outcome,
    ReleaseFile,
    ReleasePoint,
    Why,
)
from pipelines.report.samples import safe_sample
from pipelines.report.sources import licence_of
from pipelines.settings import Home


def _json(path: Path) -> dict[str, Any]:
    """A JSON object from disk; empty where there is none that can be read."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _why(reasons: str, checks: Sequence[Check]) -> tuple[Why, ...]:
    """The gate's reasons. Where dbt spoke, its words are replaced as `_message` replaces them."""
    titles = {check.name: check.title for check in checks}
    spoken = {
        check.name: check.message
        for check in checks
        if check.engine == DBT and check.status in ("failed", "error")
    }
    return tuple(
        Why(
            item["check"],
            titles.get(item["check"]),
            spoken.get(item["check"]) or Text(**item["problem"]),
            Text(**item["remedy"]),
        )
        for item in json.loads(reasons)
    )


def _document(home: Home, dataset: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The `decision.json` of a recorded decision: beside the candidate, or in the release."""
    for folder in (home.candidates / dataset, home.releases / dataset / str(row["version"])):
        document = _json(folder / DECISION)
        if document.get("digest") == row["digest"]:
            return document
    return {}


def _results(
    ledger: Ledger, dataset: str, document: Mapping[str, Any], digest: str
) -> dict[tuple[str, str], CheckResult]:
    """What was recorded on the subjects of a decision, by subject and check name."""
    found: dict[tuple[str, str], CheckResult] = {}
    subjects = {str(entry["subject"]) for entry in document.get("checks", ())} | {digest}
    build = document.get("build")
    for subject in sorted(subjects):
        for row in ledger.rows(
            "select * from check_results where dataset = ? and subject = ?"
            " and (?3 is null or build_id = ?3) order by id",
            dataset,
            subject,
            build,
        ):
            row.pop("id")
            row["sample"] = tuple(json.loads(row["sample"]))
            found[subject, row["check_name"]] = CheckResult(**row)
    return found


_FAILED: Mapping[Severity, CheckStatus] = {
    Severity.BLOCKER: "failed",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "information",
}


def _status(status: str, weighs: Severity) -> CheckStatus:
    if status == "passed":
        return "passed"
    if status == "failed":
        return _FAILED[weighs]
    return "missing" if status == "missing" else "error"


def _message(engine: str, status: CheckStatus, result: CheckResult | None) -> Text:
    """What a check said. Text that dbt passes on from the database may quote values: left out."""
    if status == "missing" or result is None:
        return Text("chưa có kết quả cho đúng những byte này", "no result for these very bytes")
    if engine != DBT:
        return from_two_lines(result.message)
    if status == "passed":
        return Text("không có dòng vi phạm", "no violating rows")
    if status == "error":
        return Text("phép thử không chạy được; xem nhật ký dbt", "could not run; see dbt's log")
    rows = result.failing_rows
    if rows is None:
        return Text("có dòng vi phạm", "there are violating rows")
    return Text(f"{rows} dòng vi phạm", f"{rows} violating row(s)")


def _checks(
    contract: PublishedContract,
    sources: Sequence[SourceContract],
    document: Mapping[str, Any],
    results: Mapping[tuple[str, str], CheckResult],
    test_titles: Mapping[str, Text],
) -> tuple[Check, ...]:
    titles = {check.name: check.description for check in candidate_checks(contract)}
    entries: Sequence[Mapping[str, Any]] = document.get("checks", ()) or [
        {
            "check": result.check_name,
            "engine": result.engine,
            "dimension": result.dimension,
            "severity": result.severity,
            "subject": result.subject,
            "status": result.status,
        }
        for result in results.values()
    ]
    weights = severities(document)
    found: list[Check] = []
    for entry in entries:
        name, engine = str(entry["check"]), str(entry["engine"])
        result = results.get((str(entry["subject"]), name))
        weighs = weights.get(name) or severity(entry["severity"])
        status = _status(str(entry["status"]), weighs)
        plain = name.removeprefix(f"{DBT}.")
        found.append(
            Check(
                name=name,
                title=titles.get(name) or test_titles.get(plain) or Text(plain, plain),
                engine=engine,
                dimension=str(entry["dimension"]),
                severity=weighs,
                status=status,
                message=_message(engine, status, result),
                observed=result.observed if result else None,
                failing_rows=result.failing_rows if result else None,
                sample=safe_sample(contract, sources, result.sample) if result else (),
                seconds=result.seconds if result else None,
            )
        )
    return tuple(found)


def _waivers(document: Mapping[str, Any]) -> tuple[AppliedWaiver, ...]:
    return tuple(
        AppliedWaiver(
            item["check"],
            Text(**item["reason"]),
            item["role"],
            date.fromisoformat(item["expires"]),
            Text(**item["problem"]),
        )
        for item in document.get("waivers", ())
    )


def _outcome(home: Home, dataset: str, row: Mapping[str, Any]) -> Outcome:
    """What became of the version decided on last, and whether it was taken back since."""
    outcome: Outcome = row.get("outcome", "undecided")
    back = outcome in ("published", "unchanged") and row["version"] in withdrawn(home, dataset)
    return "withdrawn" if back else outcome


def _history(home: Home, ledger: Ledger, dataset: str) -> tuple[ReleasePoint, ...]:
    """Every release that counts, the oldest first."""
    gone = withdrawn(home, dataset)
    rows = ledger.rows(
        "select version, rows, decided_at from decisions"
        " where dataset = ? and outcome = 'published' order by id",
        dataset,
    )
    return tuple(
        ReleasePoint(row["version"], row["rows"], datetime.fromisoformat(row["decided_at"]))
        for row in rows
        if row["version"] not in gone
    )


def _files(home: Home, folder: Path, dataset: str) -> tuple[ReleaseFile, ...]:
    base = f"../{home.releases.name}/{quote(dataset)}/{quote(folder.name)}"
    return tuple(
        ReleaseFile(name, f"{base}/{quote(name)}", (folder / name).stat().st_size)
        for name in release_files(dataset)
        if (folder / name).is_file()
    )


def dataset_report(
    contract: PublishedContract,
    sources: Mapping[str, SourceContract],
    home: Home,
    ledger: Ledger,
    *,
    province: Province,
    test_titles: Mapping[str, Text],
) -> DatasetReport:
    """All about one dataset. `test_titles` says what each dbt test is about, by its name."""
    name = contract.name
    used = [sources[source] for source in contract.sources if source in sources]
    decided = ledger.rows(
        "select * from decisions where dataset = ? order by id desc limit 1", name
    )
    row: Mapping[str, Any] = decided[0] if decided else {}
    document = _document(home, name, row) if row else {}
    results = _results(ledger, name, document, row["digest"]) if row else {}
    history = _history(home, ledger, name)
    folder = latest(home, name)
    released_rows: int | None = None
    if folder is not None:
        released_rows = _json(folder / DESCRIPTOR).get("khomo", {}).get("rows")
    version = row.get("version")
    before = next((point for point in reversed(history) if point.version != version), None)
    checks = _checks(contract, used, document, results, test_titles) if row else ()
    rows: int | None = row.get("rows")
    difference = None
    if before is not None and before.rows is not None and rows is not None:
        difference = rows - before.rows
    return DatasetReport(
        name=name,
        title=contract.title,
        description=contract.description,
        synthetic=is_synthetic(contract, used),
        licence=licence_of(dict(contract.license) or province.license.model_dump()),
        sources=contract.sources,
        notes=contract.notes,
        outcome=_outcome(home, name, row),
        decided_at=datetime.fromisoformat(row["decided_at"]) if row else None,
        version=version,
        rows=rows,
        why=_why(row["reasons"], checks) if row else (),
        released_version=folder.name if folder else None,
        released_rows=released_rows,
        previous_version=before.version if before else None,
        previous_rows=before.rows if before else None,
        difference=difference,
        checks=checks,
        scores=scores(
            (check.dimension, check.status == "passed")
            for check in checks
            if check.status != "information"
        ),
        history=history,
        files=_files(home, folder, name) if folder else (),
        waivers=_waivers(document),
    )
