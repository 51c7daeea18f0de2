"""One sensor per inbox: complete files start a run of that source. Off until switched on."""

import dagster as dg

from pipelines.canonical import digest_of
from pipelines.contracts import SourceContract, sources_in_use
from pipelines.contracts.inbox import is_inbox
from pipelines.orchestration.common import key, snake
from pipelines.settings import home


def sensor_of(contract: SourceContract) -> dg.SensorDefinition:
    """The sensor of one source: each new set of complete files starts one run of it."""
    keys = [key("raw", contract.name), *(key("landed", table.name) for table in contract.tables)]

    @dg.sensor(
        name=f"inbox_{snake(contract.name)}",
        asset_selection=dg.AssetSelection.assets(*keys),
        minimum_interval_seconds=30,
        description=(
            f"Có tệp mới trong thư mục nhận của {contract.title.vi} thì kéo và nạp nguồn này.\n\n"
            f"Complete files in the inbox of {contract.title.en} are pulled and landed."
        ),
    )
    def sensor(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        from pipelines.ingest.inbox import Inbox

        inbox = Inbox(contract, home())
        drops = inbox.complete()
        if not drops:
            return dg.SkipReason(f"no complete file in {inbox.folder}")
        # One run per set of files: the same drop never starts two.
        state = digest_of([[drop.name, drop.state] for drop in drops])
        return dg.RunRequest(run_key=state[:24], asset_selection=keys)

    return sensor


def inbox_sensors() -> list[dg.SensorDefinition]:
    """A sensor for every source in use that is an inbox."""
    return [sensor_of(contract) for contract in sources_in_use().values() if is_inbox(contract)]
