"""What a contract says about arrivals: the property `arrival`, parsed and judged.

Its words and defaults live here because readers, the arrival gate and the lint share them. How a
finding is found is `ingest.arrival`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.bands import MINIMUM
from pipelines.contracts.model import SourceContract, Table, Text

ACTIONS = ("block", "warn", "accept")
_ACKNOWLEDGED = ("finding", "sha256", "reason", "role")


@dataclass(frozen=True)
class Kind:
    """One kind of finding: what it is called to people, and what holds where nothing is said.

    `numbers` are the options with their defaults. `names` are options that hold column names or a
    word; a finding with `needs` is looked for only where the contract gives those. A finding that
    is no `jump` concerns the layout: it is settled in the contract, never acknowledged for one
    file.
    """

    text: Text
    action: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    jump: bool = True


_BAND = {"band": 0.5, "minimum": float(MINIMUM)}
PERIODS = ("month", "quarter", "year")

KINDS: dict[str, Kind] = {
    "missing_file": Kind(
        Text("tệp đã có trước đây nay không còn", "a file that was there is missing"), "block"
    ),
    "missing_table": Kind(
        Text("không còn tệp nào của bảng này", "no file of the table is left"), "block"
    ),
    "missing_partition": Kind(Text("thiếu một tháng", "a month is missing"), "warn"),
    "missing_period": Kind(
        Text(
            "kỳ số liệu đã có trước đây nay không còn trong tệp",
            "a period that was in the file is missing",
        ),
        "block",
        names=("column",),
        needs=("column",),
    ),
    "size": Kind(
        Text(
            "kích thước tệp ngoài khoảng thường thấy",
            "the file's size is outside the band of its history",
        ),
        "warn",
        numbers=_BAND,
    ),
    "row_count": Kind(
        Text(
            "số dòng ngoài khoảng thường thấy",
            "the number of rows is outside the band of its history",
        ),
        "warn",
        numbers=_BAND,
    ),
    "renamed_column": Kind(
        Text("cột có vẻ đã đổi tên", "a column seems to have been renamed"), "block", jump=False
    ),
    "added_column": Kind(
        Text("có cột ngoài hợp đồng dữ liệu", "a column the contract does not know"),
        "block",
        jump=False,
    ),
    "dropped_column": Kind(
        Text("thiếu cột của hợp đồng dữ liệu", "a column of the contract is missing"),
        "block",
        jump=False,
    ),
    "reordered_columns": Kind(
        Text("các cột đứng theo thứ tự khác", "the columns stand in another order"),
        "accept",
        jump=False,
    ),
    "retyped_column": Kind(
        Text(
            "giá trị của cột không còn đúng kiểu đã khai báo",
            "a column's values no longer have its declared type",
        ),
        "block",
        numbers={"rise": 0.2},
    ),
    "duplicate_keys": Kind(
        Text("số dòng trùng khóa tăng", "more rows share a key"), "warn", numbers={"rise": 0.05}
    ),
    "quarantined_rows": Kind(
        Text("tỷ lệ dòng bị cách ly tăng vọt", "the share of quarantined rows jumped"),
        "block",
        numbers={"rise": 0.2},
    ),
    "repeated_values": Kind(
        Text(
            "số liệu lặp lại kỳ trước đến từng chữ số",
            "values repeat those of an earlier period to the digit",
        ),
        "warn",
        numbers={"share": 0.9, "minimum": 3.0},
        names=("column", "period", "against", "measures", "by"),
        needs=("column", "measures"),
    ),
}


@dataclass(frozen=True)
class Policy:
    """What a contract wants done about one kind of finding, with its options."""

    action: str
    options: Mapping[str, Any]

    def number(self, name: str) -> float:
        return float(self.options[name])

    def columns(self, name: str) -> tuple[str, ...]:
        """The column names an option holds; one name is a list of one."""
        value = self.options.get(name) or ()
        return (value,) if isinstance(value, str) else tuple(str(item) for item in value)


@dataclass(frozen=True)
class Acknowledgement:
    """Somebody looked at one finding on exactly these bytes and found it right."""

    finding: str
    sha256: str
    reason: str
    role: str


def policy(table: Table, finding: str) -> Policy:
    """What holds for `finding` on `table`; the contract's own words go before the defaults."""
    kind = KINDS[finding]
    said = (table.properties.get("arrival") or {}).get(finding)
    options = dict(said) if isinstance(said, Mapping) else {"action": said} if said else {}
    return Policy(str(options.pop("action", kind.action)), {**kind.numbers, **options})


def applies(table: Table, finding: str) -> bool:
    """True where the contract gives what the finding needs to be looked for."""
    options = policy(table, finding).options
    return all(options.get(name) for name in KINDS[finding].needs)


def acknowledgements(contract: SourceContract) -> tuple[Acknowledgement, ...]:
    """What the contract acknowledges, in the order in which it is written."""
    said = (contract.properties.get("arrival") or {}).get("acknowledged") or ()
    return tuple(
        Acknowledgement(*(str(item.get(name, "")) for name in _ACKNOWLEDGED)) for item in said
    )


def inherit(of_contract: Any, of_table: Any) -> Any:
    """A table's `arrival` property: the contract's, finding by finding overruled by its own."""
    if not isinstance(of_contract, Mapping) or not isinstance(of_table, Mapping):
        return of_table if of_table is not None else of_contract
    return {**of_contract, **of_table}


def problems(contract: SourceContract) -> Iterator[str]:
    """What is wrong with the `arrival` properties of a contract, for the lint."""
    said = contract.properties.get("arrival")
    if said is not None and not isinstance(said, Mapping):
        yield "arrival: must be a mapping of findings"
        return
    yield from _acknowledgement_problems((said or {}).get("acknowledged"))
    own: set[str] = set()
    for table in contract.tables:
        effective = table.properties.get("arrival")
        if effective is None:
            continue
        if not isinstance(effective, Mapping):
            yield f"{table.name}: arrival: must be a mapping of findings"
            continue
        for finding, value in effective.items():
            if finding == "acknowledged":
                if (said or {}).get("acknowledged") != value:
                    yield f"{table.name}: arrival: `acknowledged` belongs to the contract"
                continue
            for problem in _finding_problems(table, str(finding), value):
                if problem not in own:  # one said for the whole contract is one problem
                    own.add(problem)
                    yield problem


def _finding_problems(table: Table, finding: str, value: Any) -> Iterator[str]:
    where = f"arrival: {finding}"
    kind = KINDS.get(finding)
    if kind is None:
        yield f"{where} is not one of {', '.join(KINDS)}, acknowledged"
        return
    options = value if isinstance(value, Mapping) else {"action": value}
    action = options.get("action", kind.action)
    if action not in ACTIONS:
        yield f"{where}: {action!r} is not one of {', '.join(ACTIONS)}"
    for name, given in options.items():
        if name == "action":
            continue
        if name in kind.numbers:
            if not isinstance(given, int | float) or isinstance(given, bool) or given < 0:
                yield f"{where}: {name} is a number of at least 0, not {given!r}"
        elif name not in kind.names:
            known = ", ".join(("action", *kind.numbers, *kind.names))
            yield f"{where}: {name} is not one of {known}"
    if isinstance(value, Mapping) and kind.needs:
        if missing := [name for name in kind.needs if not options.get(name)]:
            yield f"{where}: says no {' and no '.join(missing)}, so nothing is compared"
        yield from _column_problems(table, finding, value)


def _column_problems(table: Table, finding: str, value: Mapping[str, Any]) -> Iterator[str]:
    where = f"{table.name}: arrival: {finding}"
    landed = {column.name for column in table.columns if not column.personal}
    types = {column.name: column.type for column in table.columns}
    parsed = policy(table, finding)
    for option in ("column", "measures", "by"):
        for name in parsed.columns(option):
            if name not in landed:
                yield f"{where}: {option} {name!r} is not a landed column"
    if finding != "repeated_values":
        return
    if (period := value.get("period", "year")) not in PERIODS:
        yield f"{where}: period {period!r} is not one of {', '.join(PERIODS)}"
    if value.get("against", "last_year") not in ("last_year", "previous"):
        yield f"{where}: against {value['against']!r} is not one of last_year, previous"
    column = parsed.columns("column")
    if column and column[0] in landed and types[column[0]] not in ("DATE", "TIMESTAMP", "INTEGER"):
        yield f"{where}: column {column[0]} holds neither days nor years (DATE, TIMESTAMP, INTEGER)"


def _acknowledgement_problems(said: Any) -> Iterator[str]:
    if said is None:
        return
    if not isinstance(said, list) or not all(isinstance(item, Mapping) for item in said):
        yield "arrival: acknowledged is a list of {finding, sha256, reason, role}"
        return
    for number, item in enumerate(said, start=1):
        where = f"arrival: acknowledged {number}"
        if unknown := sorted(
            {str(name) for name in item} - {"finding", "sha256", "reason", "role"}
        ):
            yield f"{where}: {', '.join(unknown)} is not one of finding, sha256, reason, role"
        kind = KINDS.get(str(item.get("finding")))
        if kind is None or not kind.jump:
            jumps = ", ".join(name for name, kind in KINDS.items() if kind.jump)
            yield f"{where}: finding {item.get('finding')!r} is not one of {jumps}"
        if not re.fullmatch(r"[0-9a-f]{64}", str(item.get("sha256", ""))):
            yield f"{where}: sha256 is the checksum of the file, 64 hexadecimal digits"
        for name in ("reason", "role"):
            if not str(item.get(name) or "").strip():
                yield f"{where}: {name} is missing"
