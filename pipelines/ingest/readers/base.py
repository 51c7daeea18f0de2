"""What all readers share: how a file's rows are handed on, and how a file is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class ReadError(Exception):
    """A file cannot be read as its contract says; nothing of it was landed."""


class HeaderError(ReadError):
    """A file's header differs from its contract in a way the contract blocks.

    `findings` holds (finding, names) for each difference, as the arrival gate calls them.
    """

    def __init__(self, message: str, findings: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


@dataclass(frozen=True)
class Incoming:
    """How to read a file's rows in SQL.

    `relation` is SQL that yields one VARCHAR column per contract column, in file order.
    `first_row` is the row number of its first record, header rows counted as a spreadsheet shows
    them. `rejects` names a table of (row, original, error) with lines that could not be split.
    `layout` counts the lines that belong to the form and not to its data, by kind: notes, column
    numbers. `reject_rule` is the rule of `casting.RULES` that rejects break. `numbers` is the name
    of a column of `relation` that holds each row's own number where rows do not follow each other
    in the file; None where they do. `notices` are remarks on how the file differs from the last
    agreed layout without being refused; one that is a finding of the arrival gate starts with its
    name: `added_column: Ghi chú`.
    """

    relation: str
    first_row: int
    rejects: str | None
    layout: Mapping[str, int] = field(default_factory=dict)
    numbers: str | None = None
    reject_rule: str = "columns"
    notices: tuple[str, ...] = ()
