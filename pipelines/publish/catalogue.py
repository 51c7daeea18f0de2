"""Danh mục dữ liệu mở: what is published against what was planned.

    catalogue/danh-muc-du-lieu-mo.csv    for people and offices; Vietnamese headers
    catalogue/danh-muc-du-lieu-mo.json   the same in both languages
    catalogue/keys/<id>.pem              the public keys that prove who signed the releases

The plan is `open_data/planned.yaml`; everything else comes from contracts and from what lies in
`releases/` and `candidates/`. A state is derived, never typed, and nothing depends on the time.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.canonical import canonical_json, write_durably
from pipelines.contracts import PublishedContract, SourceContract, Text
from pipelines.province import Province
from pipelines.publish.candidate import DESCRIPTOR, data_files
from pipelines.publish.descriptor import is_synthetic
from pipelines.publish.layout import DECISION, LATEST
from pipelines.publish.plan import CatalogueError, Plan, PlanEntry, load_plan
from pipelines.publish.signing import public_pems
from pipelines.publish.withdraw import history, withdrawn
from pipelines.settings import OPEN_DATA, Home

NAME = "danh-muc-du-lieu-mo"

STATES = {
    "published": Text("Đã công bố", "Published"),
    "withheld": Text("Chưa công bố, đang bị giữ lại", "Withheld, never published"),
    "withdrawn": Text("Đã thu hồi, chưa có bản thay thế", "Withdrawn, not replaced yet"),
    "prepared": Text("Đã có mô tả, chưa công bố", "Described, not published"),
    "planned": Text("Trong kế hoạch", "Planned"),
}

_UNITS = {
    "d": Text("ngày", "day"),
    "m": Text("tháng", "month"),
    "q": Text("quý", "quarter"),
    "y": Text("năm", "year"),
}
_FORMATS = "CSV, Parquet"
_PERSONAL = Text(
    "Không có; gộp từ dữ liệu có thông tin cá nhân, ô nhỏ được che",
    "None; aggregated from personal data, small cells suppressed",
)
_NOT_PERSONAL = Text("Không có", "None")


@dataclass(frozen=True)
class CatalogueFiles:
    """The two files of the catalogue."""

    csv: Path
    json: Path


@dataclass(frozen=True)
class CatalogueEntry:
    """One dataset as the catalogue shows it. `state` is a key of `STATES`."""

    id: str
    title: Text
    description: Text
    field: Text
    owner: Text
    cadence: Text
    license: str
    personal: Text
    synthetic: bool
    basis: tuple[Text, ...]
    planned: bool
    state: str
    version: str | None
    as_of: str | None
    rows: int | None
    signed_by: Mapping[str, Any] | None
    waivers: tuple[Mapping[str, Any], ...]
    withdrawals: Mapping[str, Any]
    contact: str

    def as_json(self, number: int) -> dict[str, Any]:
        """The entry with both languages; `number` is its place in the catalogue."""
        published = self.version is not None
        return {
            "number": number,
            "id": self.id,
            **{
                name: {"vi": text.vi, "en": text.en}
                for name, text in (
                    ("title", self.title),
                    ("description", self.description),
                    ("field", self.field),
                    ("owner", self.owner),
                    ("cadence", self.cadence),
                    ("personalData", self.personal),
                    ("stateText", STATES[self.state]),
                )
            },
            "basis": [{"vi": text.vi, "en": text.en} for text in self.basis],
            "planned": self.planned,
            "state": self.state,
            "license": self.license,
            "synthetic": self.synthetic,
            "version": self.version,
            "asOf": self.as_of,
            "rows": self.rows,
            "files": list(data_files(self.id)) if published else [],
            "path": f"releases/{self.id}/{LATEST}" if published else None,
            "signedBy": self.signed_by,
            "waivers": [dict(item) for item in self.waivers],
            "withdrawals": dict(self.withdrawals),
            "contact": self.contact,
        }

    def as_row(self, number: int) -> dict[str, Any]:
        """The entry as a row of the CSV."""
        return {
            "STT": number,
            "Mã": self.id,
            "Tên bộ dữ liệu": self.title.vi,
            "Tên tiếng Anh": self.title.en,
            "Mô tả": self.description.vi,
            "Lĩnh vực": self.field.vi,
            "Cơ quan chủ trì": self.owner.vi,
            "Kỳ cập nhật": self.cadence.vi,
            "Định dạng": _FORMATS,
            "Giấy phép": self.license,
            "Dữ liệu cá nhân": self.personal.vi,
            "Dữ liệu mô phỏng": "Có" if self.synthetic else "Không",
            "Căn cứ": "; ".join(text.vi for text in self.basis) or "Ngoài kế hoạch",
            "Trạng thái": STATES[self.state].vi + (", có miễn trừ" if self.waivers else ""),
            "Phiên bản": self.version or "",
            "Ngày dữ liệu": self.as_of or "",
            "Số dòng": "" if self.rows is None else self.rows,
            "Đường dẫn": f"releases/{self.id}/{LATEST}" if self.version else "",
            "Liên hệ": self.contact,
        }


def _cadence(every: int, unit: str | None) -> Text:
    name = _UNITS.get(unit or "", Text(unit or "", unit or ""))
    if every == 1:
        return Text(f"Hằng {name.vi}", f"Every {name.en}")
    return Text(f"{every} {name.vi} một lần", f"Every {every} {name.en}s")


def _released(home: Home, dataset: str, file: str) -> Mapping[str, Any] | None:
    path = home.releases / dataset / LATEST / file
    return json.loads(path.read_bytes()) if path.exists() else None


def _withheld(home: Home, dataset: str) -> bool:
    path = home.candidates / dataset / DECISION
    return path.exists() and json.loads(path.read_bytes()).get("verdict") == "withhold"


def _of_contract(
    contract: PublishedContract,
    *,
    entry: PlanEntry | None,
    plan: Plan,
    home: Home,
    province: Province,
    sources: Mapping[str, SourceContract],
) -> CatalogueEntry:
    inputs = [sources[name] for name in contract.sources if name in sources]
    personal = any(
        column.personal for source in inputs for table in source.tables for column in table.columns
    )
    theme = str(contract.properties.get("theme", ""))
    every, unit = contract.sla.get("frequency", ("1", None))
    released = _released(home, contract.name, DESCRIPTOR)
    decided = _released(home, contract.name, DECISION) or {}
    version = None
    state = "withheld" if _withheld(home, contract.name) else "prepared"
    if withdrawn(home, contract.name):
        state = "withdrawn"
    if released is not None:
        state = "published"
        version = (home.releases / contract.name / LATEST).resolve().name
    publisher = Text(province.publisher.name_vi, province.publisher.name_en)
    return CatalogueEntry(
        id=contract.name,
        title=contract.title,
        description=contract.description,
        field=plan.fields[theme].text if theme in plan.fields else Text(theme, theme),
        owner=plan.owners[entry.owner].text if entry else publisher,
        cadence=_cadence(int(every), unit),
        license=str(contract.license.get("name") or province.license.name),
        personal=_PERSONAL if personal else _NOT_PERSONAL,
        synthetic=is_synthetic(contract, inputs),
        basis=tuple(plan.documents[name].text for name in entry.basis) if entry else (),
        planned=entry is not None,
        state=state,
        version=version,
        as_of=released["khomo"]["asOf"] if released else None,
        rows=released["khomo"]["rows"] if released else None,
        signed_by=decided.get("signedBy"),
        waivers=tuple(decided.get("waivers", ())),
        withdrawals=history(home, contract.name),
        contact=contract.contact,
    )


def _of_plan(entry: PlanEntry, plan: Plan, province: Province, path: Path) -> CatalogueEntry:
    if not (entry.title and entry.description and entry.field and entry.cadence):
        raise CatalogueError(
            f"{path}: {entry.id} has no contract, so that it needs title, description, field and"
            " cadence here"
        )
    publisher = province.publisher
    return CatalogueEntry(
        id=entry.id,
        title=entry.title.text,
        description=entry.description.text,
        field=plan.fields[entry.field].text,
        owner=plan.owners[entry.owner].text,
        cadence=_cadence(entry.cadence.every, entry.cadence.unit),
        license=province.license.name,
        personal=_NOT_PERSONAL,
        synthetic=False,
        basis=tuple(plan.documents[name].text for name in entry.basis),
        planned=True,
        state="planned",
        version=None,
        as_of=None,
        rows=None,
        signed_by=None,
        waivers=(),
        withdrawals={},
        contact=f"{publisher.contact_role_vi} / {publisher.contact_role_en}",
    )


def catalogue(
    home: Home,
    province: Province,
    contracts: Mapping[str, PublishedContract],
    sources: Mapping[str, SourceContract],
    *,
    plan_file: Path = OPEN_DATA / "planned.yaml",
) -> list[CatalogueEntry]:
    """Every dataset: the plan's in its order, then published ones that nobody planned.

    Raises:
        CatalogueError: the plan cannot be used.
    """
    plan = load_plan(plan_file)
    planned = {entry.id for entry in plan.datasets}
    of_contract = partial(_of_contract, plan=plan, home=home, province=province, sources=sources)
    found = [
        of_contract(contracts[entry.id], entry=entry)
        if entry.id in contracts
        else _of_plan(entry, plan, province, plan_file)
        for entry in plan.datasets
    ]
    found += [
        of_contract(contract, entry=None)
        for name, contract in sorted(contracts.items())
        if name not in planned
    ]
    return found


def write_catalogue(
    home: Home,
    province: Province,
    contracts: Mapping[str, PublishedContract],
    sources: Mapping[str, SourceContract],
    *,
    plan_file: Path = OPEN_DATA / "planned.yaml",
) -> CatalogueFiles:
    """Write the files of the catalogue anew, and the public keys beside them.

    Raises:
        CatalogueError: the plan cannot be used.
        SigningError: a public key kept under the home is damaged.
    """
    keys = {f"keys/{key}.pem": pem for key, pem in public_pems(home).items()}
    entries = catalogue(home, province, contracts, sources, plan_file=plan_file)
    rows = [entry.as_row(number) for number, entry in enumerate(entries, 1)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["STT"], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    document = {
        "title": {"vi": "Danh mục dữ liệu mở", "en": "Open-data catalogue"},
        "publisher": {"vi": province.publisher.name_vi, "en": province.publisher.name_en},
        "province": {"scheme": province.province.scheme, "code": province.province.code},
        "counts": {state: sum(entry.state == state for entry in entries) for state in STATES},
        "keys": [{"id": Path(path).stem, "path": path} for path in keys],
        "datasets": [entry.as_json(number) for number, entry in enumerate(entries, 1)],
    }
    for path, pem in keys.items():
        write_durably(home.catalogue / path, pem, mode=0o644)
    files = CatalogueFiles(home.catalogue / f"{NAME}.csv", home.catalogue / f"{NAME}.json")
    write_durably(files.csv, text.getvalue().encode(), mode=0o644)
    write_durably(files.json, canonical_json(document, indent=2), mode=0o644)
    return files
