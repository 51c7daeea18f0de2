"""Dagster's history of runs: other processes read it as it grows; a killed process loses none."""

import os
import signal
import subprocess
import sys

from pipelines.orchestration.execute import prepare_instance
from pipelines.settings import Home

EVENTS = 30

WRITER = f"""
import os, signal, sys
import dagster as dg
from pipelines.orchestration.execute import prepare_instance
from pipelines.settings import home

@dg.asset(check_specs=[dg.AssetCheckSpec(f"check_{{n}}", asset="thing") for n in range({EVENTS})])
def thing():
    yield dg.MaterializeResult(
        check_results=[
            dg.AssetCheckResult(check_name=f"check_{{n}}", passed=n % 2 == 0)
            for n in range({EVENTS})
        ]
    )

prepare_instance(home())
instance = dg.DagsterInstance.get()
result = dg.materialize([thing], instance=instance)
print(result.run_id, flush=True)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""


def seen(home: Home, run_id: str) -> list[tuple[str, bool]]:
    """What an instance of its own says that the checks of the run gave."""
    import dagster as dg

    with dg.DagsterInstance.from_config(str(prepare_instance(home))) as instance:
        records = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey("thing"), "check_0"), limit=5
        )
        assert [record.run_id for record in records] == [run_id]
        run = instance.get_run_by_id(run_id)
        assert run is not None and run.status == dg.DagsterRunStatus.SUCCESS
        entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        assert {entry.run_id for entry in entries} == {run_id}
        evaluations = [entry.get_dagster_event().asset_check_evaluation_data for entry in entries]
        return [(item.check_name, item.passed) for item in evaluations]


def test_events_are_read_while_their_writer_lives_and_after_it_is_killed(home: Home) -> None:
    wanted = [(f"check_{number}", number % 2 == 0) for number in range(EVENTS)]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER],
        env={**os.environ, "KHOMO_HOME": str(home.root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as writer:
        assert writer.stdin and writer.stdout
        run_id = writer.stdout.readline().strip()
        assert sorted(seen(home, run_id)) == sorted(wanted)
        writer.stdin.write("\n")
        writer.stdin.flush()
        assert writer.wait(timeout=60) == -signal.SIGKILL
    assert sorted(seen(home, run_id)) == sorted(wanted)


def test_the_bundled_settings_keep_the_files_open(home: Home) -> None:
    import dagster as dg

    from pipelines.orchestration.history import History

    with dg.DagsterInstance.from_config(str(prepare_instance(home))) as instance:
        assert isinstance(instance.event_log_storage, History)
        assert (home.dagster / "history" / "runs" / "index.db").exists()
