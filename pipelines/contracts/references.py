"""Keys of a published dataset that are keys of another one: ODCS `relationships` of a column.

    - name: admin_unit_key
      relationships:
        - to: ../admin-units/contract.yaml#schema/admin_units/properties/admin_unit_key
          customProperties:
            - {property: except, value: [unknown]}   # values that are no key, and say so

The file is the other dataset's contract beside this one; what stands behind `schema` and
`properties` is the `id` there, which is the name. Which release is meant is `publish.references`,
whether the keys are in it `quality.references`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.contracts.load import ContractError
from pipelines.contracts.model import PublishedContract

_ADDRESS = re.compile(
    r"\.\./(?P<dataset>[a-z][a-z0-9-]*)/contract\.yaml"
    r"#schema/(?P<table>\w+)/properties/(?P<column>\w+)"
)


@dataclass(frozen=True)
class Reference:
    """The values of `column` are, but for those left out, values of `to` in `dataset`."""

    column: str
    dataset: str
    table: str
    to: str
    left_out: tuple[str, ...]


def references_of(contract: PublishedContract) -> tuple[Reference, ...]:
    """What a dataset refers to, in the order of its columns.

    Raises:
        ContractError: a relationship is not written in this form.
    """
    found = []
    for column in contract.table.columns:
        for said in column.relationships:
            address = _ADDRESS.fullmatch(said.to)
            if address is None:
                raise ContractError(
                    f"{contract.path}: {column.name}: a relationship leads to the column of another"
                    " dataset, written ../<dataset>/contract.yaml#schema/<id>/properties/<id>;"
                    f" found {said.to!r}"
                )
            found.append(
                Reference(
                    column.name,
                    address["dataset"],
                    address["table"],
                    address["column"],
                    tuple(str(value) for value in said.properties.get("except") or ()),
                )
            )
    return tuple(found)


def problems(
    contract: PublishedContract, published: Mapping[str, PublishedContract]
) -> Iterator[str]:
    """What is wrong with the relationships of a contract, for the lint: both sides must be there,
    of one type, and the other one must identify its rows.
    """
    try:
        references = references_of(contract)
    except ContractError as error:
        yield str(error)
        return
    own = {column.name: column for column in contract.table.columns}
    for item in references:
        where = f"{item.column} refers to {item.dataset}"
        other = published.get(item.dataset)
        if other is None or item.dataset == contract.name:
            yield f"{where}, which is no other published dataset"
            continue
        key = other.table.key
        columns = {column.name: column for column in other.table.columns}
        if item.table != other.table.name or item.to not in columns:
            yield f"{where}, which has no {item.table}.{item.to}"
        elif [column.name for column in key] != [item.to]:
            yield f"{where}.{item.to}, which does not identify its rows"
        elif columns[item.to].type != own[item.column].type:
            yield (
                f"{where}.{item.to}, which is {columns[item.to].type}, not {own[item.column].type}"
            )
        elif contract.name in _reached(item.dataset, published):
            yield f"{where}, which refers back to it: neither could be published first"


def _reached(dataset: str, published: Mapping[str, PublishedContract]) -> set[str]:
    """The datasets that one refers to, directly or by way of others."""
    found: set[str] = set()
    waiting = [dataset]
    while waiting:
        contract = published.get(waiting.pop())
        names = {item.dataset for item in references_of(contract)} if contract else set()
        waiting += names - found
        found |= names
    return found
