"""What a contract says about a CKAN portal: the table property `ckan`, parsed and judged.

How a portal is asked is `ingest.connectors.ckan`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.contracts.model import SourceContract, Table

_WORDS = ("dataset", "resource", "format", "datastore")


@dataclass(frozen=True)
class Wanted:
    """Which resources of which data set a table is made of.

    `resource` is an id, a name, or a pattern of names such as `Năm *`; None where the data set has
    only one in the right format. `datastore` asks for the rows of the portal's database in place of
    the file.
    """

    dataset: str
    resource: str | None = None
    format: str | None = None
    datastore: bool = False


def wanted_of(table: Table) -> Wanted | None:
    """The `ckan` property of a table; None where it has none."""
    said = table.properties.get("ckan")
    if not isinstance(said, Mapping) or not said.get("dataset"):
        return None
    resource, form = said.get("resource"), said.get("format")
    return Wanted(
        dataset=str(said["dataset"]),
        resource=None if resource is None else str(resource),
        format=None if form is None else str(form).lower(),
        datastore=bool(said.get("datastore", False)),
    )


def problems(contract: SourceContract) -> Iterator[str]:
    """What is wrong with the `ckan` properties of a contract, for the lint."""
    connector = contract.properties.get("connector")
    on_portal = isinstance(connector, Mapping) and connector.get("kind") == "ckan"
    for table in contract.tables:
        said = table.properties.get("ckan")
        where = f"{table.name}: ckan"
        if said is None:
            if on_portal:
                yield f"{where}: the table does not say which data set it is: {{dataset: …}}"
            continue
        if not on_portal:
            yield f"{where}: the contract does not say connector: {{kind: ckan}}"
        if not isinstance(said, Mapping):
            yield f"{where}: must be a mapping such as {{dataset: …, resource: …}}"
            continue
        if unknown := sorted(str(name) for name in said if name not in _WORDS):
            yield f"{where}: {', '.join(unknown)} is not one of {', '.join(_WORDS)}"
        for name in ("dataset", "resource", "format"):
            needed = name == "dataset"
            if (name in said or needed) and not str(said.get(name) or "").strip():
                yield f"{where}: {name} is missing or empty"
        if not isinstance(said.get("datastore", False), bool):
            yield f"{where}: datastore is true or false"
        elif said.get("datastore") and said.get("format", "csv") != "csv":
            yield f"{where}: rows of the portal's database come as csv, not {said['format']!r}"
