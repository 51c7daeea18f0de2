"""What a contract says about packed files: the table property `archive`, parsed and judged.

How they are unpacked is `ingest.unpack`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.contracts.model import SourceContract, Table

MEMBERS = 10_000  # files one archive may hold
_NUMBERS = ("maxBytes", "maxRatio")


@dataclass(frozen=True)
class Archive:
    """Which members of an archive are the table, and how much may come out of it.

    `member` is a pattern such as `data/*.csv`; one without a slash means files of any folder. None
    takes the only file there is. `ratio` is the greatest number of bytes that one packed byte may
    become; it holds once more than `FREE` bytes came out.
    """

    member: str | None = None
    size: int = 4 << 30
    ratio: float = 250.0

    FREE = 16 << 20  # bytes: small files of little content may be packed better


# The pages of an API are packed by ourselves: all are meant, and how much they are was bounded
# when they came.
_OF_PAGES = Archive(member="*.json", size=1 << 62, ratio=float("inf"))


def archive_of(table: Table) -> Archive:
    """The `archive` property of a table; what it does not say is at its default."""
    if table.properties.get("rest"):
        return _OF_PAGES
    said = table.properties.get("archive") or {}
    member = said.get("member")
    return Archive(
        member=None if member is None else str(member),
        size=int(said.get("maxBytes", Archive.size)),
        ratio=float(said.get("maxRatio", Archive.ratio)),
    )


def problems(contract: SourceContract) -> Iterator[str]:
    """What is wrong with the `archive` properties of a contract, for the lint."""
    for table in contract.tables:
        said = table.properties.get("archive")
        if said is None:
            continue
        where = f"{table.name}: archive"
        if not isinstance(said, Mapping):
            yield f"{where}: must be a mapping such as {{member: 'data/*.csv'}}"
            continue
        if unknown := sorted(str(name) for name in said if name not in ("member", *_NUMBERS)):
            yield f"{where}: {', '.join(unknown)} is not one of member, {', '.join(_NUMBERS)}"
        member = said.get("member")
        if member is not None and (not isinstance(member, str) or not member.strip("/ ")):
            yield f"{where}: member is the name of a file in it, or a pattern such as data/*.csv"
        for name in _NUMBERS:
            value = said.get(name, 1)
            if not isinstance(value, int | float) or isinstance(value, bool) or value < 1:
                yield f"{where}: {name} is a number of at least 1, not {value!r}"
