"""A build goes on after a model that did not fit into memory."""

import subprocess
import sys
from pathlib import Path

from pipelines.province import load_province
from pipelines.settings import DBT_PROJECT, Home
from pipelines.warehouse.dbt import environment

_PROJECT = "name: spilling\nversion: 1.0.0\nprofile: khomo\nmodel-paths: [models]\n"
# About 500 MB to be sorted.
_WIDE = (
    "{{ config(materialized='table') }}\n"
    "select md5(range::varchar) as key, repeat(md5(range::varchar), 3) as text"
    " from range(3000000) order by key\n"
)


def test_a_model_follows_one_that_spilled_to_disk(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(_PROJECT)
    (project / "models" / "wide.sql").write_text(_WIDE)
    (project / "models" / "after.sql").write_text("select count(*) as n from {{ ref('wide') }}\n")
    variables = environment(home, load_province(), tmp_path / "warehouse.duckdb")

    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "run", "--project-dir", str(project)),
            *("--profiles-dir", str(DBT_PROJECT), "--no-use-colors", "--threads", "1"),
        ],
        env={**variables, "KHOMO_MEMORY_LIMIT": "200MB"},
        cwd=project,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout
