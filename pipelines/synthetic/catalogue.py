"""The procedures dossiers are about: read from the catalogue source, weighted by level."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pipelines.synthetic.common import SyntheticError
from pipelines.synthetic.words import FIELD_POPULARITY

_CODE = re.compile(r"[123]\.\d{6}")
_SLOTS = 4096
_HEADERS = {"code": "mã số", "name": "tên", "agencies": "cơ quan thực hiện", "field": "lĩnh vực"}


@dataclass(frozen=True)
class Procedure:
    """One procedure: national code, name, field, and the agencies that carry it out."""

    code: str
    name: str
    field: str
    agencies: str

    def at(self, level: str) -> bool:
        """True where a unit of `level` (province, district, commune) carries it out.

        A procedure that names no agency is taken for one of the province.
        """
        text = self.agencies.casefold() or "tỉnh"
        words = {
            "province": ("tỉnh", "sở "),
            "district": ("huyện", "xã", "phường"),
            "commune": ("xã", "phường"),
        }[level]
        return any(word in text for word in words)


def _clean(value: object) -> str:
    return " ".join(str(value or "").split())


def read_procedures(path: Path) -> list[Procedure]:
    """Procedures of a catalogue export (xlsx: a letterhead, then the header row), by code.

    Rows without a well-formed code or without a field are left out, as landing does.

    Raises:
        SyntheticError: there is no header row or no usable procedure.
    """
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    remaining = iter(rows)
    for row in remaining:
        header = [_clean(cell).casefold() for cell in row]
        if set(_HEADERS.values()) <= set(header):
            place = {name: header.index(title) for name, title in _HEADERS.items()}
            break
    else:
        raise SyntheticError(f"{path} has no row with the headers {sorted(_HEADERS.values())}")
    found: dict[str, Procedure] = {}
    for row in remaining:
        entry = Procedure(**{name: _clean(row[column]) for name, column in place.items()})
        if _CODE.fullmatch(entry.code) and entry.name and entry.field:
            found.setdefault(entry.code, entry)
    if not found:
        raise SyntheticError(f"{path} holds no procedure with a code such as 1.001776")
    return [found[code] for code in sorted(found)]


def procedure_noise(code: str, salt: str) -> int:
    """A number from 0 to 2³²−1 that depends on the code and the salt only."""
    return int.from_bytes(sha256(f"{salt}:{code}".encode()).digest()[:4], "big")


def level_slots(procedures: Sequence[Procedure], level: str) -> list[int]:
    """4096 one-based positions in `procedures`: a uniform draw follows demand at `level`.

    A few procedures take most of the demand, as in any one-stop office. Every procedure of the
    level keeps at least one slot while there are fewer procedures than slots.
    """
    own = [n for n, procedure in enumerate(procedures) if procedure.at(level)]
    own = own or list(range(len(procedures)))
    weights = [
        FIELD_POPULARITY.get(procedures[n].field, 4)
        * ((procedure_noise(procedures[n].code, "demand") + 1) / 2**32) ** -0.6
        for n in own
    ]
    total = sum(weights)
    slots: list[int] = []
    for n, weight in zip(own, weights, strict=True):
        slots += [n + 1] * max(1, round(_SLOTS * weight / total))
    return slots
