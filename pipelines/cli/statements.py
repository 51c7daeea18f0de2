"""Where one SQL statement ends and the next begins, while it is being typed.

Knows quotes, dollar quotes and comments, and nothing else of SQL.
"""

import re

_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<string>
        \b[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)
      | '(?:[^']|'')*(?:'|\Z)
      | "(?:[^"]|"")*(?:"|\Z)
      | (?P<tag>\$\w*\$).*?(?:(?P=tag)|\Z) )
    | (?P<end> ; )
    """,
    re.VERBOSE | re.DOTALL,
)


def split(text: str) -> tuple[list[str], str]:
    """The complete statements of `text` without their `;`, and the rest that is not complete.

    A rest that holds only blanks and comments is empty.
    """
    found: list[str] = []
    start = 0
    for token in _TOKEN.finditer(text):
        if token["end"]:
            if statement := _meaning(text[start : token.start()]):
                found.append(statement)
            start = token.end()
    rest = text[start:]
    return found, rest if _meaning(rest) else ""


def _meaning(text: str) -> str:
    """`text` without blanks around it; nothing where it says nothing."""
    said = _TOKEN.sub(lambda token: "" if token["comment"] else token[0], text)
    return text.strip() if said.strip() else ""
