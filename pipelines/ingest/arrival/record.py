"""Findings in the ledger: append them, and say which of them stand now."""

from collections.abc import Sequence
from typing import Any

from pipelines.clock import stamp
from pipelines.contracts import SourceContract
from pipelines.contracts.arrival import Acknowledgement, acknowledgements
from pipelines.ingest.arrival.model import Finding
from pipelines.ledger import Ledger

_FIELDS = (
    "finding",
    "table_name",
    "resource",
    "observed",
    "expected",
    "sha256",
    "action",
    "subject",
    "reason",
    "role",
)


def _values(item: Finding) -> dict[str, Any]:
    return dict(
        zip(
            _FIELDS,
            (
                item.finding,
                item.table,
                item.resource,
                item.observed,
                item.expected,
                item.sha256,
                item.action,
                item.subject,
                item.reason,
                item.role,
            ),
            strict=True,
        )
    )


def record(
    contract: SourceContract,
    ledger: Ledger,
    set_digest: str,
    findings: Sequence[Finding],
    run_id: str | None,
) -> None:
    """Append what is not the last word on the same set of files already."""
    known = set(standing(ledger, contract, set_digest))
    at = stamp()
    ledger.insert(
        "arrivals",
        [
            {
                "source": contract.name,
                "set_digest": set_digest,
                "contract_digest": contract.digest,
                **_values(item),
                "at": at,
                "run_id": run_id,
            }
            for item in dict.fromkeys(findings)
            if item not in known
        ],
    )


def standing(ledger: Ledger, contract: SourceContract, set_digest: str) -> tuple[Finding, ...]:
    """The last word on each difference of one set of files, judged by this contract."""
    rows = ledger.rows(
        f"""
        select {", ".join(_FIELDS)} from arrivals where id in (
            select max(id) from arrivals
            where source = ? and set_digest = ? and contract_digest = ?
            group by finding, table_name, resource, subject
        ) order by table_name, resource, finding, subject
        """,
        contract.name,
        set_digest,
        contract.digest,
    )
    return tuple(
        Finding(**{"table" if name == "table_name" else name: row[name] for name in _FIELDS})
        for row in rows
    )


def stale_acknowledgements(
    contract: SourceContract, present: Sequence[str], findings: Sequence[Finding]
) -> tuple[Acknowledgement, ...]:
    """Acknowledgements that match nothing any more: neither a file there is nor a finding."""
    matched = {*present, *(item.sha256 for item in findings)}
    return tuple(item for item in acknowledgements(contract) if item.sha256 not in matched)
