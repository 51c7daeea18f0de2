"""The arrival gate's findings as an asset check on every landed table."""

from collections.abc import Iterator, Sequence

import dagster as dg

from pipelines.contracts import SourceContract
from pipelines.contracts.arrival import KINDS
from pipelines.ingest import raw
from pipelines.ingest.arrival import Finding, standing
from pipelines.ledger import Ledger
from pipelines.orchestration.common import key, rows_table
from pipelines.settings import Home

NAME = "arrival"


def arrival_specs(contract: SourceContract) -> list[dg.AssetCheckSpec]:
    """One check per landed table of a source."""
    return [
        dg.AssetCheckSpec(
            name=NAME,
            asset=key("landed", table.name),
            description="tệp mới so với lần trước / what arrived, against what came before",
        )
        for table in contract.tables
    ]


def arrival_results(
    contract: SourceContract, home: Home, ledger: Ledger
) -> Iterator[dg.AssetCheckResult]:
    """What stands about the files that are landed now."""
    pulled = raw.current(home, contract.name)
    found = standing(ledger, contract, pulled.digest) if pulled else ()
    for table in contract.tables:
        yield _result(table.name, [item for item in found if item.table == table.name])


def blocked_results(
    contract: SourceContract, findings: Sequence[Finding]
) -> Iterator[dg.AssetCheckResult]:
    """What keeps files out, before the step fails; tables without a finding say nothing."""
    for table in contract.tables:
        if mine := [item for item in findings if item.table == table.name]:
            yield _result(table.name, mine)


def _result(table: str, findings: Sequence[Finding]) -> dg.AssetCheckResult:
    blocks = any(item.action == "block" for item in findings)
    shown = [
        {
            "finding": item.finding,
            "file": item.resource,
            "observed": item.observed,
            "expected": item.expected,
            "action": item.action,
            "acknowledged by": item.role,
        }
        for item in findings
    ]
    told = [item for item in findings if item.action != "accept"]
    meanings = dict.fromkeys(KINDS[item.finding].text for item in told)
    return dg.AssetCheckResult(
        asset_key=key("landed", table),
        check_name=NAME,
        passed=not told,
        severity=dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN,
        description="; ".join(f"{text.vi} / {text.en}" for text in meanings) or None,
        metadata={
            "findings": len(findings),
            "list": dg.MetadataValue.md(rows_table(shown)),
        },
    )
