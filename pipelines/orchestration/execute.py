"""Run the graph through Dagster from this process, reporting as it goes.

The same jobs that the UI and the schedules launch; the run appears in the UI's history.
"""

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from pipelines.orchestration.months import range_tags
from pipelines.settings import Home

INSTANCE_FILE = Path(__file__).with_name("dagster.yaml")

Listener = Callable[[str, str], None]


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `errors` are the failures' own words, one per failed step."""

    run_id: str
    success: bool
    errors: tuple[str, ...]


def prepare_instance(home: Home) -> Path:
    """`$DAGSTER_HOME` under the home, with the instance settings; returns the folder."""
    home.create()
    target = home.dagster / "dagster.yaml"
    if not target.exists():  # an operator's own settings stay
        shutil.copyfile(INSTANCE_FILE, target)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    return home.dagster


def _message(data: object) -> str:
    """What the step raised, in its own words: below it lie causes, above it Dagster's wrapper."""
    error = getattr(data, "error", None)
    raised = getattr(error, "cause", None) or error
    return str(getattr(raised, "message", "") or "").strip()


def execute(
    home: Home,
    select: str | None,
    started_by: str,
    listen: Listener,
    months: tuple[str, str] | None = None,
) -> Outcome:
    """Materialize everything, or the assets that `select` names in Dagster's selection syntax.

    `months` limits sources that are parted by month to a first and a last one.

    `listen` receives (kind, text): `step` when a step starts, `done`, `failed`, and `say` for what
    a step reports about itself.

    Raises:
        dg.DagsterError: the selection names nothing.
    """
    prepare_instance(home)
    from pipelines.definitions import defs

    job = defs.resolve_job_def("everything")
    run_id = dg.DagsterRun(job_name=job.name).run_id
    errors: list[str] = []

    def on_event(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            if entry.level == logging.INFO and entry.user_message:
                listen("say", entry.user_message)
        elif event.event_type == dg.DagsterEventType.STEP_START:
            listen("step", event.step_key or "")
        elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
            listen("done", event.step_key or "")
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            message = _message(event.step_failure_data)
            errors.append(f"{event.step_key}: {message}")
            listen("failed", f"{event.step_key}: {message}")

    with dg.DagsterInstance.get() as instance:
        instance.add_event_listener(run_id, on_event)
        if select is not None:
            graph = defs.resolve_asset_graph()
            wanted = dg.AssetSelection.from_string(select)
            # A decision and its release are one step: whoever names one means both.
            keys = wanted.required_multi_asset_neighbors().resolve(graph)
            if not keys:
                raise dg.DagsterInvalidSubsetError(f"{select!r} selects no asset")
            job = job.get_subset(asset_selection=keys)
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            tags={"khomo/started_by": started_by, **(range_tags(*months) if months else {})},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    return Outcome(run_id, result.success, tuple(errors))
