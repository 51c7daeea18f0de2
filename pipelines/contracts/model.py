"""What a contract says, as immutable values.

Only shapes and the look-ups every stage needs belong here; reading files is `load`, judging them
is `lint`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Text:
    """One text in Vietnamese and English."""

    vi: str
    en: str


@dataclass(frozen=True)
class EnumEntry:
    """One value of a code list: the value, its Vietnamese label, its English description."""

    value: str
    label: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Rule:
    """One quality rule of a contract, as ODCS writes it.

    `kind` is library, sql or custom; `dimension` and `severity` are words as they were written, see
    `vocabulary`; `threshold` holds the operator (`mustBe`, …) and its operand.
    """

    name: str
    kind: str
    description: str
    dimension: str
    severity: str
    metric: str | None = None
    query: str | None = None
    implementation: Mapping[str, Any] = field(default_factory=dict)
    threshold: tuple[str, Any] | None = None


@dataclass(frozen=True)
class Relationship:
    """Where the values of a column lead, as ODCS writes it; see `references`."""

    to: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """One column: its name here (`name`), its header upstream (`header`), its DuckDB type."""

    name: str
    header: str
    title: Text
    description: Text
    logical_type: str
    type: str
    required: bool
    key_position: int | None
    classification: str
    options: Mapping[str, Any]
    enum: tuple[EnumEntry, ...]
    properties: Mapping[str, Any]
    rules: tuple[Rule, ...]
    relationships: tuple[Relationship, ...] = ()

    @property
    def personal(self) -> bool:
        """True where the column identifies, or helps to identify, a person."""
        return self.classification == "personal"

    @property
    def pseudonymise(self) -> bool:
        """True where the column is landed beside a keyed hash of itself, `<name>_key`."""
        return bool(self.properties.get("pseudonymise", False))

    @property
    def kept_part(self) -> tuple[str, str] | None:
        """The name under which a part of a personal value is landed, and the regular expression
        whose first group is that part: what stands in a code but tells nothing of a person.
        """
        said = self.properties.get("keptPart")
        return None if said is None else (str(said["name"]), str(said["pattern"]))

    @property
    def unit(self) -> str | None:
        """The unit of a measure, such as `VND`, `%`, `Mbit/s`."""
        value = self.properties.get("unit")
        return None if value is None else str(value)


@dataclass(frozen=True)
class Table:
    """One relation of a contract: its columns in order and the rules over the whole of it."""

    name: str
    physical_name: str
    title: Text
    description: Text
    grain: str
    columns: tuple[Column, ...]
    properties: Mapping[str, Any]
    rules: tuple[Rule, ...]

    @property
    def may_be_empty(self) -> bool:
        """True where a source may have no file of this table as long as it has one of another; an
        inbox may wait for its first file.
        """
        return bool(self.properties.get("mayBeEmpty", False))

    @property
    def key(self) -> tuple[Column, ...]:
        """The primary-key columns in key order."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(sorted(keyed, key=lambda column: column.key_position or 0))


@dataclass(frozen=True)
class Contract:
    """What sources and published datasets have in common."""

    name: str
    version: str
    path: Path
    digest: str
    domain: str
    title: Text
    description: Text
    limitations: str | None
    owner: str
    contact: str
    license: Mapping[str, str]
    as_of: str | None
    synthetic: bool
    tables: tuple[Table, ...]
    sla: Mapping[str, tuple[str, str | None]]
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class SourceContract(Contract):
    """What is pulled. `server` tells the connector where from."""

    server: Mapping[str, Any]

    @property
    def generator(self) -> str | None:
        """The synthetic generator that writes the input, where there is one."""
        value = self.properties.get("generator")
        return None if value is None else str(value)

    @property
    def optional(self) -> bool:
        """True where the source is off until `province.yaml` switches it on."""
        return bool(self.properties.get("optional", False))

    @property
    def folder(self) -> Path:
        return self.path.parent


@dataclass(frozen=True)
class PublishedContract(Contract):
    """What is published: exactly one table, exported from one dbt model."""

    @property
    def table(self) -> Table:
        return self.tables[0]

    @property
    def model(self) -> str:
        """The dbt model the dataset is exported from."""
        return self.table.physical_name

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the source contracts the dataset derives from."""
        return tuple(str(name) for name in self.properties.get("sources", ()))

    @property
    def as_of_column(self) -> str | None:
        """The column whose latest day is the as-of day, where it is later than what sources say."""
        value = self.properties.get("asOfColumn")
        return None if value is None else str(value)

    @property
    def notes(self) -> tuple[Text, ...]:
        """Published remarks on known issues of the data."""
        return tuple(
            Text(str(note["vi"]), str(note["en"])) for note in self.properties.get("notes", ())
        )
