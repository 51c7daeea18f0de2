"""Dagster's partitions: one calendar of months for all sources that are parted by month.

One calendar, because the assets of a job must share theirs. A run without a partition brings every
month; a backfill takes a range in one run. Only raw assets have partitions: what is landed is
whatever the raw store holds, and an asset with partitions behind another one could no longer be
run without naming a month.
"""

import warnings
from collections.abc import Mapping, Sequence

import dagster as dg

from pipelines.contracts import SourceContract, sources_in_use
from pipelines.ingest.connectors import RawFile
from pipelines.ingest.partitions import first_month
from pipelines.province import load_province

ONE_RUN = dg.BackfillPolicy.single_run()
# Without it a backfill of five years would be sixty runs that wait for one lock.
warnings.filterwarnings("ignore", category=dg.BetaWarning, message=".*backfill_policy.*")


def calendar() -> dg.MonthlyPartitionsDefinition | None:
    """The months of all parted sources in use, the present one included; None where none is."""
    first = [month for item in sources_in_use().values() if (month := first_month(item))]
    if not first:
        return None
    return dg.MonthlyPartitionsDefinition(
        start_date=f"{min(first)}-01", timezone=load_province().time_zone, end_offset=1
    )


def calendar_of(contract: SourceContract) -> dg.MonthlyPartitionsDefinition | None:
    """The partitions of one source's assets."""
    return calendar() if first_month(contract) else None


def chosen_months(context: dg.AssetExecutionContext) -> list[str] | None:
    """The months a run is about, as `2024-01`; None for all there are."""
    if not context.has_partition_key and not context.has_partition_key_range:
        return None
    return [key[:7] for key in context.partition_keys]


def show_months(context: dg.AssetExecutionContext, files: Sequence[RawFile]) -> None:
    """Mark the months that a run without a partition brought: the UI shows what is there."""
    by_month: dict[str, list[RawFile]] = {}
    for file in files:
        if file.partition is not None:
            by_month.setdefault(file.partition, []).append(file)
    for month, found in sorted(by_month.items()):
        context.log_event(
            dg.AssetMaterialization(
                context.asset_key,
                partition=f"{month}-01",
                metadata={"files": len(found), "bytes": sum(file.bytes for file in found)},
            )
        )


def range_tags(first: str, last: str) -> Mapping[str, str]:
    """Run tags that ask for the months from `first` to `last`."""
    return {
        "dagster/asset_partition_range_start": f"{first}-01",
        "dagster/asset_partition_range_end": f"{last}-01",
    }
