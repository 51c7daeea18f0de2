"""Judge contract files: the standard's own JSON Schema first, then this project's rules.

Rules about one contract alone belong here. What needs data is a check (`quality`), what needs the
dbt project is a test.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipelines.contracts import (
    archive,
    arrival,
    ckan,
    connection,
    corrections,
    dialect,
    drift,
    inbox,
    layout,
    references,
    rest,
    retention,
    retired,
    revision,
)
from pipelines.contracts.licences import allows
from pipelines.contracts.load import (
    ContractError,
    load_published,
    load_sources,
    parse_standard,
)
from pipelines.contracts.model import Column, Contract, PublishedContract, SourceContract
from pipelines.contracts.vocabulary import dimension, severity
from pipelines.province import load_province
from pipelines.settings import OPEN_DATA, PROJECT_ROOT, SOURCES
from pipelines.vietnamese import numbers
from pipelines.vietnamese.encodings import DECLARED

_TYPE = re.compile(r"VARCHAR|INTEGER|BIGINT|DOUBLE|BOOLEAN|DATE|TIMESTAMP|DECIMAL\(\d+,\s*\d+\)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
WORKBOOKS = ("xlsx", "xls", "ods")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_PLACE = re.compile(r"\{[^{}]*\}")
_CLASSES = ("public", "internal", "personal")


def _schema_problems(path: Path) -> Iterator[str]:
    import json

    from jsonschema.validators import validator_for

    schema = json.loads(
        files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    )
    _, data = parse_standard(path)
    validator = validator_for(schema)(schema)
    for error in sorted(validator.iter_errors(_plain(data)), key=lambda item: list(item.path)):
        yield f"{'.'.join(str(part) for part in error.absolute_path) or 'root'}: {error.message}"


def _plain(value: Any) -> Any:
    """YAML dates as text: JSON Schema knows no dates."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _column_problems(table: str, column: Column) -> Iterator[str]:
    where = f"{table}.{column.name}"
    if not _NAME.fullmatch(column.name):
        yield f"{where}: column names are lower-case English with underscores"
    if not _TYPE.fullmatch(column.type):
        yield f"{where}: physicalType {column.type} is not one Kho Mở can land"
    if column.classification not in _CLASSES:
        yield f"{where}: classification must be one of {', '.join(_CLASSES)}"
    for problem in (*text_problems(column), *_kept_part_problems(column)):
        yield f"{where}: {problem}"
    for what, text in (("title", column.title), ("description", column.description)):
        if not text.vi.strip():
            yield f"{where}: the Vietnamese {what} is missing"
        if not text.en.strip():
            yield f"{where}: the English {what} is missing"


def _kept_part_problems(column: Column) -> Iterator[str]:
    said = column.properties.get("keptPart")
    if said is None:
        return
    if not isinstance(said, dict) or set(said) != {"name", "pattern"}:
        yield "keptPart must be {name: …, pattern: …}"
        return
    if not column.pseudonymise:
        yield "keptPart is for a pseudonymised column; others are landed or left out whole"
    if not _NAME.fullmatch(str(said["name"])):
        yield "keptPart: column names are lower-case English with underscores"
    try:
        groups = re.compile(str(said["pattern"])).groups
    except re.error as error:
        yield f"keptPart: the pattern is no regular expression: {error}"
        return
    if groups != 1:
        yield "keptPart: the pattern must have one group, the part that is kept"


def text_problems(column: Column) -> Iterator[str]:
    """What is wrong with how a column says that its text is to be read."""
    said = column.properties
    yield from numbers.problems(said)
    for name, allowed in (("unitStyle", "currency"), ("periodStyle", "vi"), ("lineBreaks", "keep")):
        if said.get(name) not in (None, allowed):
            yield f"{name} {said[name]!r} is not {allowed}"
    if (said.get("unitStyle") or said.get("periodStyle")) and column.type != "VARCHAR":
        yield "unitStyle and periodStyle are for VARCHAR: they land a name and a code"


def _common_problems(contract: Contract) -> Iterator[str]:
    for what, text in (("title", contract.title), ("description", contract.description)):
        if not text.vi.strip():
            yield f"the Vietnamese {what} is missing"
        if not text.en.strip():
            yield f"the English {what} is missing"
    if not contract.license.get("name"):
        yield "the licence is missing (customProperties: license)"
    if not contract.owner:
        yield "the owner is missing (team: name)"
    if not contract.contact:
        yield "the contact is missing (support)"
    if "frequency" not in contract.sla:
        yield "the cadence is missing (slaProperties: frequency)"
    for table in contract.tables:
        if not table.grain:
            yield f"{table.name}: the grain is missing (dataGranularityDescription)"
        if not table.key:
            yield f"{table.name}: no primary key"
        for column in table.columns:
            yield from _column_problems(table.name, column)


def _source_problems(contract: SourceContract) -> Iterator[str]:
    if contract.as_of is None and not inbox.is_inbox(contract):
        yield "the as-of date is missing (customProperties: asOf)"
    if contract.synthetic and not contract.generator:
        yield "a synthetic source names its generator"
    yield from _partition_problems(contract)
    origins = contract.properties.get("sources") or []
    if not contract.synthetic and not any(
        origin.get("path") or origin.get("publisher") for origin in origins
    ):
        yield "where the data comes from is missing (customProperties: sources, with a path)"
    yield from arrival.problems(contract)
    yield from retention.problems(contract)
    try:
        corrections.corrections_of(contract)
    except ContractError as error:
        yield str(error)
    for table in contract.tables:
        encoding = table.properties.get("encoding")
        if encoding is not None and encoding not in DECLARED:
            yield f"{table.name}: encoding {encoding!r} is not one of {', '.join(DECLARED)}"
        if str(table.properties.get("format") or contract.server.get("format")) in WORKBOOKS:
            yield from layout.problems(table)
        yield from dialect.problems(table)
    yield from connection.problems(contract)
    yield from inbox.problems(contract)
    yield from archive.problems(contract)
    yield from ckan.problems(contract)
    yield from rest.problems(contract)


def _partition_problems(contract: SourceContract) -> Iterator[str]:
    said = contract.properties.get("partition")
    parted = [table for table in contract.tables if "{" in str(table.properties.get("resource"))]
    if said is not None and (
        not isinstance(said, dict)
        or said.get("by") != "month"
        or not _MONTH.fullmatch(str(said.get("start", "")))
        or set(said) != {"by", "start"}
    ):
        yield "partition must be {by: month, start: '2024-01'}, the first month there is"
    for table in contract.tables:
        resource = str(table.properties.get("resource", ""))
        if said is not None and not {"{yyyy}", "{mm}"} <= set(_PLACE.findall(resource)):
            yield f"{table.name}: resource must hold {{yyyy}} and {{mm}}: the source has partitions"
    if said is None:
        for table in parted:
            yield f"{table.name}: resource holds months, but the contract has no `partition`"


def _published_problems(
    contract: PublishedContract, sources: dict[str, SourceContract]
) -> Iterator[str]:
    if not contract.sources:
        yield "the sources it derives from are missing (customProperties: sources)"
    yield from _trace_problems(contract, sources)
    yield from revision.problems(contract)
    yield from drift.problems(contract)
    yield from _rule_problems(contract)
    named = contract.as_of_column
    if named is not None and not any(
        column.name == named and column.type == "DATE" for column in contract.table.columns
    ):
        yield f"asOfColumn: {named!r} is no published column of days"
    personal: dict[str, str] = {}
    hashed: dict[str, str] = {}
    for name in contract.sources:
        if name not in sources:
            yield f"source {name!r} does not exist"
            continue
        for table in sources[name].tables:
            where = f"{name}.{table.name}"
            personal |= {column.name: where for column in table.columns if column.personal}
            hashed |= {
                f"{column.name}_key": where for column in table.columns if column.pseudonymise
            }
        given = sources[name].license.get("name", "")
        published = contract.license.get("name") or load_province().license.name
        if not allows(given, published):
            yield f"licence {published} is not compatible with source {name!r} ({given or 'none'})"
        if sources[name].synthetic and not contract.synthetic:
            yield f"source {name!r} is synthetic, so this dataset must say it is too"
    if contract.synthetic and not any(
        sources[name].synthetic for name in contract.sources if name in sources
    ):
        yield "it is called synthetic, but none of its sources is"
    for column in contract.table.columns:
        if column.personal:
            yield f"{column.name} is classified personal: it can never be published"
        elif column.name in personal:
            yield f"{column.name} is classified personal in {personal[column.name]}"
        elif column.name in hashed:
            yield f"{column.name} is a keyed hash of what is personal in {hashed[column.name]}"


def _rule_problems(contract: PublishedContract) -> Iterator[str]:
    columns = contract.table.columns
    for rule in (*contract.table.rules, *(rule for column in columns for rule in column.rules)):
        for known, word in ((dimension, rule.dimension), (severity, rule.severity)):
            try:
                known(word)
            except ValueError as error:
                yield f"rule {rule.name}: {error}"


def _trace_problems(
    contract: PublishedContract, sources: dict[str, SourceContract]
) -> Iterator[str]:
    steps = contract.properties.get("trace")
    if not isinstance(steps, list) or not steps:
        yield "how a figure is traced to raw rows is missing (customProperties: trace)"
        return
    tables = {
        table.name for name in contract.sources if name in sources for table in sources[name].tables
    }
    for step in steps:
        if not isinstance(step, dict) or set(step) != {"table", "query"}:
            yield "trace must list {table, query}"
        elif step["table"] not in tables:
            yield f"trace: {step['table']!r} is no landed table of its sources"


def lint_all(sources: Path = SOURCES, open_data: Path = OPEN_DATA) -> tuple[int, list[str]]:
    """Check every contract; returns how many there are and each problem as `file: what`."""
    problems: list[str] = []
    paths = [*sorted(sources.glob("*/contract.yaml")), *sorted(open_data.glob("*/contract.yaml"))]
    for path in paths:
        shown = path.relative_to(PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else path
        try:
            problems += [f"{shown}: {problem}" for problem in _schema_problems(path)]
        except ContractError as error:
            problems.append(str(error))
    if problems:
        return len(paths), problems
    try:
        known = dict(load_sources(sources))
        published = load_published(open_data)
    except ContractError as error:
        return len(paths), [str(error)]
    problems += [f"sources/{retired.FILE}: {said}" for said in retired.problems(sources, known)]
    tables: dict[str, str] = {}
    for name, contract in known.items():
        found = [*_common_problems(contract), *_source_problems(contract)]
        for table in contract.tables:
            if (other := tables.setdefault(table.name, name)) != name:
                found.append(f"table {table.name} is already landed by source {other}")
        problems += [f"sources/{name}: {problem}" for problem in found]
    for name, dataset in published.items():
        found = [
            *_common_problems(dataset),
            *_published_problems(dataset, known),
            *references.problems(dataset, published),
        ]
        problems += [f"open_data/{name}: {problem}" for problem in found]
    return len(paths), problems
