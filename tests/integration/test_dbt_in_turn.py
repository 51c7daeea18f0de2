"""dbt commands in one process: each runs unless the one before failed, and says why it failed."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from pipelines.duck import connect
from pipelines.province import load_province
from pipelines.settings import Home
from pipelines.warehouse.dbt import DbtError, run_dbt, run_in_turn

MODEL = "stg_dti_ranks__ranks"


def test_tests_run_on_what_the_models_before_them_made_and_not_after_a_failure(home: Home) -> None:
    database, province = home.warehouse / "some.duckdb", load_province()
    commands = [
        (["run", "--select", MODEL], home.dbt / "models"),
        (["test", "--select", MODEL, "--exclude-resource-type", "unit_test"], home.dbt / "tests"),
    ]
    with connect(database) as connection:
        connection.execute("create schema landed")
    with pytest.raises(DbtError, match="dti_ranks does not exist"):
        run_in_turn(commands, home, province, database=database)
    assert not (home.dbt / "tests" / "run_results.json").exists()

    said: list[dict[str, Any]] = []
    with connect(database) as connection:
        connection.execute("create table landed.dti_ranks as select * from (values (null)) as t(x)")
    code = run_in_turn(
        [(["compile", "--select", MODEL], home.dbt / "models"), commands[1]],
        *(home, province),
        database=database,
        on_event=said.append,
        check=False,
    )
    assert code == 1
    results = json.loads((home.dbt / "tests" / "run_results.json").read_bytes())["results"]
    assert results and {item["status"] for item in results} == {"error"}
    told = [event for event in said if event["info"]["name"] == "LogTestResult"]
    assert {event["data"]["index"] for event in told} == set(range(1, len(results) + 1))


def test_a_command_that_dbt_does_not_know_says_so(home: Home) -> None:
    with pytest.raises(DbtError, match="--no-such-option"):
        run_dbt(["run", "--no-such-option"], home, load_province(), check=False)


def test_it_ends_when_whoever_started_it_is_gone(home: Home) -> None:
    """Its reader was killed: it must not go on to write beside the run that comes next."""
    reader, writer = os.pipe()
    os.close(reader)
    asked = [[["run"], str(home.dbt)]], ["--no-such-option"]
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.warehouse.dbt_process", *map(json.dumps, asked)],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (2, "")
