"""The process in which dbt runs: commands in turn over one parse of the project.

Of what dbt says it passes on, a line of JSON each, what somebody asks for: how a model or a test
went, warnings and errors. Writing all of it would cost as much as running the tests. Starting this
process is `dbt`'s business.
"""

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

RESULTS = ("LogModelResult", "LogTestResult")
_SERIOUS = ("warn", "error")


def run(commands: Sequence[tuple[Sequence[str], str]], settings: Sequence[str]) -> int:
    """Run each command unless the one before failed.

    A command goes with the folder that it writes to; `settings` are options of all of them.

    Returns what dbt's own command would: 0, 1 where nodes failed, 2 where it could not run.
    """
    from dbt.cli.main import dbtRunner

    manifest: Manifest | None = None
    if len(commands) > 1:
        # What the commands share, so that only the first waits for it.
        parse = ["parse", "--no-write-json", "--target-path", commands[0][1], *settings]
        done = dbtRunner(callbacks=[_say]).invoke(parse)
        if not done.success:
            return _code(done)
        manifest = done.result  # type: ignore[assignment]
    for arguments, folder in commands:
        command = [*arguments, "--target-path", folder, *settings]
        done = dbtRunner(manifest, callbacks=[_say]).invoke(command)
        if not done.success:
            return _code(done)
    return 0


def _code(done: "dbtRunnerResult") -> int:
    if done.exception is None:
        return 1
    _write("error", "Failed", str(done.exception))
    return 2


def _say(event: Any) -> None:
    info = event.info
    if info.name in RESULTS:
        _write(info.level, info.name, info.msg, status=event.data.status, index=event.data.index)
    elif info.level in _SERIOUS:
        _write(info.level, info.name, info.msg)


def _write(level: str, name: str, message: str, **data: str | int) -> None:
    event = {"info": {"level": level, "name": name, "msg": message}, "data": data}
    try:
        sys.stdout.write(json.dumps(event) + "\n")  # at once: threads write side by side
    except BrokenPipeError:
        # Who started this was killed; another run may be at work in the same place already.
        os._exit(2)


if __name__ == "__main__":
    sys.exit(run(*map(json.loads, sys.argv[1:])))
