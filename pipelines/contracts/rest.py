"""What a contract says about an API: the table properties `rest` and `incremental`, parsed, judged.

How an API is asked is `ingest.connectors.rest`. Where the records are in an answer is said once, by
`json: {records: …}`, because the reader has to know it too.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.contracts.archive import MEMBERS
from pipelines.contracts.load import ContractError
from pipelines.contracts.model import Column, SourceContract, Table

# kind -> the words it knows besides `kind` and `maxPages`
_PAGING: dict[str, tuple[str, ...]] = {
    "none": ("total",),
    "page": ("parameter", "first", "sizeParameter", "size", "total", "pages", "hasMore"),
    "offset": ("parameter", "first", "sizeParameter", "size", "total", "hasMore"),
    "cursor": ("parameter", "next", "sizeParameter", "size", "total", "hasMore"),
    "link": ("next", "sizeParameter", "size", "total"),
}
_PATHS = ("next", "total", "pages", "hasMore")
_NUMBERS = {"first": 0, "size": 1, "maxPages": 1}  # and the least they may be
_REST = ("path", "params", "paginate", "errorPath", "okValues")
_INCREMENTAL = ("watermark", "parameter", "overlap", "start", "format")
_DEFAULTS: dict[str, dict[str, Any]] = {
    "page": {"parameter": "page", "first": 1},
    "offset": {"parameter": "offset", "sizeParameter": "limit"},
    "cursor": {"parameter": "cursor"},
}
_PATH = re.compile(r"[^.'\"\s]+(\.[^.'\"\s]+)*")
_OVERLAP = re.compile(r"\d+ (second|minute|hour|day|month)s?")
_SECRETIVE = re.compile(r"(?i).*(token|password|passwd|secret|api_?-?key|access_?key)|key|auth")
TIMES = ("DATE", "TIMESTAMP")
COUNTED = ("INTEGER", "BIGINT")
_DATE_FORMS = {"DATE": "%Y-%m-%d", "TIMESTAMP": "%Y-%m-%d %H:%M:%S"}  # as `casting` reads them


@dataclass(frozen=True)
class Paging:
    """How an API is paged. `next`, `total`, `pages` and `has_more` are dotted paths in an answer.

    `total` counts records, `pages` pages. `size` is how many records are asked for at a time.
    """

    kind: str = "none"
    parameter: str = ""
    first: int = 0
    size: int | None = None
    size_parameter: str = ""
    next: str = ""
    total: str = ""
    pages: str = ""
    has_more: str = ""
    max_pages: int = MEMBERS


@dataclass(frozen=True)
class Endpoint:
    """Where a table's records are asked for. `path` is relative to the server's location.

    `records` is the dotted path to them in an answer. `error` is the path at which an answer says
    that it is an error; null, false, an empty text and `ok_values` there say that it is none.
    """

    path: str
    records: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    paging: Paging = field(default_factory=Paging)
    error: str = ""
    ok_values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Incremental:
    """What makes the next pull ask only for what changed.

    `parameter` gets the greatest value of the column `watermark` that is stored, less `overlap`
    (`1 day`, or a whole number where the column is one), written as `form` (strftime) says.
    `start` is what the first pull sends; None sends nothing.
    """

    watermark: Column
    parameter: str
    overlap: str
    form: str
    start: str | None = None


def endpoint_of(table: Table) -> Endpoint | None:
    """The `rest` property of a table; None where it has none."""
    said = table.properties.get("rest")
    if not isinstance(said, Mapping) or not said.get("path"):
        return None
    return Endpoint(
        path=str(said["path"]),
        records=str((table.properties.get("json") or {}).get("records", "")),
        params={str(name): _text(value) for name, value in (said.get("params") or {}).items()},
        paging=_paging(said.get("paginate") or {}),
        error=str(said.get("errorPath") or ""),
        ok_values=tuple(_text(value) for value in said.get("okValues") or ()),
    )


def incremental_of(table: Table) -> Incremental | None:
    """The `incremental` property of a table; None where it has none.

    Raises:
        ContractError: the table has no such column.
    """
    said = table.properties.get("incremental")
    if not isinstance(said, Mapping):
        return None
    columns = {column.name: column for column in table.columns}
    if (column := columns.get(str(said.get("watermark")))) is None:
        raise ContractError(
            f"table {table.name}: incremental: watermark {said.get('watermark')!r} is not a column"
        )
    start = said.get("start")
    return Incremental(
        watermark=column,
        parameter=str(said.get("parameter")),
        overlap=str(said.get("overlap", "1 day" if column.type in TIMES else 0)),
        form=_form(said, column),
        start=None if start is None else str(start),
    )


def _text(value: Any) -> str:
    """A YAML scalar as an address has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _form(said: Mapping[str, Any], column: Column) -> str:
    form = said.get("format") or column.properties.get("dateFormat")
    if isinstance(form, list):
        form = form[0]
    return str(form or _DATE_FORMS.get(column.type, ""))


def _paging(said: Mapping[str, Any]) -> Paging:
    kind = str(said.get("kind", "none"))
    given = {**_DEFAULTS.get(kind, {}), **said}
    return Paging(
        kind=kind,
        parameter=str(given.get("parameter", "")),
        first=int(given.get("first", 0)),
        size=None if given.get("size") is None else int(given["size"]),
        size_parameter=str(given.get("sizeParameter", "")),
        next=str(given.get("next", "")),
        total=str(given.get("total", "")),
        pages=str(given.get("pages", "")),
        has_more=str(given.get("hasMore", "")),
        max_pages=int(given.get("maxPages", MEMBERS)),
    )


def problems(contract: SourceContract) -> Iterator[str]:
    """What is wrong with the `rest` and `incremental` properties of a contract, for the lint."""
    connector = contract.properties.get("connector")
    is_api = isinstance(connector, Mapping) and connector.get("kind") == "rest"
    for table in contract.tables:
        said = table.properties.get("rest")
        where = f"{table.name}: rest"
        if said is None and is_api:
            yield f"{where}: the table does not say what is asked: {{path: …}}"
        if said is not None and not is_api:
            yield f"{where}: the contract does not say connector: {{kind: rest}}"
        if said is not None:
            yield from (f"{where}: {problem}" for problem in _rest_problems(said))
        form = str(table.properties.get("format") or contract.server.get("format"))
        if said is not None and form != "json":
            yield f"{where}: an API answers json, but the format is {form!r}"
        if (grows := table.properties.get("incremental")) is not None:
            if said is None:
                yield f"{table.name}: incremental: only a table with `rest` grows by increments"
            for problem in _incremental_problems(grows, table):
                yield f"{table.name}: incremental: {problem}"


def _rest_problems(said: Any) -> Iterator[str]:
    if not isinstance(said, Mapping):
        yield "must be a mapping such as {path: /dossiers, paginate: {kind: page}}"
        return
    if "records" in said:
        yield "records belongs into the property json: {records: …}, which the reader uses too"
    if unknown := sorted(str(name) for name in said if name not in (*_REST, "records")):
        yield f"{', '.join(unknown)} is not one of {', '.join(_REST)}"
    path = str(said.get("path") or "")
    if not path or "://" in path or "?" in path or "#" in path:
        yield "path is the part of the address after `location`, without a query"
    params = said.get("params") or {}
    if not isinstance(params, Mapping) or any(isinstance(v, list | dict) for v in params.values()):
        yield "params is a mapping of names and plain values"
    elif found := sorted(str(name) for name in params if _SECRETIVE.fullmatch(str(name))):
        yield f"params: {', '.join(found)} looks like a credential; use `connector: {{auth: …}}`"
    error = said.get("errorPath")
    if error is not None and not _PATH.fullmatch(str(error)):
        yield f"errorPath {error!r} is not a dotted path such as error.code"
    if said.get("okValues") is not None and (
        error is None or not isinstance(said["okValues"], list)
    ):
        yield "okValues is the list of values at errorPath that mean that all is well"
    yield from (f"paginate: {problem}" for problem in _paging_problems(said.get("paginate") or {}))


def _paging_problems(said: Any) -> Iterator[str]:
    if not isinstance(said, Mapping) or said.get("kind") not in _PAGING:
        yield f"must be a mapping with a kind out of {', '.join(_PAGING)}"
        return
    kind = str(said["kind"])
    known = ("kind", *_PAGING[kind], "maxPages")
    if unknown := sorted(str(name) for name in said if name not in known):
        yield f"{', '.join(unknown)} is not one of {', '.join(known)}"
    for name in _PATHS:
        if said.get(name) is not None and not _PATH.fullmatch(str(said[name])):
            yield f"{name} {said[name]!r} is not a dotted path such as meta.{name}"
    for name, least in _NUMBERS.items():
        value = said.get(name, least)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            yield f"{name} is a whole number of at least {least}, not {value!r}"
        elif name == "maxPages" and value > MEMBERS:
            yield f"maxPages is at most {MEMBERS}; ask for larger pages"
    if kind == "cursor" and not said.get("next"):
        yield "next, the path at which an answer has the next cursor, is missing"
    if kind == "offset" and said.get("size") is None:
        yield "size, how many records are asked for at a time, is missing"
    if kind in ("page", "cursor", "link") and (said.get("size") is None) != (
        said.get("sizeParameter") is None
    ):
        yield "size and sizeParameter belong together"


def _incremental_problems(said: Any, table: Table) -> Iterator[str]:
    if not isinstance(said, Mapping):
        yield "must be a mapping such as {watermark: updated_at, parameter: updated_from}"
        return
    if unknown := sorted(str(name) for name in said if name not in _INCREMENTAL):
        yield f"{', '.join(unknown)} is not one of {', '.join(_INCREMENTAL)}"
    if not str(said.get("parameter") or "").strip():
        yield "parameter, the name under which the API takes the watermark, is missing"
    if hidden := [c.name for c in table.key if c.personal and not c.pseudonymise]:
        yield (
            f"key column {', '.join(hidden)} is not landed, so that a newer record cannot replace"
            " an older one; pseudonymise it"
        )
    columns = {column.name: column for column in table.columns}
    column = columns.get(str(said.get("watermark")))
    if column is None:
        yield f"watermark {said.get('watermark')!r} is not a column"
        return
    if column.type not in (*TIMES, *COUNTED):
        yield f"watermark {column.name} is {column.type}; it has to be a day, a time or a number"
        return
    if not column.required or column.personal:
        yield f"watermark {column.name} has to be required and not personal"
    overlap = said.get("overlap")
    if column.type in COUNTED and not isinstance(overlap or 0, int):
        yield f"overlap is a whole number where the watermark is one, not {overlap!r}"
    if column.type in TIMES:
        if overlap is not None and not _OVERLAP.fullmatch(str(overlap)):
            yield f"overlap {overlap!r} is not a time such as 1 day or 6 hours"
        form = _form(said, column)
        if "%" not in form or "%z" in form.lower():
            yield (
                f"format {form!r} is not a form without a time zone, such as %Y-%m-%d, in which"
                " the API takes a time"
            )
