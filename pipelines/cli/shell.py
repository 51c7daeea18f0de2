"""The shell of `khomo sql`: statements and dot commands, from a terminal or from a pipe.

Line editing and completion are in `completion`; what a statement may read is decided by
`warehouse.walled`.
"""

import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.markup import escape

from pipelines.cli.console import err, out
from pipelines.cli.results import Format, print_result, print_table
from pipelines.cli.statements import split
from pipelines.ledger import Ledger
from pipelines.settings import Home
from pipelines.warehouse.described import Table, matching, named, tables_of
from pipelines.warehouse.promotion import promoted_file
from pipelines.warehouse.walled import Walled, open_walled

HELP = (
    (".tables [pattern]", "tables with their descriptions; the pattern may hold *"),
    (".describe <table>", "columns of a table, with types and descriptions"),
    (".format table|csv|json", "how results are printed"),
    (".help", "this list"),
    (".quit", "leave; so does Ctrl-D"),
)


class Shell:
    """What a session knows: the open build, the output format, and whether to go on."""

    def __init__(self, home: Home, output: Format, *, private: bool = False) -> None:
        self.home = home
        self.output = output
        self.private = private
        self.failed = False
        self.left = False
        self.tables: tuple[Table, ...] = ()
        self._stack = ExitStack()
        self._database: Path | None = None
        self._warehouse: Walled | None = None
        self._commands: dict[str, Callable[[str], None]] = {
            ".tables": self._tables,
            ".describe": self._describe,
            ".format": self._format,
            ".help": self._help,
            ".quit": self._quit,
            ".exit": self._quit,
        }

    def __enter__(self) -> Self:
        self.refresh()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def warehouse(self) -> Walled:
        assert self._warehouse is not None
        return self._warehouse

    def refresh(self) -> bool:
        """Go over to the build that is promoted now; whether it is another one than before."""
        database = promoted_file(self.home)
        if database is None or database == self._database:
            return False
        self._stack.close()
        self._warehouse = self._stack.enter_context(
            open_walled(database, Ledger(self.home.ledger), private=self.private)
        )
        self._database, before = database, self._database
        self.tables = tables_of(self.warehouse)
        return before is not None

    def take(self, text: str) -> str:
        """Run the dot command or the complete statements of `text`; the rest is returned."""
        if text.lstrip().startswith("."):
            self._command(text.strip())
            return ""
        statements, rest = split(text)
        for statement in statements:
            self._run(statement)
        return rest

    def _run(self, statement: str) -> None:
        import duckdb

        from pipelines.warehouse.walled import Refused

        if self.refresh():
            err.print("a run has finished: this is its build; temporary tables are gone")
        try:
            print_result(self.warehouse.execute(statement), self.output)
        except (Refused, duckdb.Error) as error:
            self.object(str(error))
        except KeyboardInterrupt:
            self._interrupt()
        except RuntimeError as error:  # DuckDB's, where Ctrl-C came while it was computing
            if "interrupt" not in str(error).lower():
                raise
            self._interrupt()

    def _interrupt(self) -> None:
        """End what was asked. DuckDB's own answer to Ctrl-C leaves its threads at work on it."""
        self.warehouse.connection.interrupt()
        self.object("interrupted")

    def _command(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        command = self._commands.get(name.rstrip(";"))
        if command is None:
            self.object(f"there is no command {name}; .help lists them")
            return
        command(rest.strip().rstrip(";").strip())

    def object(self, message: str) -> None:
        """Say that something did not work; the session goes on."""
        self.failed = True
        sys.stdout.flush()
        err.print(f"[bold red]khomo:[/] {escape(message)}", soft_wrap=True)

    def _tables(self, pattern: str) -> None:
        self.refresh()
        self.tables = tables_of(self.warehouse)
        found = matching(self.tables, pattern)
        if not found:
            self.object(f"no table fits {pattern!r}")
            return
        print_table(
            ("schema", "table", "description"),
            [(table.schema, table.name, table.description) for table in found],
        )
        if not self.private:
            out.print("the schema private is off; `khomo sql --private` shows it")

    def _describe(self, name: str) -> None:
        self.refresh()
        self.tables = tables_of(self.warehouse)
        if not name:
            self.object("name a table: .describe marts.dim_admin_unit")
            return
        found = named(self.tables, name)
        if len(found) != 1:
            several = ", ".join(table.full_name for table in found)
            hint = "" if self.private else "; the schema private needs --private"
            self.object(
                f"{name} is several tables: {several}"
                if found
                else f"there is no table {name}; .tables lists them{hint}"
            )
            return
        (table,) = found
        out.print(f"[bold]{table.full_name}[/]", escape(table.description), soft_wrap=True)
        print_table(
            ("column", "type", "description"),
            [(column.name, column.type, column.description) for column in table.columns],
        )

    def _format(self, name: str) -> None:
        if name not in set(Format):
            self.object(f"formats are {', '.join(Format)}; now it is {self.output}")
            return
        self.output = Format(name)

    def _help(self, _rest: str) -> None:
        print_table(("command", ""), HELP)
        out.print("A statement ends with `;` and may span lines. Ctrl-C clears the line.")

    def _quit(self, _rest: str) -> None:
        self.left = True


def read_statements(shell: Shell, lines: Iterable[str]) -> bool:
    """Run what a pipe holds, each statement as soon as it is complete; whether all went well.

    A last statement needs no `;`.
    """
    waiting = ""
    for line in lines:
        waiting = shell.take(waiting + line) if waiting or line.strip() else ""
        if shell.left:
            break
    else:
        if waiting.strip() and shell.take(f"{waiting}\n;"):
            shell.object("the last statement has a quote or a comment that does not end")
    return not shell.failed


def converse(shell: Shell) -> None:
    """Talk with a person until they leave."""
    from pipelines.cli.completion import make_session

    session = make_session(shell)
    wall = "with the schema private" if shell.private else "without the schema private"
    out.print(f"Kho Mở: the promoted warehouse, read-only, {wall}. .help lists the commands.")
    while not shell.left:
        try:
            text = session.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        shell.take(text)
