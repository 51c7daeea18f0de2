"""`datapackage.json`: what a candidate's files are, in the terms of Data Package 2.0.

Everything here is derived from the contracts, `province.yaml` and the files' own bytes; nothing is
typed twice and nothing depends on the time. Standard properties carry Vietnamese, their neighbours
ending in `En` English; what the standard has no word for stands under `khomo`. The descriptor holds
all that a release needs to be verified offline, disclosure rules included.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipelines.contracts import Column, PublishedContract, Rule, SourceContract, Text
from pipelines.contracts.revision import policy_of, revisions_of
from pipelines.contracts.waivers import waivers_of
from pipelines.province import Province
from pipelines.publish.scorecard import DQV, SCORECARD

PACKAGE_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE_PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"
SCHEMA_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
DIALECT_PROFILE = "https://datapackage.org/profiles/2.0/tabledialect.json"

SYNTHETIC_NOTICE = Text(
    "Dữ liệu mô phỏng do máy sinh ra để thử nghiệm; không phản ánh người, hồ sơ hay địa điểm"
    " có thật và không dùng làm căn cứ cho bất kỳ quyết định nào.",
    "Synthetic data generated for demonstration; it describes no real person, dossier or place"
    " and is no basis for any decision.",
)

_FIELD_TYPES = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "datetime",
}

_CONSTRAINTS = ("minLength", "maxLength", "minimum", "maximum", "pattern")


def is_synthetic(contract: PublishedContract, sources: Iterable[SourceContract]) -> bool:
    """True where the dataset, or anything it derives from, is synthetic."""
    return contract.synthetic or any(source.synthetic for source in sources)


def disclosure_rules(contract: PublishedContract, province: Province) -> list[dict[str, Any]]:
    """The contract's small-cell rules with the threshold written out, as `verify` re-checks them.

    The shape of one rule is documented in `quality.disclosure`.
    """
    return [
        with_threshold(rule, province)
        for rule in contract.table.rules
        if rule.implementation.get("rule") == "small_cells"
    ]


def with_threshold(rule: Rule, province: Province) -> dict[str, Any]:
    """A disclosure rule's parameters; where it names no threshold, the province's holds."""
    return {"threshold": province.thresholds.small_cell, **rule.implementation}


def _typed(value: str, column: Column) -> Any:
    if column.logical_type == "integer":
        return int(value)
    if column.logical_type == "number":
        return float(value)
    if column.logical_type == "boolean":
        return value == "true"
    return value


def _constraints(column: Column, key: Sequence[Column]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: column.options[name] for name in _CONSTRAINTS if name in column.options
    }
    if column.required:
        found["required"] = True
    if [column.name] == [part.name for part in key]:
        found["unique"] = True
    if column.enum:
        found["enum"] = [_typed(entry.value, column) for entry in column.enum]
    return found


def field(column: Column, key: Sequence[Column]) -> dict[str, Any]:
    """One column as a Table Schema field."""
    described: dict[str, Any] = {
        "name": column.name,
        "type": _FIELD_TYPES[column.logical_type],
        "title": column.title.vi,
        "titleEn": column.title.en,
        "description": column.description.vi,
        "descriptionEn": column.description.en,
        "physicalType": column.type,
    }
    if column.unit:
        described["unit"] = column.unit
    if column.logical_type in ("string", "integer") and any(entry.label for entry in column.enum):
        described["categories"] = [
            {"value": _typed(entry.value, column), "label": entry.label or entry.value}
            | ({"description": entry.description} if entry.description else {})
            for entry in column.enum
        ]
    if constraints := _constraints(column, key):
        described["constraints"] = constraints
    return described


def table_schema(contract: PublishedContract) -> dict[str, Any]:
    """The Table Schema both data files share."""
    key = contract.table.key
    schema: dict[str, Any] = {
        "$schema": SCHEMA_PROFILE,
        "fields": [field(column, key) for column in contract.table.columns],
        "missingValues": [""],
    }
    if key:
        schema["primaryKey"] = [column.name for column in key]
    return schema


def _sources(sources: Iterable[SourceContract], province: Province) -> list[dict[str, Any]]:
    return [
        _origin(entry, province)
        | {"source": source.name, "license": source.license.get("name", "")}
        for source in sources
        for entry in source.properties.get("sources") or ({"title": source.title.vi},)
    ]


def _origin(entry: Mapping[str, Any], province: Province) -> dict[str, str]:
    """One origin of a source; what the publisher itself gives is found where the publisher is."""
    title, path = str(entry["title"]), entry.get("path")
    if entry.get("publisher"):
        title, path = f"{title}: {province.publisher.name_vi}", province.publisher.contact_path
    return {"title": title} | ({"path": str(path)} if path else {})


def describe(
    contract: PublishedContract,
    sources: Mapping[str, SourceContract],
    province: Province,
    *,
    as_of: str,
    rows: int,
    files: Mapping[str, tuple[str, int]],
    corrections: Sequence[Mapping[str, Any]] = (),
    references: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The whole descriptor. `files` maps a file name to its SHA-256 and its size in bytes;
    `corrections` are those that were applied to rows of the sources, `references` name the releases
    that its keys refer to.
    """
    used = [sources[name] for name in contract.sources]
    synthetic = is_synthetic(contract, used)
    schema = table_schema(contract)
    license_ = dict(contract.license) or province.license.model_dump()
    common = {"type": "table", "title": contract.title.vi, "titleEn": contract.title.en}

    def resource(name: str, kind: str, mediatype: str, file: str) -> dict[str, Any]:
        sha256, size = files[file]
        return {
            "$schema": RESOURCE_PROFILE,
            **common,
            "name": name,
            "path": file,
            "format": kind,
            "mediatype": mediatype,
            "bytes": size,
            "hash": f"sha256:{sha256}",
            "schema": schema,
        }

    table = resource(contract.name, "csv", "text/csv", f"{contract.name}.csv")
    table["encoding"] = "utf-8"
    table["dialect"] = {
        "$schema": DIALECT_PROFILE,
        "header": True,
        "delimiter": ",",
        "lineTerminator": "\r\n",
        "quoteChar": '"',
        "doubleQuote": True,
    }
    columnar = resource(
        f"{contract.name}-parquet",
        "parquet",
        "application/vnd.apache.parquet",
        f"{contract.name}.parquet",
    )
    described: dict[str, Any] = {
        "$schema": PACKAGE_PROFILE,
        "name": contract.name,
        "title": contract.title.vi,
        "titleEn": contract.title.en,
        "description": contract.description.vi,
        "descriptionEn": contract.description.en,
        "licenses": [license_],
        "contributors": [_publisher(province)],
        "sources": _sources(used, province),
        "resources": [table, columnar],
        "khomo": {
            "asOf": as_of,
            "rows": rows,
            "grain": contract.table.grain,
            "theme": str(contract.properties.get("theme", "")),
            "owner": contract.owner,
            "contact": contract.contact,
            "contract": {"version": contract.version, "digest": contract.digest},
            "inputs": list(contract.sources),
            "corrections": [dict(item) for item in corrections],
            "references": [dict(item) for item in references],
            "revision": policy.as_json() if (policy := policy_of(contract)) else None,
            "revisions": [item.as_json() for item in revisions_of(contract)],
            "waivers": [item.as_json() for item in waivers_of(contract).values()],
            "province": {
                "scheme": province.province.scheme,
                "code": province.province.code,
                "name": province.province.name_vi,
                "nameEn": province.province.name_en,
            },
            "synthetic": synthetic,
            "disclosure": disclosure_rules(contract, province),
            "quality": {"scorecard": SCORECARD, "vocabulary": DQV},
            "notes": [{"vi": note.vi, "en": note.en} for note in contract.notes],
        },
    }
    if synthetic:
        described["khomo"]["syntheticNotice"] = {
            "vi": SYNTHETIC_NOTICE.vi,
            "en": SYNTHETIC_NOTICE.en,
        }
        described["description"] = f"{SYNTHETIC_NOTICE.vi} {contract.description.vi}"
        described["descriptionEn"] = f"{SYNTHETIC_NOTICE.en} {contract.description.en}"
    if keywords := contract.properties.get("keywords"):
        described["keywords"] = [str(word) for word in keywords]
    return described


def _publisher(province: Province) -> dict[str, Any]:
    publisher = province.publisher
    return {
        "title": publisher.name_vi,
        "titleEn": publisher.name_en,
        "organization": publisher.name_vi,
        "roles": ["publisher"],
        "contactRole": publisher.contact_role_vi,
        "contactRoleEn": publisher.contact_role_en,
    } | ({"path": publisher.contact_path} if publisher.contact_path else {})
