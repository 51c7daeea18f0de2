"""A small house for tests of the report: one source with people in it, two datasets from it.

Pulls and landings are real; checks, decisions and releases are written as the gate and the
release stage write them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipelines.canonical import canonical_json, digest_of, point, write_durably
from pipelines.contracts import PublishedContract, SourceContract
from pipelines.contracts.load import load_published, load_sources
from pipelines.ingest import landing, raw
from pipelines.ledger import CheckResult, Ledger
from pipelines.province import Province, load_province
from pipelines.publish.decision import FORMAT
from pipelines.publish.layout import release_files
from pipelines.report import Report, collect
from pipelines.settings import Home
from tests.conftest import write_contract

PERSON = "Nguyễn Thị Bí Mật"
CITIZEN_ID = "042199001234"
PHONE = "0912345678"
PERSONAL = (PERSON, CITIZEN_ID, PHONE)
PROBLEM = {"vi": "không đạt: Khoá code không lặp lại", "en": "failed: The key code is unique"}
REMEDY = {"vi": "Sửa nguồn rồi chạy lại", "en": "Correct the source and run again"}


def _properties(*pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    return [{"property": name, "value": value} for name, value in pairs]


def _column(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "businessName": f"Cột {name}",
        "description": "Mô tả",
        "logicalType": "string",
        "physicalType": "VARCHAR",
        "customProperties": _properties(("titleEn", f"Column {name}"), ("descriptionEn", "Text")),
        **more,
    }


def write_people(folder: Path, **changes: Any) -> None:
    """A source `people` with a personal column, and a file of five rows, three of them bad."""
    table = {
        "name": "people",
        "logicalType": "object",
        "businessName": "Người",
        "description": "Mỗi dòng một người",
        "customProperties": _properties(("titleEn", "People"), ("resource", "*.csv")),
        "properties": [
            _column(
                "code",
                primaryKey=True,
                primaryKeyPosition=1,
                logicalTypeOptions={"pattern": "^[A-Z]\\d{4}$"},
            ),
            _column("applicant", classification="personal", required=True),
            _column(
                "citizen_id",
                classification="personal",
                logicalTypeOptions={"pattern": "^\\d{9}$"},
            ),
        ],
    }
    write_contract(folder, "people", schema=[table], **changes)
    sample = folder / "people" / "sample"
    sample.mkdir()
    (sample / "people.csv").write_text(
        "code,applicant,citizen_id\n"
        "A0001,Trần Văn Một,\n"
        f"{PHONE},{PERSON},\n"
        f"A0002,{PERSON},{CITIZEN_ID}\n"
        f"A0003,Lê Văn Ba,{CITIZEN_ID}\n"
        "A0004,Phạm Bốn,\n",
        encoding="utf-8",
    )


def write_published(folder: Path, name: str, **extra: Any) -> None:
    """A published dataset of two columns, made from `people`."""
    table = {
        "name": name.replace("-", "_"),
        "physicalName": f"open_{name.replace('-', '_')}",
        "logicalType": "object",
        "businessName": "Bảng",
        "description": "Mô tả",
        "customProperties": _properties(("titleEn", "Table"), ("descriptionEn", "Text")),
        "properties": [_column("code", primaryKey=True, primaryKeyPosition=1), _column("label")],
    }
    write_contract(folder, name, schema=[table])
    path = folder / name / "contract.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["id"] = f"khomo-open-{name}"
    del data["servers"]
    facts = {
        "titleVi": f"Tập {name}",
        "titleEn": f"Dataset {name}",
        "sources": ["people"],
        "notes": [{"vi": "Lưu ý của tập", "en": "A remark on the set"}],
        **extra,
    }
    kept = [item for item in data["customProperties"] if item["property"] not in facts]
    data["customProperties"] = kept + _properties(*facts.items())
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


@dataclass
class Said:
    """What one check said; `message` in two lines as the ledger keeps it."""

    name: str = "unique_key"
    engine: str = "great_expectations"
    status: str = "passed"
    severity: str = "blocker"
    message: str = "Khoá không lặp lại\nThe key is unique"
    failing_rows: int | None = None
    sample: Sequence[dict[str, Any]] = field(default_factory=tuple)


@dataclass
class World:
    """The house and what can happen in it."""

    home: Home
    ledger: Ledger
    folder: Path
    province: Province = field(default_factory=load_province)

    @property
    def sources(self) -> dict[str, SourceContract]:
        return dict(load_sources(self.folder / "sources"))

    @property
    def published(self) -> dict[str, PublishedContract]:
        return dict(load_published(self.folder / "open_data"))

    def report(self) -> Report:
        return collect(
            self.home, self.ledger, self.province, sources=self.sources, published=self.published
        )

    def pull_and_land(self, name: str = "people") -> None:
        raw.pull(self.sources[name], self.home, self.ledger)
        landing.land(self.sources[name], self.home, self.ledger)

    def decide(
        self,
        dataset: str,
        rows: int,
        outcome: str = "published",
        *,
        checks: Sequence[Said] = (Said(),),
        reasons: Sequence[dict[str, Any]] = (),
        at: str = "2026-11-01T02:00:00.000+00:00",
    ) -> str:
        """Record checks and a decision as the stages do; returns the version."""
        digest = digest_of([dataset, rows, at])
        content = digest_of([digest, "content"])
        version = f"2026-10-31-{digest[:12]}"
        entries, results = [], []
        for said in checks:
            subject = content if said.engine == "dbt" else digest
            common = {
                "engine": said.engine,
                "dimension": "uniqueness",
                "severity": said.severity,
                "subject": subject,
                "status": said.status,
            }
            entries.append({"check": said.name, **common})
            if said.status != "missing":
                results.append(
                    CheckResult(
                        dataset=dataset,
                        check_name=said.name,
                        message=said.message,
                        build_id="b1",
                        failing_rows=said.failing_rows,
                        sample=tuple(said.sample),
                        **common,
                    )
                )
        self.ledger.record_checks(results)
        document = canonical_json(
            {
                "format": FORMAT,
                "dataset": dataset,
                "digest": digest,
                "build": "b1",
                "checks": entries,
            }
        )
        write_durably(self.home.candidates / dataset / "decision.json", document)
        if outcome == "published":
            folder = self.home.releases / dataset / version
            folder.mkdir(parents=True)
            for name in release_files(dataset):
                (folder / name).write_bytes(b"x" * 1500)
            (folder / "datapackage.json").write_bytes(canonical_json({"khomo": {"rows": rows}}))
            point(folder.parent / "latest", folder)
        self.ledger.insert(
            "decisions",
            [
                {
                    "dataset": dataset,
                    "digest": digest,
                    "version": version,
                    "verdict": "withhold" if outcome == "withheld" else "publish",
                    "outcome": outcome,
                    "reasons": json.dumps(list(reasons)),
                    "rows": rows,
                    "decided_at": at,
                    "run_id": None,
                }
            ],
        )
        return version

    def withhold(self, dataset: str, rows: int, *checks: Said) -> str:
        """A decision to withhold for the first of `checks`."""
        checks = checks or (Said(status="failed", failing_rows=2),)
        said = {"vi": checks[0].message, "en": checks[0].message}
        problem = said if checks[0].engine == "dbt" else PROBLEM
        reason = {"check": checks[0].name, "problem": problem, "remedy": REMEDY}
        return self.decide(
            dataset,
            rows,
            "withheld",
            checks=checks,
            reasons=[reason],
            at="2026-11-01T03:00:00.000+00:00",
        )

    def build(self, **tests: str) -> None:
        """Record a finished warehouse build with one model and these dbt tests."""
        nodes = {"model.khomo.open_counts": {"status": "success"}}
        nodes |= {f"test.khomo.{name}.0a1b": {"status": status} for name, status in tests.items()}
        self.ledger.insert(
            "builds",
            [
                {
                    "build_id": "b1",
                    "file": "b1.duckdb",
                    "signature": "",
                    "inputs": "{}",
                    "landed_files": "",
                    "relations": "{}",
                    "nodes": json.dumps(nodes),
                    "finished_at": "2026-11-01T01:30:00.000+00:00",
                    "promoted_at": "2026-11-01T01:31:00.000+00:00",
                    "run_id": None,
                }
            ],
        )


def make_world(home: Home, ledger: Ledger, folder: Path, **source: Any) -> World:
    """A house where nothing happened yet; `source` changes the contract of `people`."""
    write_people(folder / "sources", **source)
    write_published(folder / "open_data", "counts")
    write_published(folder / "open_data", "labels")
    return World(home, ledger, folder)


def busy_world(home: Home, ledger: Ledger, folder: Path) -> World:
    """A house where everything that can be shown has happened."""
    world = make_world(home, ledger, folder)
    world.pull_and_land()
    world.build(unique_code="pass", known_unit="warn")
    world.decide("counts", 1_234_567, at="2026-09-01T02:00:00.000+00:00")
    world.decide("counts", 1_234_560, at="2026-10-01T02:00:00.000+00:00")
    world.withhold(
        "counts",
        90,
        Said(status="failed", failing_rows=2, sample=[{"code": "A0001"}, {"code": "A0002"}]),
        Said("row_count"),
        Said("readback_csv", "khomo", "missing"),
    )
    world.decide("labels", 12, checks=[Said(), Said("odd", "sql", "failed", "warning")])
    return world
