"""Run dbt as a process of its own, so that its DuckDB connection ends with it.

Which commands make a warehouse is `build`'s business; here is how commands are started, report
their progress and fail. What happens inside the process is `dbt_process`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipelines.duck import memory_limit
from pipelines.province import Province
from pipelines.settings import DBT_PROJECT, Home

_PROCESS = (sys.executable, "-m", "pipelines.warehouse.dbt_process")


class DbtError(Exception):
    """A dbt command failed; the message holds dbt's own errors."""


def building(home: Home) -> Path:
    """The file a warehouse is built in; nobody reads it before it is renamed."""
    return home.warehouse / "building" / "building.duckdb"


def environment(home: Home, province: Province, database: Path | None = None) -> dict[str, str]:
    """The process environment in which dbt runs."""
    return {
        **os.environ,
        **province.environment(),
        "KHOMO_WAREHOUSE": str(database) if database else ":memory:",
        "KHOMO_MEMORY_LIMIT": memory_limit(),
        "KHOMO_TEMP": str(home.root / "tmp"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
    }


def run_dbt(
    arguments: Sequence[str],
    home: Home,
    province: Province,
    *,
    database: Path | None = None,
    target: Path | None = None,
    on_event: Callable[[dict[str, Any]], None] = lambda _event: None,
    check: bool = True,
) -> int:
    """Run one dbt command that writes its files to `target`; otherwise as `run_in_turn`."""
    folder = target or home.dbt / "target"
    return run_in_turn(
        [(arguments, folder)], home, province, database=database, on_event=on_event, check=check
    )


def run_in_turn(
    commands: Sequence[tuple[Sequence[str], Path]],
    home: Home,
    province: Province,
    *,
    database: Path | None = None,
    on_event: Callable[[dict[str, Any]], None] = lambda _event: None,
    check: bool = True,
) -> int:
    """Run dbt commands over one parse of the project, each unless the one before failed.

    A command goes with the folder that it writes its files to. `on_event` receives what dbt says of
    each model and test that is done, warnings and errors.

    Returns the exit code: 0, or 1 where nodes failed and `check` is false.

    Raises:
        DbtError: dbt failed (with `check`), or could not run at all (exit code 2).
    """
    parsed = home.dbt / "manifest" / "partial_parse.msgpack"
    settings = [
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--log-path", str(home.dbt / "logs")),
        *(("--partial-parse-file-path", str(parsed)) if parsed.exists() else ()),
        *("--log-level", "none", "--log-level-file", "warn", "--no-use-colors"),
    ]
    asked = [[list(arguments), str(folder)] for arguments, folder in commands]
    errors: list[str] = []
    with subprocess.Popen(
        [*_PROCESS, json.dumps(asked), json.dumps(settings)],
        env=environment(home, province, database),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            try:
                event = json.loads(line)
                info = event["info"]
            except (ValueError, KeyError, TypeError):
                errors.append(line.rstrip())
                continue
            if info["level"] == "error":
                errors.append(str(info["msg"]).strip())
            on_event(event)
    code = process.returncode
    if code not in (0, 1) or (check and code):
        detail = "\n".join(dict.fromkeys(error for error in errors if error))[-4000:]
        said = ", then ".join(" ".join(arguments) for arguments, _ in commands)
        raise DbtError(f"dbt {said} failed (exit code {code}):\n{detail}")
    return code
