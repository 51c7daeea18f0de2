"""The contracts: one Open Data Contract Standard file per source and per published dataset.

Here a contract becomes typed Python that every stage shares. What a stage derives from it (landing
SQL, expectation suite, Data Package) belongs to that stage.
"""

from pipelines.contracts.in_use import sources_in_use
from pipelines.contracts.load import (
    ContractError,
    load_published,
    load_sources,
    published,
    source,
)
from pipelines.contracts.model import (
    Column,
    Contract,
    EnumEntry,
    PublishedContract,
    Rule,
    SourceContract,
    Table,
    Text,
)

__all__ = [
    "Column",
    "Contract",
    "ContractError",
    "EnumEntry",
    "PublishedContract",
    "Rule",
    "SourceContract",
    "Table",
    "Text",
    "load_published",
    "load_sources",
    "published",
    "source",
    "sources_in_use",
]
