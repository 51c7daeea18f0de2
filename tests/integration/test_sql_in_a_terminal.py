"""`khomo sql` as it is used: in a real terminal, from a pipe, with one query."""

import contextlib
import os
import pty
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from pipelines.settings import Home
from tests.small_warehouse import promote_small

KHOMO = [sys.executable, "-m", "pipelines"]


class Terminal:
    """A child process on a pseudo-terminal; what it prints is kept."""

    def __init__(self, *arguments: str) -> None:
        pid, descriptor = pty.fork()
        if not pid:  # the child
            os.environ.update(
                PROMPT_TOOLKIT_NO_CPR="1", TERM="xterm", COLUMNS="120", LINES="40", NO_COLOR="1"
            )
            os.execv(sys.executable, [*KHOMO, *arguments])
        self.pid, self.descriptor = pid, descriptor
        self.text = ""

    def until(self, wanted: str, seconds: float = 60) -> None:
        """Read until `wanted` was printed since the last call."""
        ends = time.monotonic() + seconds
        while wanted not in self.text:
            assert time.monotonic() < ends, f"{wanted!r} never came; there was {self.text!r}"
            if select.select([self.descriptor], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.descriptor, 65536).decode(errors="replace")
                except OSError:
                    assert wanted in self.text, f"it ended; there was {self.text!r}"
        self.text = self.text[self.text.index(wanted) + len(wanted) :]

    def type(self, text: str) -> None:
        os.write(self.descriptor, text.encode())

    def end(self) -> int:
        """Press Ctrl-D until the process has left; returns its exit code.

        A key pressed while the prompt is only being set up is lost, as it is for a person.
        """
        ends, pressed = time.monotonic() + 60, float("-inf")
        while time.monotonic() < ends:
            if time.monotonic() - pressed > 2:
                pressed = time.monotonic()
                with contextlib.suppress(OSError):  # it may have left just now
                    self.type("\x04")
            if select.select([self.descriptor], [], [], 0.05)[0]:
                with contextlib.suppress(OSError):
                    os.read(self.descriptor, 65536)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        raise AssertionError("the shell did not leave")

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)


@pytest.fixture
def terminal(home: Home) -> Iterator[Terminal]:
    promote_small(home)
    opened = Terminal("sql")
    yield opened
    opened.close()


def test_a_session_in_a_terminal(terminal: Terminal, home: Home) -> None:
    terminal.until("khomo>")
    terminal.type("select 40 +\r")  # not complete: the line goes on
    terminal.until("…>")
    terminal.type("2 as answer;\r")
    terminal.until("42")
    terminal.until("khomo>")
    terminal.type("select nonsense;\r")
    terminal.until("Binder Error")
    terminal.until("khomo>")
    terminal.type("this goes away\x03")
    terminal.until("khomo>")
    terminal.type("from marts.dim_u\t")  # Tab completes the name
    terminal.until("nit")
    terminal.type(";\r")
    terminal.until("Xã Hai")
    terminal.until("khomo>")
    terminal.type("select count(*) from private.fct_dossier;\r")
    terminal.until("--private")
    terminal.until("khomo>")
    terminal.type(".describe dim_unit\r")
    terminal.until("Code of the unit.")
    terminal.until("khomo>")
    terminal.type("select sum(a.range * b.range) from range(1000000) a, range(1000000) b;\r")
    terminal.until(";")
    time.sleep(1)
    terminal.type("\x03")  # a query that takes too long is stopped; the session goes on
    terminal.until("interrupted")
    terminal.until("khomo>")
    assert terminal.end() == 0
    history = home.sql_history.read_text(encoding="utf-8")
    assert "+2 as answer;" in history
    assert stat.S_IMODE(home.sql_history.stat().st_mode) == 0o600


def test_quit_leaves(terminal: Terminal) -> None:
    terminal.until("khomo>")
    terminal.type(".quit\r")
    assert terminal.end() == 0


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*KHOMO, "sql", *arguments], input=stdin, capture_output=True, text=True, check=False
    )


def test_statements_come_from_a_pipe(home: Home) -> None:
    promote_small(home)
    done = run("-f", "csv", stdin="select 1\n as a;\nselect code from marts.dim_unit order by 1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["a", "1", "code", "1", "2"]
    broken = run("-f", "csv", stdin="select nope; select 2 as b;")
    assert (broken.returncode, broken.stdout.split()) == (2, ["b", "2"])
    assert "nope" in broken.stderr


def test_one_query_has_the_same_wall(home: Home) -> None:
    promote_small(home)
    refused = run("select count(*) as n from private.fct_dossier")
    assert refused.returncode == 2
    assert "--private" in refused.stderr
    asked = run("--private", "-f", "csv", "select count(*) as n from private.fct_dossier")
    assert (asked.returncode, asked.stdout.split()) == (0, ["n", "9"])
