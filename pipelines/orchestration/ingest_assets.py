"""Assets `sample/…`, `raw/…` and `landed/…`, made from the source contracts.

A new source needs no change here: a folder with a contract is enough.
"""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from pipelines.contracts import SourceContract, Text, sources_in_use
from pipelines.contracts.cadence import DAYS, TOLERANCE, promised_period
from pipelines.ingest import landing, raw
from pipelines.ingest.admission import RefusedError
from pipelines.ingest.arrival import ArrivalError
from pipelines.ingest.connectors import FinalPullError
from pipelines.ingest.partitions import first_month
from pipelines.ingest.receive import receive
from pipelines.ledger import Ledger
from pipelines.orchestration.arrival_checks import (
    arrival_results,
    arrival_specs,
    blocked_results,
)
from pipelines.orchestration.common import (
    OWNERS,
    bilingual,
    contract_link,
    key,
    reasons_table,
    schema_of,
    snake,
)
from pipelines.orchestration.months import ONE_RUN, calendar_of, chosen_months, show_months
from pipelines.orchestration.run_lock import RunLock
from pipelines.province import load_province
from pipelines.settings import home

_SAMPLE = Text(
    "Tệp dữ liệu mô phỏng, sinh ra một cách tất định; không phải dữ liệu thật.",
    "Synthetic input files, generated deterministically; not real data.",
)
_RAW = Text(
    "Byte đúng như khi nhận, đặt tên theo SHA-256, không bao giờ ghi đè.",
    "Bytes exactly as received, named by their SHA-256, never rewritten.",
)
_LANDED = Text(
    "Mỗi dòng hoặc được nhận với kiểu theo hợp đồng, hoặc bị cách ly kèm lý do.",
    "Every row is accepted, typed by the contract, or quarantined with a reason.",
)


def _freshness(contract: SourceContract) -> dg.FreshnessPolicy | None:
    """The promised cadence as a freshness policy."""
    promise = promised_period(contract)
    if promise is None:
        return None
    count, unit = promise
    return dg.FreshnessPolicy.time_window(
        fail_window=timedelta(days=count * DAYS[unit] * TOLERANCE)
    )


def _sample_asset(contract: SourceContract) -> dg.AssetsDefinition:
    @dg.asset(
        key=key("sample", contract.name),
        group_name="sample",
        owners=OWNERS,
        kinds={"python", "csv"},
        description=bilingual(contract.title, contract.description, _SAMPLE),
    )
    def sample(context: dg.AssetExecutionContext, run_lock: RunLock) -> dg.MaterializeResult[None]:
        from pipelines.synthetic.bundled import ensure_sample

        summary = ensure_sample(
            contract.generator or "", home(), load_province(), report=context.log.info
        )
        return dg.MaterializeResult(metadata=dict(summary))

    return sample


def _raw_asset(contract: SourceContract) -> dg.AssetsDefinition:
    @dg.asset(
        key=key("raw", contract.name),
        deps=[key("sample", contract.name)] if contract.generator else [],
        group_name="raw",
        owners=OWNERS,
        kinds={"file"},
        description=bilingual(contract.title, contract.description, _RAW),
        metadata={"contract": contract_link(str(contract.path))},
        freshness_policy=_freshness(contract),
        partitions_def=calendar_of(contract),
        backfill_policy=ONE_RUN if first_month(contract) else None,
        retry_policy=dg.RetryPolicy(max_retries=2, delay=5),
    )
    def pulled(context: dg.AssetExecutionContext, run_lock: RunLock) -> dg.MaterializeResult[None]:
        state, months = home(), chosen_months(context)
        try:
            done = raw.pull(
                contract,
                state,
                Ledger(state.ledger),
                months=months,
                run_id=context.run.run_id,
                report=context.log.info,
            )
        except FinalPullError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        if months is None:
            show_months(context, done.files)
        return dg.MaterializeResult(
            data_version=dg.DataVersion(done.digest),
            metadata={
                "files": len(done.files),
                "new": done.new,
                "bytes": sum(file.bytes for file in done.files),
                "licence": contract.license.get("name", ""),
                "as_of": contract.as_of or "",
                "synthetic": contract.synthetic,
            },
        )

    return pulled


def _landed_asset(contract: SourceContract) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            key=key("landed", table.name),
            deps=[key("raw", contract.name)],
            group_name="landed",
            owners=OWNERS,
            kinds={"parquet", "duckdb"},
            description=bilingual(table.title, table.description, _LANDED),
            metadata={
                "dagster/column_schema": schema_of(table),
                "contract": contract_link(str(contract.path)),
            },
        )
        for table in contract.tables
    ]
    checks = [
        dg.AssetCheckSpec(
            name="accounted_for",
            asset=spec.key,
            description="accepted + quarantined = pulled / nhận + cách ly = kéo về",
        )
        for spec in specs
    ]
    checks += arrival_specs(contract)

    @dg.multi_asset(
        name=f"land_{snake(contract.name)}", specs=specs, check_specs=checks, can_subset=False
    )
    def landed(
        context: dg.AssetExecutionContext, run_lock: RunLock
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        state = home()
        ledger = Ledger(state.ledger)
        try:
            done = receive(
                contract, state, ledger, run_id=context.run.run_id, report=context.log.info
            )
        except (ArrivalError, RefusedError) as error:
            yield from blocked_results(contract, error.findings)
            raise
        for table in contract.tables:
            files = [file for file in done.files if file.table == table.name]
            old = tuple(item for item in done.superseded if item.table == table.name)
            part = landing.Landing(
                contract.name, done.contract_digest, tuple(files), superseded=old
            )
            yield dg.MaterializeResult(
                asset_key=key("landed", table.name),
                data_version=dg.DataVersion(part.digest),
                metadata={
                    "dagster/row_count": part.accepted - part.superseded_rows,
                    "pulled": part.pulled,
                    "quarantined": part.quarantined,
                    "superseded": part.superseded_rows,
                    "quarantine_reasons": dg.MetadataValue.md(reasons_table(part.reasons)),
                    "cleaned_cells": sum(sum(file.cleaned.values()) for file in files),
                    "corrected": sum(part.corrected.values()),
                    "rows_of_the_form": sum(sum(file.layout.values()) for file in files),
                    "files": len(files),
                    "fresh_files": done.fresh,
                },
            )
            yield dg.AssetCheckResult(
                asset_key=key("landed", table.name),
                check_name="accounted_for",
                passed=part.pulled == part.accepted + part.quarantined,
                metadata={
                    "pulled": part.pulled,
                    "accepted": part.accepted,
                    "quarantined": part.quarantined,
                },
            )
        yield from arrival_results(contract, state, ledger)

    return landed


def source_assets(contract: SourceContract) -> list[dg.AssetsDefinition]:
    """Sample (where it is synthetic), raw and landed assets of one source."""
    sample = [_sample_asset(contract)] if contract.generator else []
    return [*sample, _raw_asset(contract), _landed_asset(contract)]


def ingest_assets() -> list[dg.AssetsDefinition]:
    """The assets of every source in use."""
    return [asset for contract in sources_in_use().values() for asset in source_assets(contract)]
