"""Run a process and say what it cost, children included."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

SAMPLE = 0.1  # seconds between two looks at memory


@dataclass(frozen=True)
class Cost:
    """Wall seconds, CPU seconds of the process and its children, peak resident MiB of them all."""

    wall: float
    cpu: float
    peak: float

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.wall - other.wall, self.cpu - other.cpu, max(self.peak, other.peak))


def _resident(root: psutil.Process) -> int:
    total = 0
    for process in (root, *root.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def measure(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run `command` to its end.

    Raises:
        RuntimeError: it failed; the message holds the end of its output.
    """
    before = os.times()
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak = 0

    def watch() -> None:
        nonlocal peak
        root = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, _resident(root))
            except psutil.NoSuchProcess:
                return
            time.sleep(SAMPLE)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    output, _ = process.communicate()
    wall = time.perf_counter() - started
    watcher.join()
    after = os.times()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output[-4000:]}")
    cpu = (
        after.children_user - before.children_user + after.children_system - before.children_system
    )
    return Cost(wall, cpu, peak / 2**20)
