"""Read contract files into `model` values, once per file version.

Every error names the file, the place in it and the remedy.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from open_data_contract_standard.model import (
    CustomProperty,
    DataQuality,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)
from pydantic import ValidationError

from pipelines.canonical import digest_of
from pipelines.contracts.arrival import inherit
from pipelines.contracts.model import (
    Column,
    Contract,
    EnumEntry,
    PublishedContract,
    Relationship,
    Rule,
    SourceContract,
    Table,
    Text,
)
from pipelines.contracts.vocabulary import Dimension, Severity
from pipelines.settings import OPEN_DATA, SOURCES

_OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)

T = TypeVar("T", bound=Contract)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContractError(Exception):
    """A contract cannot be used; the message names file, place and remedy."""


def _properties(items: Iterable[CustomProperty] | None) -> dict[str, Any]:
    return {item.property: item.value for item in items or () if item.property}


def _rule(path: Path, where: str, quality: DataQuality) -> Rule:
    if not quality.name:
        raise ContractError(
            f"{path}: a quality rule of {where} has no name; the name is the check's identity"
        )
    threshold = next(
        ((name, value) for name in _OPERATORS if (value := getattr(quality, name)) is not None),
        None,
    )
    implementation = quality.implementation
    return Rule(
        name=quality.name,
        kind=quality.type or "library",
        description=quality.description or "",
        dimension=quality.dimension or Dimension.CONSISTENCY,
        severity=quality.severity or Severity.BLOCKER,
        metric=quality.metric,
        query=quality.query,
        implementation=implementation if isinstance(implementation, dict) else {},
        threshold=threshold,
    )


def _column(path: Path, table: str, item: SchemaProperty, index: int) -> Column:
    where = f"{table}.{item.name or f'column {index + 1}'}"
    extra = _properties(item.customProperties)
    if not item.name or not item.physicalType or not item.logicalType:
        raise ContractError(f"{path}: {where} needs name, logicalType and physicalType")
    return Column(
        name=item.name,
        header=item.physicalName or item.name,
        title=Text(item.businessName or "", str(extra.get("titleEn", ""))),
        description=Text(item.description or "", str(extra.get("descriptionEn", ""))),
        logical_type=item.logicalType,
        type=item.physicalType.upper(),
        required=bool(item.required) or bool(item.primaryKey),
        key_position=(item.primaryKeyPosition or 1) if item.primaryKey else None,
        classification=item.classification or "public",
        options=item.logicalTypeOptions or {},
        enum=tuple(
            EnumEntry(str(entry.value), entry.label, entry.description) for entry in item.enum or ()
        ),
        properties=extra,
        rules=tuple(_rule(path, where, quality) for quality in item.quality or ()),
        relationships=tuple(
            Relationship(str(said.to), _properties(said.customProperties))
            for said in item.relationships or ()
        ),
    )


def _table(path: Path, item: SchemaObject, of_contract: Mapping[str, Any]) -> Table:
    if not item.name or not item.properties:
        raise ContractError(f"{path}: every schema object needs a name and properties")
    extra = _properties(item.customProperties)
    if (arrival := inherit(of_contract.get("arrival"), extra.get("arrival"))) is not None:
        extra["arrival"] = arrival
    return Table(
        name=item.name,
        physical_name=item.physicalName or item.name,
        title=Text(item.businessName or "", str(extra.get("titleEn", ""))),
        description=Text(item.description or "", str(extra.get("descriptionEn", ""))),
        grain=item.dataGranularityDescription or "",
        columns=tuple(
            _column(path, item.name, column, index) for index, column in enumerate(item.properties)
        ),
        properties=extra,
        rules=tuple(_rule(path, item.name, quality) for quality in item.quality or ()),
    )


def parse_standard(path: Path) -> tuple[OpenDataContractStandard, Any]:
    """The file as the standard's own model, and as plain data.

    Raises:
        ContractError: the file is not YAML, or not an ODCS contract.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
        if not isinstance(data, dict):
            raise ContractError(f"{path}: not a contract: the file must be a YAML mapping")
        return OpenDataContractStandard(**data), data
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: not readable as YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ContractError(f"{path}: {place}: {first['msg']}") from error


def _without_acknowledgements(data: Any) -> Any:
    """A contract without what it acknowledges: that lets files pass, but lands none otherwise."""
    if "customProperties" not in data:
        return data
    return {
        **data,
        "customProperties": [
            {
                **item,
                "value": {
                    name: value for name, value in item["value"].items() if name != "acknowledged"
                },
            }
            if isinstance(item, dict)
            and item.get("property") == "arrival"
            and isinstance(item.get("value"), dict)
            else item
            for item in data["customProperties"] or ()
        ],
    }


def _common(path: Path, standard: OpenDataContractStandard, data: Any) -> dict[str, Any]:
    extra = _properties(standard.customProperties)
    purpose = standard.description.purpose if standard.description else None
    team = standard.team
    support = standard.support[0] if standard.support else None
    return {
        "name": standard.name or path.parent.name,
        "version": standard.version or "",
        "path": path,
        "digest": digest_of(_without_acknowledgements(data)),
        "domain": standard.domain or "",
        "title": Text(str(extra.get("titleVi", "")), str(extra.get("titleEn", ""))),
        "description": Text((purpose or "").strip(), str(extra.get("descriptionEn", "")).strip()),
        "limitations": standard.description.limitations if standard.description else None,
        "owner": (team.name or "") if team is not None and not isinstance(team, list) else "",
        "contact": (support.description or support.channel or "") if support else "",
        "license": dict(extra.get("license") or {}),
        "as_of": str(extra["asOf"]) if extra.get("asOf") else None,
        "synthetic": bool(extra.get("synthetic", False)),
        "tables": tuple(_table(path, item, extra) for item in standard.schema_ or ()),
        "sla": {
            item.property: (str(item.value), item.unit)
            for item in standard.slaProperties or ()
            if item.property
        },
        "properties": extra,
    }


@cache
def _read(path: Path, as_source: bool, _version: tuple[int, int]) -> Contract:
    standard, data = parse_standard(path)
    common = _common(path, standard, data)
    if common["name"] != path.parent.name:
        raise ContractError(
            f"{path}: name is {common['name']!r}, but its folder is {path.parent.name!r};"
            " they must be the same"
        )
    if as_source:
        servers: list[Any] = data.get("servers") or []
        if not servers:
            raise ContractError(f"{path}: a source needs a server that says where to pull from")
        return SourceContract(**common, server=servers[0])
    if len(common["tables"]) != 1:
        raise ContractError(f"{path}: a published dataset has exactly one schema object")
    return PublishedContract(**common)


def _folder(folder: Path, kind: type[T]) -> Mapping[str, T]:
    found: dict[str, T] = {}
    for path in sorted(folder.glob("*/contract.yaml")):
        facts = path.stat()
        contract = _read(path, kind is SourceContract, (facts.st_mtime_ns, facts.st_size))
        assert isinstance(contract, kind)
        found[contract.name] = contract
    return found


def load_sources(folder: Path = SOURCES) -> Mapping[str, SourceContract]:
    """Every source contract by name, in name order."""
    return _folder(folder, SourceContract)


def load_published(folder: Path = OPEN_DATA) -> Mapping[str, PublishedContract]:
    """Every published contract by name, in name order."""
    return _folder(folder, PublishedContract)


def _one(contracts: Mapping[str, T], name: str, what: str) -> T:
    try:
        return contracts[name]
    except KeyError:
        known = ", ".join(contracts) or "none"
        raise ContractError(f"there is no {what} {name!r}; known: {known}") from None


def source(name: str) -> SourceContract:
    """The source contract `name`."""
    return _one(load_sources(), name, "source")


def published(name: str) -> PublishedContract:
    """The published contract `name`."""
    return _one(load_published(), name, "published dataset")
