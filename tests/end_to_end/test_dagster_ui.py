"""A launch from the UI, a schedule's tick and a retry give what the command line gives."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from pipelines.ledger import Ledger
from pipelines.settings import PROJECT_ROOT, Home
from tests.end_to_end.conftest import KHOMO, Run, environment, release_bytes

LOCATION = {"repositoryLocationName": "khomo", "repositoryName": "__repository__"}


class Dagster:
    """The UI's own interface: GraphQL."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = requests.post(
            f"{self.address}/graphql", json={"query": query, "variables": variables}, timeout=60
        ).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def launch(self, job: str) -> str:
        data = self.ask(
            """
            mutation ($parameters: ExecutionParams!) {
              launchRun(executionParams: $parameters) {
                __typename
                ... on LaunchRunSuccess { run { runId } }
                ... on PythonError { message }
              }
            }
            """,
            parameters={
                "selector": {**LOCATION, "jobName": job},
                "runConfigData": {},
                "mode": "default",
            },
        )["launchRun"]
        return str(data["run"]["runId"])

    def retry(self, run_id: str) -> str:
        data = self.ask(
            """
            mutation ($parameters: ReexecutionParams!) {
              launchRunReexecution(reexecutionParams: $parameters) {
                __typename
                ... on LaunchRunSuccess { run { runId } }
                ... on PythonError { message }
              }
            }
            """,
            parameters={"parentRunId": run_id, "strategy": "FROM_FAILURE"},
        )["launchRunReexecution"]
        return str(data["run"]["runId"])

    def wait(self, run_id: str, seconds: float = 300) -> str:
        query = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
        for _ in range(int(seconds)):
            status = str(self.ask(query, id=run_id)["runOrError"]["status"])
            if status in ("SUCCESS", "FAILURE", "CANCELED"):
                return status
            time.sleep(1)
        raise AssertionError(f"run {run_id} did not end within {seconds} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dagster(home: Home, log: Path, **changes: str) -> Iterator[Dagster]:
    """`khomo dev` on a free port of the loopback, until the block ends."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*KHOMO, "dev", "--port", str(port)],
            env=environment(home.root, **changes),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(180):
                assert process.poll() is None, log.read_text()[-3000:]
                try:
                    loaded = Dagster(address).ask(
                        "{ repositoriesOrError { ... on RepositoryConnection"
                        " { nodes { jobs { name } } } } }"
                    )
                    if loaded["repositoriesOrError"].get("nodes"):
                        break
                except requests.ConnectionError:
                    pass
                time.sleep(1)
            else:
                raise AssertionError(log.read_text()[-3000:])
            yield Dagster(address)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=30)


@dataclass(frozen=True)
class Served:
    """A copy of the first run's home with Dagster over it."""

    home: Home
    ui: Dagster
    log: Path

    def ledger_pulls(self) -> list[tuple[str, str]]:
        """(resource, run) of every pull of dossiers, oldest first."""
        rows = Ledger(self.home.ledger).rows(
            "select resource, run_id from pulls where source = 'dossiers' order by id"
        )
        return [(row["resource"], row["run_id"]) for row in rows]


@pytest.fixture(scope="module")
def served(first_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One UI and daemon for all tests here; the refresh schedule would tick every minute if on."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(first_run.home.root, folder / "home", symlinks=True)
    province = yaml.safe_load((PROJECT_ROOT / "province.yaml").read_text(encoding="utf-8"))
    province["schedules"] = {"refresh": "* * * * *"}
    file = folder / "province.yaml"
    file.write_text(yaml.safe_dump(province, allow_unicode=True), encoding="utf-8")
    home, log = Home(folder / "home"), folder / "dagster.log"
    with dagster(home, log, KHOMO_PROVINCE_FILE=str(file)) as ui:
        yield Served(home, ui, log)
    shutil.rmtree(folder)


def test_launch_and_retry_from_the_ui_publish_what_the_command_line_publishes(
    first_run: Run, served: Served
) -> None:
    home, ui = served.home, served.ui
    for folder in (home.releases, home.candidates):
        shutil.rmtree(folder)
    obstacle = home.candidates / "dti-ranks"
    obstacle.mkdir(parents=True)
    (obstacle / "in-the-way").touch()
    run = ui.launch("everything")
    assert ui.wait(run) == "FAILURE"
    assert "dti-ranks" not in {path.parent.name for path in home.releases.glob("*/latest")}
    shutil.rmtree(obstacle)
    assert ui.wait(ui.retry(run)) == "SUCCESS"
    assert release_bytes(home) == release_bytes(first_run.home)


def test_a_backfill_of_months_pulls_those_months_in_one_run(served: Served) -> None:
    ui = served.ui
    before = served.ledger_pulls()
    launched = ui.ask(
        """
        mutation ($parameters: LaunchBackfillParams!) {
          launchPartitionBackfill(backfillParams: $parameters) {
            __typename
            ... on LaunchBackfillSuccess { backfillId }
            ... on PythonError { message }
          }
        }
        """,
        parameters={
            "partitionNames": ["2024-03-01", "2024-04-01"],
            "assetSelection": [{"path": ["raw", "dossiers"]}],
        },
    )["launchPartitionBackfill"]
    query = """
        query ($id: String!) { partitionBackfillOrError(backfillId: $id) {
          ... on PartitionBackfill { status numPartitions } } }
    """
    state: dict[str, Any] = {}
    for _ in range(150):
        state = ui.ask(query, id=launched["backfillId"])["partitionBackfillOrError"]
        if state["status"] != "REQUESTED":
            break
        time.sleep(1)
    assert state["status"] == "COMPLETED_SUCCESS", served.log.read_text()[-3000:]
    pulled = served.ledger_pulls()[len(before) :]
    assert [name for name, _run in pulled] == ["dossiers-2024-03.csv", "dossiers-2024-04.csv"]
    assert len({run for _name, run in pulled}) == 1


def test_a_tick_of_the_schedule_rebuilds_and_publishes_nothing(
    first_run: Run, served: Served
) -> None:
    ui = served.ui
    selector = {**LOCATION, "scheduleName": "daily_refresh"}
    state = ui.ask(
        "query ($s: ScheduleSelector!) { scheduleOrError(scheduleSelector: $s)"
        " { ... on Schedule { executionTimezone scheduleState { status } } } }",
        s=selector,
    )["scheduleOrError"]
    assert state["executionTimezone"] == "Asia/Ho_Chi_Minh"
    assert state["scheduleState"]["status"] == "STOPPED"
    ui.ask(
        "mutation ($s: ScheduleSelector!) { startSchedule(scheduleSelector: $s)"
        " { __typename ... on PythonError { message } } }",
        s=selector,
    )
    runs: list[dict[str, Any]] = []
    for _ in range(150):
        runs = ui.ask(
            '{ runsOrError(filter: {pipelineName: "refresh"})'
            " { ... on Runs { results { runId tags { key value } } } } }"
        )["runsOrError"]["results"]
        if runs:
            break
        time.sleep(1)
    assert runs, served.log.read_text()[-3000:]
    assert {"key": "dagster/schedule_name", "value": "daily_refresh"} in runs[-1]["tags"]
    assert ui.wait(runs[-1]["runId"]) == "SUCCESS"
    assert release_bytes(served.home) == release_bytes(first_run.home)


def test_loading_definitions_imports_nothing_heavy(first_run: Run) -> None:
    code = (
        "import pipelines.definitions, sys;"
        " print([name for name in ('great_expectations', 'pandas', 'pyarrow.parquet')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [KHOMO[0], "-c", code],
        env=environment(first_run.home.root),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == "[]"
