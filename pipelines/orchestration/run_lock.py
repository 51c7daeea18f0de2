"""The resource by which every run, however started, takes the one lock over the home."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from pipelines.lock import hold
from pipelines.settings import home


class RunLock(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Held from before the first step to after the last: all steps share one process."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["RunLock"]:
        run = context.run
        starter = "a run"
        if run is not None:
            tags = run.tags
            starter = tags.get("khomo/started_by") or next(
                (
                    f"{kind} {tags[f'dagster/{kind}_name']}"
                    for kind in ("schedule", "sensor")
                    if f"dagster/{kind}_name" in tags
                ),
                "the Dagster UI",
            )
            starter = f"run {run.run_id[:8]}, started by {starter}"
        with hold(
            home(), starter, lambda message: context.log.info(message) if context.log else None
        ):
            yield self
