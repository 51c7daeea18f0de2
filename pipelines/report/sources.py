"""What the report says about sources: pulls, rows, quarantine, freshness.

Read from the ledger and the landing manifests. Of a quarantined row only its reasons, its file and
its number are read; the column with its content is never selected, whatever it holds.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pipelines.contracts import SourceContract, Text
from pipelines.contracts.corrections import applied
from pipelines.duck import connect, literals
from pipelines.ingest import landing
from pipelines.ingest.casting import RULES
from pipelines.ingest.retention import expired
from pipelines.ledger import Ledger
from pipelines.report.arrivals import arrivals
from pipelines.report.freshness import freshness
from pipelines.report.model import (
    AppliedCorrection,
    LastPull,
    Licence,
    QuarantineReason,
    Reference,
    SourceReport,
)
from pipelines.settings import Home

EXAMPLES = 5
"""Row references that are kept per reason."""

KNOWN_BY = {
    "first": Text("lần kéo đầu", "first pull"),
    "declared": Text("theo ngày nơi gửi công bố", "by the day its sender states"),
    "checksum": Text("theo SHA-256", "by SHA-256"),
    "etag": Text("theo ETag", "by ETag"),
    "last-modified": Text("theo giờ sửa đổi", "by modification time"),
    "stat": Text("theo kích thước và giờ của tệp", "by the file's size and times"),
}


def licence_of(facts: Mapping[str, str]) -> Licence | None:
    """A licence as contracts and `province.yaml` write it; None where none is named."""
    if not facts.get("name"):
        return None
    return Licence(facts["name"], facts.get("title") or facts["name"], facts.get("path"))


def _last_pull(ledger: Ledger, source: str) -> LastPull | None:
    """The last pull, as of the resource that has gone longest without one.

    A pull asks for every resource a source has; one that upstream took away stays behind and does
    not count.
    """
    rows = ledger.rows(
        "select * from pulls where id in"
        " (select max(id) from pulls where source = ? group by resource) order by id",
        source,
    )
    if not rows:
        return None
    last_run = rows[-1]["run_id"]
    rows = [row for row in rows if row["run_id"] == last_run]
    changed = ledger.rows(
        "select max(retrieved_at) as at from pulls where source = ? and outcome = 'new'", source
    )[0]["at"]
    telling = next((row for row in rows if row["outcome"] == "new"), rows[-1])
    known_by = str(telling["known_by"])
    return LastPull(
        at=min(datetime.fromisoformat(row["retrieved_at"]) for row in rows),
        outcome=telling["outcome"],
        known_by=known_by,
        known_by_text=KNOWN_BY.get(known_by, Text(known_by, known_by)),
        files=len(rows),
        bytes=sum(row["bytes"] for row in rows),
        changed_at=datetime.fromisoformat(changed) if changed else None,
    )


def _examples(paths: list[Path]) -> dict[str, list[Reference]]:
    """The first rows that break each `column: rule`, by file and number."""
    if not paths:
        return {}
    files = literals([str(path) for path in paths])
    with connect() as connection:
        rows = connection.execute(
            f"""
            select reason, _resource, _row, _raw_sha256
            from (
                select unnest(_reasons) as reason, _resource, _row, _raw_sha256
                from read_parquet({files})
            )
            qualify row_number() over (partition by reason order by _resource, _row) <= {EXAMPLES}
            order by all
            """
        ).fetchall()
    found: dict[str, list[Reference]] = {}
    for reason, resource, row, sha256 in rows:
        found.setdefault(str(reason), []).append(Reference(str(resource), int(row), str(sha256)))
    return found


def _reasons(
    contract: SourceContract, landed: landing.Landing, home: Home
) -> tuple[QuarantineReason, ...]:
    found: list[QuarantineReason] = []
    for table in contract.tables:
        files = [file for file in landed.files if file.table == table.name and file.quarantined]
        counts: dict[str, int] = {}
        for file in files:
            for reason, count in file.reasons.items():
                counts[reason] = counts.get(reason, 0) + count
        paths = [home.quarantine / contract.name / file.file for file in files]
        examples = _examples([path for path in paths if path.exists()])
        columns = {column.name: column for column in table.columns}
        for reason, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            name, _, rule = reason.partition(": ")
            column = columns.get(name)
            found.append(
                QuarantineReason(
                    source=contract.name,
                    table=table.name,
                    table_title=table.title,
                    column=name,
                    column_title=column.title if column else Text("cả dòng", "the whole line"),
                    rule=rule,
                    meaning=Text(*RULES.get(rule, (rule, rule))),
                    personal=column.personal if column else False,
                    rows=count,
                    examples=tuple(examples.get(reason, ())),
                )
            )
    return tuple(found)


def _corrections(
    contract: SourceContract, landed: landing.Landing
) -> tuple[AppliedCorrection, ...]:
    return tuple(
        AppliedCorrection(
            id=item.id,
            table=item.table,
            action=item.action,
            rows=rows,
            reason=Text(item.reason.vi, item.reason.en),
        )
        for item, rows in applied(contract, landed.corrected)
    )


def source_report(
    contract: SourceContract, home: Home, ledger: Ledger, now: datetime
) -> SourceReport:
    """All about one source as of `now`."""
    last_pull = _last_pull(ledger, contract.name)
    landed = landing.current(home, contract.name)
    return SourceReport(
        name=contract.name,
        title=contract.title,
        synthetic=contract.synthetic,
        licence=licence_of(contract.license),
        as_of=contract.as_of,
        last_pull=last_pull,
        freshness=freshness(contract, last_pull.at if last_pull else None, now),
        pulled=landed.pulled if landed else None,
        accepted=landed.accepted if landed else None,
        quarantined=landed.quarantined if landed else None,
        reasons=_reasons(contract, landed, home) if landed else (),
        arrivals=arrivals(contract, home, ledger, landed),
        corrections=_corrections(contract, landed) if landed else (),
        superseded=landed.superseded_rows if landed else 0,
        to_purge=len(expired(contract, home, ledger)),
    )
