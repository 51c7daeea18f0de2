"""A province's smallest warehouse: one published table, one source, one finished build."""

import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.canonical import canonical_json, point, sha256_bytes
from pipelines.clock import stamp
from pipelines.contracts import PublishedContract, SourceContract, load_published, load_sources
from pipelines.contracts.vocabulary import Severity
from pipelines.ledger import CheckResult, Ledger
from pipelines.province import Province, load_province
from pipelines.publish.candidate import Candidate, export_candidate
from pipelines.publish.decision import Decision
from pipelines.publish.gate import decide
from pipelines.publish.references import named_releases
from pipelines.publish.release import Release, latest, release
from pipelines.quality.content import relation_digest
from pipelines.quality.model import DbtTest
from pipelines.quality.required import candidate_checks
from pipelines.quality.run import check_candidate
from pipelines.settings import Home

DATASET = "unit-counts"
BUILD = "build-1"
RAW = sha256_bytes(b"raw")
DBT_TESTS = (DbtTest("totals_add_up"), DbtTest("looks_usual", Severity.WARNING))

ROWS = """
    select
        lpad((i * 7)::varchar, 5, '0') as unit_code,
        make_date(2026, 1 + i % 12, 1) as month,
        case i % 3 when 0 then 'online' when 1 then 'counter' else 'post' end as channel,
        case when i % 10 = 3 then null else 20 + i end::bigint as received,
        case when i % 10 = 3 then null else 5 + i % 7 end::bigint as late,
        (i % 10 = 3) as suppressed,
        (i / 7)::decimal(9, 4) as score,
        sqrt(i) as spread,
        case when i % 5 = 0 then null else 'Xã "Đức, Thọ" ' || i end as note,
        timestamp '2026-10-01 08:30:00' + to_seconds(i * 61) as seen_at,
        20 + i as private_total
    from range(60) as t(i)
"""


def english(title: str) -> list[dict[str, str]]:
    return [
        {"property": "titleEn", "value": title},
        {"property": "descriptionEn", "value": f"{title}, described"},
    ]


def column(name: str, logical: str, physical: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "businessName": f"Cột {name}",
        "description": f"Mô tả {name}",
        "logicalType": logical,
        "physicalType": physical,
        "customProperties": english(name),
        **more,
    }


def published_contract() -> dict[str, Any]:
    """The contract as plain data, for tests to change."""
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"khomo-open-{DATASET}",
        "name": DATASET,
        "version": "1.0.0",
        "status": "active",
        "domain": "test",
        "description": {"purpose": "Số hồ sơ theo đơn vị và tháng"},
        "schema": [
            {
                "name": "unit_counts",
                "physicalName": "mart_unit_counts",
                "logicalType": "object",
                "businessName": "Số hồ sơ",
                "description": "Mỗi dòng một đơn vị trong một tháng",
                "dataGranularityDescription": "One row per unit and month.",
                "customProperties": english("Counts"),
                "properties": [
                    column(
                        "unit_code",
                        "string",
                        "VARCHAR",
                        primaryKey=True,
                        primaryKeyPosition=1,
                        required=True,
                        logicalTypeOptions={"pattern": "^\\d{5}$", "maxLength": 5},
                    ),
                    column(
                        "month",
                        "date",
                        "DATE",
                        primaryKey=True,
                        primaryKeyPosition=2,
                        required=True,
                    ),
                    column(
                        "channel",
                        "string",
                        "VARCHAR",
                        required=True,
                        enum=[
                            {"value": "online", "label": "Trực tuyến", "description": "Online"},
                            {"value": "counter", "label": "Tại quầy", "description": "Counter"},
                            {"value": "post", "label": "Bưu chính", "description": "Post"},
                        ],
                    ),
                    column("received", "integer", "BIGINT", logicalTypeOptions={"minimum": 0}),
                    column("late", "integer", "BIGINT", logicalTypeOptions={"minimum": 0}),
                    column("suppressed", "boolean", "BOOLEAN", required=True),
                    column(
                        "score",
                        "number",
                        "DECIMAL(9,4)",
                        logicalTypeOptions={"minimum": 0, "maximum": 100},
                    ),
                    column("spread", "number", "DOUBLE"),
                    column("note", "string", "VARCHAR"),
                    column("seen_at", "timestamp", "TIMESTAMP", required=True),
                ],
                "quality": [
                    {
                        "name": "not_empty",
                        "description": "Có dữ liệu",
                        "dimension": "completeness",
                        "severity": "blocker",
                        "type": "library",
                        "metric": "rowCount",
                        "mustBeGreaterThan": 0,
                    },
                    {
                        "name": "late_within_received",
                        "description": "Số trễ hạn không vượt số tiếp nhận",
                        "dimension": "consistency",
                        "type": "sql",
                        "query": "select count(*) from {object} where late > received",
                        "mustBe": 0,
                    },
                    {
                        "name": "small_cells",
                        "description": "Ô nhỏ được che",
                        "dimension": "validity",
                        "type": "custom",
                        "engine": "khomo",
                        "implementation": {
                            "rule": "small_cells",
                            "measures": ["received", "late"],
                            "flag": "suppressed",
                        },
                    },
                    {
                        "name": "visible_share",
                        "description": "Phần lớn hồ sơ nằm trong ô được hiện",
                        "dimension": "completeness",
                        "type": "custom",
                        "engine": "khomo",
                        "implementation": {
                            "rule": "visible_share",
                            "measure": "received",
                            "minimum": 0.8,
                            "total": {"model": "mart_unit_counts", "column": "private_total"},
                        },
                    },
                ],
            }
        ],
        "team": {"name": "Sở thử nghiệm"},
        "support": [{"channel": "desk", "description": "Bàn dữ liệu mở"}],
        "slaProperties": [{"property": "frequency", "value": 1, "unit": "m"}],
        "customProperties": [
            {"property": "titleVi", "value": "Số hồ sơ"},
            {"property": "titleEn", "value": "Counts of dossiers"},
            {"property": "descriptionEn", "value": "Counts by unit and month"},
            {"property": "keywords", "value": ["hồ sơ", "dossiers"]},
            {"property": "theme", "value": "Thủ tục hành chính"},
            {"property": "sources", "value": ["desk"]},
            {"property": "synthetic", "value": True},
            {"property": "notes", "value": [{"vi": "Ghi chú", "en": "A note"}]},
        ],
    }


def source_contract() -> dict[str, Any]:
    """The only input: a synthetic register with a column that identifies people."""
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "khomo-source-desk",
        "name": "desk",
        "version": "1.0.0",
        "status": "active",
        "domain": "test",
        "description": {"purpose": "Sổ tiếp nhận"},
        "servers": [{"server": "bundled", "type": "local", "path": "sample", "format": "csv"}],
        "schema": [
            {
                "name": "register",
                "businessName": "Sổ",
                "description": "Mỗi dòng một hồ sơ",
                "dataGranularityDescription": "One row per dossier.",
                "customProperties": english("Register"),
                "properties": [
                    column("dossier_code", "string", "VARCHAR", classification="personal"),
                    column("note_of_person", "string", "VARCHAR", classification="personal"),
                ],
            }
        ],
        "team": {"name": "Sở thử nghiệm"},
        "support": [{"channel": "desk", "description": "Bàn dữ liệu"}],
        "customProperties": [
            {"property": "titleVi", "value": "Sổ tiếp nhận"},
            {"property": "titleEn", "value": "Register"},
            {"property": "descriptionEn", "value": "A register"},
            {
                "property": "license",
                "value": {
                    "name": "CC-BY-4.0",
                    "title": "CC BY 4.0",
                    "path": "https://creativecommons.org/licenses/by/4.0/",
                },
            },
            {"property": "asOf", "value": "2026-10-31"},
            {"property": "synthetic", "value": True},
            {
                "property": "sources",
                "value": [{"title": "Sổ tiếp nhận", "path": "https://example.org/register"}],
            },
        ],
    }


@dataclass
class World:
    """A home with a promoted warehouse, and the steps from there to a release."""

    folder: Path
    home: Home
    ledger: Ledger
    province: Province

    @property
    def warehouse(self) -> Path:
        return self.home.warehouse / "build.duckdb"

    @property
    def sources(self) -> Mapping[str, SourceContract]:
        return load_sources(self.folder / "sources")

    @property
    def contract(self) -> PublishedContract:
        return load_published(self.folder / "open_data")[DATASET]

    @property
    def releases(self) -> Path:
        return self.home.releases / DATASET

    def write_contract(self, data: Mapping[str, Any]) -> None:
        path = self.folder / "open_data" / DATASET / "contract.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(dict(data), allow_unicode=True), encoding="utf-8")

    def write_source(self, data: Mapping[str, Any]) -> None:
        path = self.folder / "sources" / "desk" / "contract.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(dict(data), allow_unicode=True), encoding="utf-8")

    def by_hand(self, statement: str) -> None:
        """Change the finished warehouse, as somebody with a database tool would."""
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(statement)

    def build(self, rows: str = ROWS, build_id: str = BUILD) -> None:
        """Make the warehouse and record what a build records: content digest and dbt results."""
        self.warehouse.unlink(missing_ok=True)
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute("create schema marts")
            connection.execute(f"create table marts.mart_unit_counts as {rows}")
            digest = relation_digest(
                connection, "marts.mart_unit_counts", self.contract.table.columns
            )
        self.ledger.insert(
            "builds",
            [
                {
                    "build_id": build_id,
                    "file": f"{self.warehouse}#{time.time_ns()}",
                    "signature": "",
                    "inputs": "{}",
                    "landed_files": "",
                    "relations": json.dumps({DATASET: digest}),
                    "nodes": "{}",
                    "finished_at": stamp(),
                    "promoted_at": None,
                    "run_id": None,
                }
            ],
        )
        self.ledger.record_checks(
            [
                CheckResult(
                    dataset=DATASET,
                    check_name=f"dbt.{test.name}",
                    engine="dbt",
                    dimension="consistency",
                    severity=test.severity.value,
                    subject=digest,
                    build_id=build_id,
                    status="passed",
                    message="",
                )
                for test in DBT_TESTS
            ]
        )

    def land(self, pulled: int = 60, accepted: int = 58, quarantined: int = 2) -> None:
        """Record how the source's rows were accounted for."""
        self.ledger.insert(
            "landings",
            [
                {
                    "source": "desk",
                    "table_name": "register",
                    "resource": "register.csv",
                    "raw_sha256": RAW,
                    "contract_digest": "x",
                    "pulled_rows": pulled,
                    "accepted_rows": accepted,
                    "quarantined_rows": quarantined,
                    "reasons": "{}",
                    "landed_at": stamp(),
                    "run_id": None,
                }
            ],
        )

    def export(self, build_id: str = BUILD) -> Candidate:
        return export_candidate(
            self.contract,
            self.warehouse,
            build_id=build_id,
            home=self.home,
            province=self.province,
            sources=self.sources,
            inputs={"desk": [RAW]},
            references=named_releases(self.contract, self.home),
            code_version="0.1.0",
        )

    def check(self, candidate: Candidate, lineage: Collection[str] = ()) -> dict[str, CheckResult]:
        results = check_candidate(
            self.contract,
            candidate,
            ledger=self.ledger,
            sources=self.sources,
            province=self.province,
            warehouse=self.warehouse,
            releases=self.home.releases,
            lineage=lineage,
            previous=latest(self.home, DATASET),
        )
        return {result.check_name: result for result in results}

    def assume_passed(self, candidate: Candidate) -> None:
        """Record every check as passed, where a test is about what comes after them."""
        last = latest(self.home, DATASET)
        self.ledger.record_checks(
            [
                CheckResult(
                    dataset=candidate.dataset,
                    check_name=check.name,
                    engine=check.engine,
                    dimension=check.dimension,
                    severity=check.severity.value,
                    subject=candidate.digest,
                    build_id=candidate.build_id,
                    status="passed",
                    message="",
                    observed=last.name if last else None,
                    failing_rows=0,
                )
                for check in candidate_checks(self.contract)
            ]
        )

    def decide(self, candidate: Candidate) -> Decision:
        last = latest(self.home, DATASET)
        return decide(
            self.contract,
            candidate,
            ledger=self.ledger,
            dbt_tests=DBT_TESTS,
            last=last.name if last else None,
            referred=named_releases(self.contract, self.home),
        )

    def refer_to_units(self, data: dict[str, Any]) -> None:
        """Say in the contract that `unit_code` is the key of the dataset `units`, `00000` none."""
        data["schema"][0]["properties"][0]["relationships"] = [
            {
                "to": "../units/contract.yaml#schema/units/properties/code",
                "customProperties": [{"property": "except", "value": ["00000"]}],
            }
        ]
        self.write_contract(data)

    def release_units(self, where: str = "true") -> str:
        """Release those units of `ROWS` that SQL says; returns the version."""
        digest = sha256_bytes(where.encode())
        folder = self.home.releases / "units" / f"2026-01-01-{digest[:12]}"
        folder.mkdir(parents=True)
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select distinct unit_code as code from ({ROWS}) where {where})"
                f" to '{folder / 'units.parquet'}'"
            )
        (folder / "decision.json").write_bytes(canonical_json({"digest": digest}))
        point(folder.parent / "latest", folder)
        return folder.name

    def publish_before(self, count: int = 3) -> None:
        """Releases that differ a little, as those of months do; the next build is of `ROWS`."""
        for number in range(1, count + 1):
            self.build(
                f"select * replace ((score + 0.001 * {number})::decimal(9, 4) as score)"
                f" from ({ROWS})"
            )
            assert self.publish().outcome == "published"
        self.build()

    def publish(self, step: Callable[[str], None] = lambda _name: None) -> Release:
        """Export, decide and release; the checks are taken to pass."""
        candidate = self.export()
        self.assume_passed(candidate)
        return self.release(candidate, step)

    def release(
        self, candidate: Candidate, step: Callable[[str], None] = lambda _name: None
    ) -> Release:
        return release(
            candidate, self.decide(candidate), home=self.home, ledger=self.ledger, step=step
        )


MakeWorld = Callable[[Path], World]


@pytest.fixture
def make_world() -> MakeWorld:
    def make(folder: Path) -> World:
        home = Home(folder / "home").create()
        made = World(folder, home, Ledger(home.ledger), load_province())
        made.write_contract(published_contract())
        made.write_source(source_contract())
        made.land()
        made.build()
        return made

    return make


@pytest.fixture
def world(make_world: MakeWorld, tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def rows() -> str:
    """The query the published model is built from."""
    return ROWS


@pytest.fixture
def contract_data() -> dict[str, Any]:
    return published_contract()


@pytest.fixture
def source_data() -> dict[str, Any]:
    return source_contract()
