"""Assets `candidate/…`, `decision/…`, `release/…`, the catalogue and the report.

A new published dataset needs no change here: a folder with a contract, and a dbt model, are enough.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from pipelines.contracts import PublishedContract, Text, load_published, load_sources
from pipelines.contracts.references import references_of
from pipelines.contracts.vocabulary import severity
from pipelines.ledger import CheckResult, Ledger
from pipelines.orchestration.common import (
    OWNERS,
    bilingual,
    contract_link,
    dagster_severity,
    key,
    rows_table,
    schema_of,
    snake,
)
from pipelines.orchestration.run_lock import RunLock
from pipelines.province import load_province
from pipelines.quality.required import candidate_checks
from pipelines.settings import home

_CANDIDATE = Text(
    "Đúng những byte sẽ được công bố, kèm kết quả kiểm tra đọc lại từ chính các tệp đó.",
    "The exact bytes that would be published, checked by reading these very files back.",
)
_DECISION = Text(
    "Công bố hay giữ lại, dựa trên bằng chứng cho đúng những byte này.",
    "Publish or withhold, on evidence for exactly these bytes.",
)
_RELEASE = Text(
    "Bản công bố bất biến; `latest` chỉ đổi khi mọi thứ đã nằm trên đĩa và được xác minh.",
    "Immutable; `latest` moves only after everything is on disk and verified.",
)


def check_name(name: str) -> str:
    """A check's name as Dagster accepts it."""
    return "".join(letter if letter.isalnum() or letter == "_" else "_" for letter in name)


def _check_metadata(result: CheckResult) -> dict[str, Any]:
    return {
        "engine": result.engine,
        "dimension": result.dimension,
        "digest": result.subject,
        "observed": result.observed or "",
        "failing_rows": result.failing_rows or 0,
        "sample": dg.MetadataValue.md(rows_table(result.sample)),
    }


def _candidate_asset(contract: PublishedContract) -> dg.AssetsDefinition:
    asset_key = key("candidate", contract.name)
    required = candidate_checks(contract)

    @dg.multi_asset(
        name=f"candidate_{snake(contract.name)}",
        specs=[
            dg.AssetSpec(
                key=asset_key,
                deps=[
                    key("warehouse", "promoted"),
                    key("warehouse", contract.model),
                    # Its keys refer to what is published after these decisions.
                    *sorted({key("decision", item.dataset) for item in references_of(contract)}),
                ],
                group_name="candidate",
                owners=OWNERS,
                kinds={"csv", "parquet"},
                description=bilingual(contract.title, contract.description, _CANDIDATE),
                metadata={
                    "dagster/column_schema": schema_of(contract.table),
                    "contract": contract_link(str(contract.path)),
                },
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                name=check_name(check.name),
                asset=asset_key,
                description=f"{check.description.vi} / {check.description.en}",
            )
            for check in required
        ],
        can_subset=False,
    )
    def candidate(
        context: dg.AssetExecutionContext, run_lock: RunLock
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        from pipelines.publish.make import make_candidate

        state = home()
        made, results = make_candidate(
            contract,
            state,
            Ledger(state.ledger),
            load_province(),
            load_sources(),
            run_id=context.run.run_id,
            report=context.log.info,
        )
        yield dg.MaterializeResult(
            asset_key=asset_key,
            data_version=dg.DataVersion(made.digest),
            metadata={
                "dagster/row_count": made.rows,
                "digest": made.digest,
                "version": made.version,
                "build": made.build_id,
                "synthetic": contract.synthetic,
            },
        )
        for result in results:
            yield dg.AssetCheckResult(
                asset_key=asset_key,
                check_name=check_name(result.check_name),
                passed=result.passed,
                severity=dagster_severity(severity(result.severity)),
                description=result.message,
                metadata=_check_metadata(result),
            )

    return candidate


def _release_asset(contract: PublishedContract) -> dg.AssetsDefinition:
    decision_key, release_key = key("decision", contract.name), key("release", contract.name)

    @dg.multi_asset(
        name=f"publish_{snake(contract.name)}",
        specs=[
            dg.AssetSpec(
                key=decision_key,
                deps=[key("candidate", contract.name)],
                group_name="decision",
                owners=OWNERS,
                kinds={"json"},
                description=bilingual(contract.title, contract.description, _DECISION),
            ),
            dg.AssetSpec(
                key=release_key,
                deps=[decision_key],
                group_name="release",
                owners=OWNERS,
                kinds={"csv", "parquet"},
                description=bilingual(contract.title, contract.description, _RELEASE),
                metadata={"dagster/column_schema": schema_of(contract.table)},
                # Nothing is released where the decision is to withhold.
                skippable=True,
            ),
        ],
        check_specs=[
            dg.AssetCheckSpec(
                name="gate",
                asset=decision_key,
                description=(
                    "Mọi kiểm tra bắt buộc đã đạt trên đúng những byte này"
                    " / every required check passed on exactly these bytes"
                ),
            )
        ],
        can_subset=False,
    )
    def published(
        context: dg.AssetExecutionContext, run_lock: RunLock
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        from pipelines.publish.make import publish

        state = home()
        done, decision = publish(contract, state, Ledger(state.ledger), run_id=context.run.run_id)
        why = [
            f"{reason.check}: {reason.problem.vi} / {reason.problem.en}" for reason in done.reasons
        ]
        context.log.info(f"{contract.name}: {done.outcome}" + "".join(f"; {line}" for line in why))
        yield dg.MaterializeResult(
            asset_key=decision_key,
            metadata={
                "verdict": decision.verdict,
                "outcome": done.outcome,
                "version": done.version,
                "digest": decision.digest,
            },
        )
        yield dg.AssetCheckResult(
            asset_key=decision_key,
            check_name="gate",
            passed=decision.publish and done.outcome != "withheld",
            description="\n\n".join(why) or None,
            metadata={"reasons": len(why), "warnings": len(done.warnings)},
        )
        if done.outcome != "withheld" and done.folder is not None:
            yield dg.MaterializeResult(
                asset_key=release_key,
                data_version=dg.DataVersion(decision.digest),
                metadata={
                    "dagster/row_count": done.rows,
                    "path": dg.MetadataValue.path(str(done.folder)),
                    "version": done.version,
                    "outcome": done.outcome,
                },
            )

    return published


def _catalogue_asset(contracts: Mapping[str, PublishedContract]) -> dg.AssetsDefinition:
    @dg.asset(
        key=key("report", "catalogue"),
        deps=[key("decision", name) for name in contracts],
        group_name="report",
        owners=OWNERS,
        kinds={"csv", "json"},
        description=(
            "**Danh mục dữ liệu mở**: đã công bố so với kế hoạch.\n\n---\n\n"
            "**Open-data catalogue**: what is published against what was planned."
        ),
    )
    def catalogue(
        context: dg.AssetExecutionContext, run_lock: RunLock
    ) -> dg.MaterializeResult[None]:
        from pipelines.publish.catalogue import write_catalogue

        files = write_catalogue(home(), load_province(), load_published(), load_sources())
        return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(str(files.csv))})

    return catalogue


def _report_asset() -> dg.AssetsDefinition:
    asset_key = key("report", "data_quality")

    @dg.asset(
        key=asset_key,
        deps=[key("report", "catalogue")],
        group_name="report",
        owners=OWNERS,
        kinds={"html"},
        description=(
            "**Báo cáo chất lượng dữ liệu** của lần chạy mới nhất.\n\n---\n\n"
            "**Data-quality report** of the latest run."
        ),
        check_specs=[
            dg.AssetCheckSpec(
                name="nothing_personal_is_written",
                asset=asset_key,
                description=(
                    "Báo cáo, danh mục và nhật ký không chứa giá trị nhận diện cá nhân"
                    " / report, catalogue and logs hold no value that identifies a person"
                ),
            )
        ],
    )
    def report(
        run_lock: RunLock,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        from pipelines.quality.personal.written import scan_written
        from pipelines.report import write_report

        state = home()
        files = write_report(state, Ledger(state.ledger), load_province())
        yield dg.MaterializeResult(
            metadata={
                "report": dg.MetadataValue.url(files.html.as_uri()),
                "path": dg.MetadataValue.path(str(files.html)),
            }
        )
        found = scan_written(state)
        yield dg.AssetCheckResult(
            check_name="nothing_personal_is_written",
            passed=not found,
            metadata={
                "places": ", ".join(f"{item.place} ({item.kind}: {item.rows})" for item in found)
            },
        )

    return report


def publish_assets() -> list[dg.AssetsDefinition]:
    """Candidate, decision and release of every published contract, the catalogue, the report."""
    contracts = load_published()
    found: list[dg.AssetsDefinition] = []
    for contract in contracts.values():
        found += [_candidate_asset(contract), _release_asset(contract)]
    return [*found, _catalogue_asset(contracts), _report_asset()]
