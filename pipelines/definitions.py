"""The one `Definitions` object: everything Dagster knows of Kho Mở.

Loading it reads contracts and dbt's manifest and builds asset objects; nothing runs and nothing
heavy is imported.
"""

import dagster as dg

from pipelines.orchestration.inbox_sensors import inbox_sensors
from pipelines.orchestration.ingest_assets import ingest_assets
from pipelines.orchestration.jobs import everything, refresh, schedules
from pipelines.orchestration.publish_assets import publish_assets
from pipelines.orchestration.run_lock import RunLock
from pipelines.orchestration.warehouse_assets import warehouse_assets

defs = dg.Definitions(
    assets=[*ingest_assets(), *warehouse_assets(), *publish_assets()],
    jobs=[refresh, everything],
    schedules=schedules(),
    sensors=inbox_sensors(),
    resources={"run_lock": RunLock()},
    # One process for all steps: DuckDB has one writer, and the lock lives as long as the process.
    executor=dg.in_process_executor,
)
