"""Gather the whole report from ledger, manifests, releases and contracts. Nothing is written."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pipelines.clock import now
from pipelines.contracts import (
    PublishedContract,
    SourceContract,
    Text,
    load_published,
    load_sources,
    sources_in_use,
)
from pipelines.contracts.retired import retired_sources
from pipelines.ledger import Ledger
from pipelines.province import Province
from pipelines.quality.personal.measured import measured
from pipelines.report.arrivals import unlisted
from pipelines.report.attention import attention
from pipelines.report.datasets import dataset_report
from pipelines.report.dbt_titles import titles
from pipelines.report.model import BuildReport, Report, RetiredSource
from pipelines.report.sources import source_report
from pipelines.settings import Home

FORMAT = "khomo-report/1"

_TESTS = {"pass": "passed", "warn": "warning", "fail": "failed"}


def _build(ledger: Ledger) -> BuildReport | None:
    rows = ledger.rows("select * from builds order by finished_at desc, rowid desc limit 1")
    if not rows:
        return None
    row = rows[0]
    tests = {"passed": 0, "warning": 0, "failed": 0, "error": 0}
    troubled: list[str] = []
    models = 0
    for unique_id, node in json.loads(row["nodes"]).items():
        kind, _, rest = unique_id.partition(".")
        if kind == "model":
            models += 1
        elif kind == "test":
            status = _TESTS.get(str(node["status"]), "error")
            tests[status] += 1
            if status != "passed":
                troubled.append(rest.split(".")[1])
    promoted = row["promoted_at"]
    return BuildReport(
        build_id=row["build_id"],
        finished_at=datetime.fromisoformat(row["finished_at"]),
        promoted_at=datetime.fromisoformat(promoted) if promoted else None,
        models=models,
        tests=tests,
        troubled=tuple(sorted(troubled)),
    )


def collect(
    home: Home,
    ledger: Ledger,
    province: Province,
    *,
    sources: Mapping[str, SourceContract] | None = None,
    published: Mapping[str, PublishedContract] | None = None,
) -> Report:
    """The state of everything, as of the clock. Contracts are the project's unless given."""
    at = now()
    sources = sources_in_use() if sources is None else sources
    published = load_published() if published is None else published
    test_titles = titles(home.dbt / "manifest" / "manifest.json")
    datasets = tuple(
        dataset_report(contract, sources, home, ledger, province=province, test_titles=test_titles)
        for contract in published.values()
    )
    origins = tuple(source_report(contract, home, ledger, at) for contract in sources.values())
    build = _build(ledger)
    ended = retired_sources()
    known = {*load_sources(), *sources, *(item.name for item in ended)}
    return Report(
        generated_at=at,
        time_zone=province.time_zone,
        province=Text(province.province.name_vi, province.province.name_en),
        publisher=Text(province.publisher.name_vi, province.publisher.name_en),
        attention=attention(datasets, origins, build, province.time_zone, unlisted(ledger, known)),
        datasets=datasets,
        sources=origins,
        build=build,
        detectors=measured(),
        retired=tuple(
            RetiredSource(
                item.name,
                item.title,
                item.last_day.isoformat(),
                item.reason,
                item.successor,
                item.evidence,
            )
            for item in ended
        ),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain data: instants as ISO 8601 in UTC, texts as {vi, en}."""
    facts: dict[str, Any] = {"format": FORMAT, **_plain(asdict(report))}
    return facts
