"""How a contract declares the dialect of delimited text: the table property `csv`, parsed.

How a file is read by it is `ingest.readers.delimited`; its encoding is `ingest.decode`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.contracts.model import Table

DETECT = "detect"
DELIMITERS = (",", ";", "\t", "|")
_KEYS = {"delimiter", "quote", "escape", "skipLines", "encoding"}


class DialectError(ValueError):
    """A dialect is malformed; the message says what it should be."""


@dataclass(frozen=True)
class Dialect:
    """`delimiter` is None where the file's own header decides among `DELIMITERS`.

    `skip_lines` are lines above the header, such as a letterhead.
    """

    delimiter: str | None = ","
    quote: str = '"'
    escape: str = '"'
    skip_lines: int = 0


def dialect_of(table: Table) -> Dialect:
    """The dialect a table declares; RFC 4180 with commas where it declares none.

    Raises:
        DialectError: the property `csv` is malformed.
    """
    said = table.properties.get("csv") or {}
    if not isinstance(said, dict) or set(said) - _KEYS:
        raise DialectError(f"{table.name}: csv may only hold {', '.join(sorted(_KEYS))}")
    delimiter = str(said.get("delimiter", ","))
    quote = _one(table, "quote", said.get("quote", '"'))
    skip = said.get("skipLines", 0)
    if not isinstance(skip, int) or isinstance(skip, bool) or skip < 0:
        raise DialectError(f"{table.name}: csv.skipLines {skip!r} is no number of lines")
    return Dialect(
        delimiter=None if delimiter == DETECT else _one(table, "delimiter", delimiter),
        quote=quote,
        escape=_one(table, "escape", said.get("escape", quote)),
        skip_lines=skip,
    )


def _one(table: Table, key: str, value: Any) -> str:
    text = str(value)
    if len(text) != 1 or text in "\r\n":
        raise DialectError(f"{table.name}: csv.{key} {text!r} is not one character")
    return text


def problems(table: Table) -> Iterator[str]:
    """What is wrong with the dialect a table declares."""
    try:
        dialect_of(table)
    except DialectError as error:
        yield str(error)
