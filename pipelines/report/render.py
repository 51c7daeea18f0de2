"""Write the report down: one HTML file that needs nothing else, and the same as JSON.

The page loads nothing and runs no script; its own policy forbids both. Every value is escaped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.canonical import canonical_json, write_durably
from pipelines.contracts import PublishedContract, SourceContract, Text, load_published
from pipelines.ledger import Ledger
from pipelines.province import Province
from pipelines.publish.scorecard import FORMULA
from pipelines.report import charts, formats, wording
from pipelines.report.collect import collect, to_json
from pipelines.report.data_docs import write_data_docs
from pipelines.report.model import (
    PUBLIC_READABLE,
    STATUSES,
    Check,
    CheckStatus,
    DatasetReport,
    LastPull,
    QuarantineReason,
    ReleasePoint,
    Report,
    SourceReport,
    Why,
)
from pipelines.settings import Home


@dataclass(frozen=True)
class ReportFiles:
    """Where the report was written."""

    html: Path
    json: Path


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        number=formats.number,
        signed=formats.signed,
        percent=formats.percent,
        size=formats.size,
        day=formats.day,
        label=wording.label,
        words=wording,
        column_heights=_column_heights,
        dimension=wording.dimension,
        checks_bar=_checks_bar,
        rows_bar=_rows_bar,
        by_dimension=_by_dimension,
        by_remedy=_by_remedy,
        references=_references,
        sample_columns=_sample_columns,
        passed_share=_passed_share,
        formula=FORMULA,
        used_statuses=_used_statuses,
    )
    return environment


def _checks_bar(item: DatasetReport) -> tuple[charts.Segment, ...]:
    return charts.bar([(status, item.count(status)) for status in STATUSES])


def _rows_bar(item: SourceReport) -> tuple[charts.Segment, ...]:
    return charts.bar([("accepted", item.accepted or 0), ("quarantined", item.quarantined or 0)])


def _column_heights(points: Sequence[ReleasePoint]) -> tuple[float, ...]:
    return charts.column_heights([point.rows or 0 for point in points])


def _by_remedy(item: DatasetReport) -> list[tuple[Text, list[Why]]]:
    """Why a dataset was withheld, gathered by what to do about it."""
    found: dict[Text, list[Why]] = {}
    for why in item.why:
        found.setdefault(why.remedy, []).append(why)
    return list(found.items())


def _pulled(pull: LastPull, zone: str) -> Text:
    """What the last pull found, since when, and how we know."""
    words, how = wording.PULL_OUTCOMES[pull.outcome], pull.known_by_text
    since = formats.local_day(pull.changed_at, zone)
    return Text(
        f"{words.vi.format(since=since)}, {how.vi}", f"{words.en.format(since=since)}, {how.en}"
    )


def _references(reason: QuarantineReason) -> list[tuple[str, str]]:
    """Row numbers of the examples, gathered by file."""
    found: dict[str, list[str]] = {}
    for example in reason.examples:
        found.setdefault(example.file, []).append(str(example.row))
    return [(file, "; ".join(rows)) for file, rows in found.items()]


def _sample_columns(check: Check) -> list[str]:
    names: dict[str, None] = {}
    for row in check.sample:
        names.update(dict.fromkeys(row))
    return list(names)


def _by_dimension(item: DatasetReport) -> dict[str, list[str]]:
    """Names of the checks that passed, by dimension: the long list, short enough for paper."""
    found: dict[str, list[str]] = {}
    for check in item.checks:
        if check.status == "passed":
            found.setdefault(check.dimension, []).append(check.name)
    return found


def _passed_share(item: DatasetReport, dimension: str) -> str:
    score = next(score for score in item.scores if score.dimension == dimension)
    return formats.percent(score.passed, score.required)


def _used_statuses(item: DatasetReport) -> list[CheckStatus]:
    """The statuses a dataset's tables need columns for."""
    return [status for status in STATUSES if status == "passed" or item.count(status)]


def _totals(report: Report) -> SimpleNamespace:
    return SimpleNamespace(
        datasets=len(report.datasets),
        public=sum(item.released_version is not None for item in report.datasets),
        withheld=sum(item.outcome == "withheld" for item in report.datasets),
        checks=sum(item.judged for item in report.datasets),
        passed=sum(item.count("passed") for item in report.datasets),
        troubled=sum(
            check.status not in ("passed", "information", "warning")
            for item in report.datasets
            for check in item.checks
        ),
        sources=len(report.sources),
        on_time=sum(item.freshness.state in ("on_time", "no_promise") for item in report.sources),
        pulled=sum(item.pulled or 0 for item in report.sources),
        quarantined=sum(item.quarantined or 0 for item in report.sources),
    )


def render_html(report: Report, data_docs: Mapping[str, str]) -> str:
    """The whole page. `data_docs` has the address of further pages by dataset."""
    context: dict[str, Any] = {
        "report": report,
        "data_docs": data_docs,
        "totals": _totals(report),
        "moment": partial(formats.moment, zone=report.time_zone),
        "local_day": partial(formats.local_day, zone=report.time_zone),
        "pulled": partial(_pulled, zone=report.time_zone),
    }
    return _environment().get_template("page.html.j2").render(context)


def write_report(
    home: Home,
    ledger: Ledger,
    province: Province,
    *,
    sources: Mapping[str, SourceContract] | None = None,
    published: Mapping[str, PublishedContract] | None = None,
) -> ReportFiles:
    """Write `report/index.html`, `report/report.json` and the Data Docs that the page links to.

    Each file is replaced in one step.
    """
    published = load_published() if published is None else published
    report = collect(home, ledger, province, sources=sources, published=published)
    data_docs = write_data_docs(home, report, published)
    files = ReportFiles(home.report / "index.html", home.report / "report.json")
    write_durably(files.json, canonical_json(to_json(report), indent=1), mode=PUBLIC_READABLE)
    write_durably(files.html, render_html(report, data_docs).encode(), mode=PUBLIC_READABLE)
    return files
