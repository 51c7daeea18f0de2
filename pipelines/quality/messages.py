"""What checks say to people: two lines, Vietnamese first, English second.

Exceptions become messages here too, because an exception's text may quote a value that must not
travel into ledgers, logs and reports.
"""

import re

from pipelines.contracts import Text

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def two_lines(text: Text) -> str:
    """A bilingual text as the ledger stores it."""
    return f"{text.vi}\n{text.en}"


def from_two_lines(message: str) -> Text:
    """A stored message in both languages; a message of one line serves as both."""
    vi, _, en = message.partition("\n")
    return Text(vi, en or vi)


def without_values(text: str | None) -> str:
    """The first line of a message, every quoted part blanked: it may be a person's."""
    lines = (text or "").strip().splitlines()
    return _QUOTED.sub("'…'", lines[0])[:300] if lines else ""


def harmless(error: BaseException) -> str:
    """Kind and first line of an exception, without the values it quotes."""
    first = without_values(str(error))
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
