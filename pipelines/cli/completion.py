"""Line editing for the shell: history, several lines, and completion from the open warehouse."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from pipelines.cli.results import Format
from pipelines.cli.shell import HELP, Shell
from pipelines.cli.statements import split
from pipelines.warehouse.described import Table

_WORD = re.compile(r'[\w."]*$')
_USED = re.compile(r'\b(?:from|join)\s+([\w."]+)(?:\s+(?:as\s+)?([a-z_]\w*))?', re.IGNORECASE)
_NO_ALIAS = frozenset(
    ("where", "join", "left", "right", "full", "inner", "cross", "on", "using", "group", "order")
)


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[a-z_]\w*", name) else f'"{name}"'


class WarehouseCompleter(Completer):
    """Schemas, tables, columns of the tables a statement names, keywords, and dot commands."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        rows = shell.warehouse.connection.execute(
            "select distinct keyword_name from duckdb_keywords() order by all"
        ).fetchall()
        self._keywords = tuple(str(keyword) for (keyword,) in rows)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        before = document.text_before_cursor
        if before.lstrip().startswith("."):
            yield from self._commands(before.lstrip())
            return
        found = _WORD.search(before)
        word = found[0] if found else ""
        owner, dot, start = word.rpartition(".")
        if dot:
            candidates = self._inside(owner.replace('"', ""), document.text)
        elif word:
            candidates = self._anywhere(document.text)
        else:
            return
        wanted = start.replace('"', "").casefold()
        for text, meta in candidates:
            if text.replace('"', "").casefold().startswith(wanted):
                yield Completion(text, start_position=-len(start), display_meta=meta)

    def _commands(self, line: str) -> Iterator[Completion]:
        name, blank, rest = line.partition(" ")
        if not blank:
            choices = [(command.split(" ")[0], meaning) for command, meaning in HELP]
        elif name in (".tables", ".describe"):
            choices = [(table.full_name, table.description) for table in self._shell.tables]
        elif name == ".format":
            choices = [(str(output), "") for output in Format]
        else:
            return
        given = rest if blank else name
        for text, meta in choices:
            if text.startswith(given):
                yield Completion(text, start_position=-len(given), display_meta=meta)

    def _inside(self, owner: str, text: str) -> Iterator[tuple[str, str]]:
        """What may follow `owner.`: tables of a schema, columns of a table or of its alias."""
        for table in self._shell.tables:
            if table.schema.casefold() == owner.casefold():
                yield _quoted(table.name), table.description
        for name, alias, table in self._used(text):
            if owner.casefold() in (alias.casefold(), name.casefold(), table.name.casefold()):
                yield from ((_quoted(item.name), item.description) for item in table.columns)

    def _anywhere(self, text: str) -> Iterator[tuple[str, str]]:
        seen: set[str] = set()
        for _, alias, table in self._used(text):
            if alias:
                yield alias, table.full_name
            for column in table.columns:
                if column.name not in seen:
                    seen.add(column.name)
                    yield _quoted(column.name), column.description
        schemas = dict.fromkeys(table.schema for table in self._shell.tables)
        yield from ((schema, "schema") for schema in schemas)
        for table in self._shell.tables:
            yield f"{_quoted(table.schema)}.{_quoted(table.name)}", table.description
        yield from ((keyword, "") for keyword in self._keywords)

    def _used(self, text: str) -> list[tuple[str, str, Table]]:
        """The tables that a statement names: as written, alias, table."""
        return _used(text, self._shell.tables)


@lru_cache(maxsize=8)
def _used(text: str, tables: tuple[Table, ...]) -> list[tuple[str, str, Table]]:
    by_name = {table.full_name.casefold(): table for table in tables}
    found: list[tuple[str, str, Table]] = []
    for written, alias in _USED.findall(text):
        name = written.replace('"', "").casefold().removeprefix("warehouse.")
        table = by_name.get(name, by_name.get(f"temp.{name}"))
        if table is not None:
            found.append((name, "" if alias.casefold() in _NO_ALIAS else alias, table))
    return found


def _is_complete(text: str) -> bool:
    """Whether Enter runs `text`: a dot command, or statements that all end with `;`."""
    return not text.strip() or text.lstrip().startswith(".") or not split(text)[1]


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        if _is_complete(event.current_buffer.text):
            event.current_buffer.validate_and_handle()
        else:
            event.current_buffer.insert_text("\n")

    return keys


def make_session(shell: Shell) -> PromptSession[str]:
    """The line editor; its history is a file of the home that only its owner can read."""
    history = shell.home.sql_history
    history.touch(mode=0o600)
    return PromptSession(
        "khomo> ",
        prompt_continuation=lambda width, _line, _wrapped: "…> ".rjust(width),
        multiline=True,
        key_bindings=_keys(),
        history=FileHistory(str(history)),
        auto_suggest=AutoSuggestFromHistory(),
        completer=WarehouseCompleter(shell),
        complete_while_typing=False,
        lexer=PygmentsLexer(SqlLexer),
        enable_open_in_editor=False,
    )
