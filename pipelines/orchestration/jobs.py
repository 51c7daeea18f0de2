"""Jobs and schedules: what runs together and when."""

import dagster as dg

from pipelines.province import load_province

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.groups("sample", "raw", "landed")
    | dg.AssetSelection.groups("staging", "intermediate", "marts", "open_data", "warehouse"),
    description=(
        "Kéo dữ liệu, nạp và dựng lại kho; không công bố gì.\n\n"
        "Pull, land and rebuild the warehouse; publishes nothing."
    ),
)

everything = dg.define_asset_job(
    "everything",
    selection=dg.AssetSelection.all(),
    description=(
        "Toàn bộ con đường: từ kéo dữ liệu đến công bố và báo cáo chất lượng.\n\n"
        "The whole street: from pull to release and quality report."
    ),
)


def schedules() -> list[dg.ScheduleDefinition]:
    """Daily refresh and monthly release, when `province.yaml` says; off until switched on.

    The bundled release schedule waits for the 5th, when the month before is complete upstream.
    """
    province = load_province()
    return [
        dg.ScheduleDefinition(
            name="daily_refresh",
            job=refresh,
            cron_schedule=province.schedules.refresh,
            execution_timezone=province.time_zone,
            description="Làm mới kho, không công bố / refresh the warehouse, publish nothing",
        ),
        dg.ScheduleDefinition(
            name="monthly_release",
            job=everything,
            cron_schedule=province.schedules.release,
            execution_timezone=province.time_zone,
            description="Công bố hằng tháng / monthly publication",
        ),
    ]
