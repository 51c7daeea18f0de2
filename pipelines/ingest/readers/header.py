"""A file's headings against the columns of its contract.

Matching only: what a difference means for the source is the arrival gate's business.
"""

import unicodedata

from pipelines.contracts import Column, Table
from pipelines.ingest.readers.base import ReadError

_LOOK_ALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "\u00a0": " ", "\u202f": " "})


def match(headings: list[str], table: Table, what: str) -> list[Column]:
    """The contract column of each heading, in file order.

    Raises:
        ReadError: a column is missing, unknown or there twice.
    """
    cleaned = [heading(text) for text in headings]
    by_header = {column.header: column for column in table.columns}
    missing = [name for name in by_header if name not in cleaned]
    unknown = [name or "(blank)" for name in cleaned if name not in by_header]
    twice = sorted({name for name in cleaned if cleaned.count(name) > 1})
    if missing or unknown or twice:
        parts = [
            f"{label}: {', '.join(names)}"
            for label, names in (
                ("missing columns", missing),
                ("columns the contract does not know", unknown),
                ("columns that occur twice", twice),
            )
            if names
        ]
        raise ReadError(
            f"{what}: the header does not fit table {table.name}; {'; '.join(parts)}."
            " Ask the sender for the agreed layout, or change `physicalName` or the columns"
            " in the contract"
        )
    return [by_header[name] for name in cleaned]


def heading(text: str) -> str:
    """A heading as contracts write it: composed, look-alikes mended, blanks made one."""
    composed = unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)
    return " ".join(composed.split())
