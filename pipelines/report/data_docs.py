"""Great Expectations' Data Docs of what the gate saw last: one page per dataset.

Nothing is evaluated again: the results are those that the report shows, the expectations those of
the contract, and Great Expectations' own renderers make the sections. Its page loads styles,
scripts and pictures from other hosts; `data_docs.html.j2` is a page around the same sections that
loads nothing. Values of failing rows are not in it: the report shows those that may be seen.

Great Expectations takes seconds to import, so a page is written only where what it says changed.
"""

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.canonical import digest_of, write_durably
from pipelines.contracts import PublishedContract
from pipelines.quality.expectations import (
    COLUMNS_LISTED,
    ENGINE,
    ROW_COUNT,
    Expectation,
    expectations,
)
from pipelines.report.formats import moment
from pipelines.report.model import PUBLIC_READABLE, Check, DatasetReport, Report
from pipelines.settings import Home

FOLDER = "data-docs"
_VIEWS = Path(__file__).parent
_TEMPLATE = "data_docs.html.j2"

Seen = Sequence[tuple[Expectation, Check]]


def _seen(item: DatasetReport, contract: PublishedContract) -> Seen:
    """Each expectation with what came of it; those without a result are left out."""
    checks = {check.name: check for check in item.checks if check.engine == ENGINE}
    return [(one, checks[one.name]) for one in expectations(contract) if one.name in checks]


def _mark(item: DatasetReport, seen: Seen, time_zone: str) -> str:
    """A digest of all that a page is made from."""
    said = [[one.type, str(one.arguments), check.status, check.failing_rows] for one, check in seen]
    facts = [item.title.vi, item.title.en, item.version, item.rows, str(item.decided_at), time_zone]
    template = (_VIEWS / _TEMPLATE).read_text(encoding="utf-8")
    return digest_of([version("great-expectations"), template, facts, said])


def _result(expectation: Expectation, check: Check, item: DatasetReport) -> dict[str, Any]:
    """A check's figures under the names that the renderers look for."""
    if expectation.name == COLUMNS_LISTED:
        listed = next(iter(expectation.arguments.values()))["column_list"]
        return {"observed_value": listed if check.status == "passed" else []}
    if expectation.type == ROW_COUNT:
        return {"observed_value": item.rows}
    failing = 0 if check.status == "passed" else check.failing_rows
    if failing is None or not item.rows:
        return {}
    return {
        "element_count": item.rows,
        "unexpected_count": failing,
        "unexpected_percent": 100 * failing / item.rows,
    }


def _sections(item: DatasetReport, seen: Seen) -> Any:
    """The rendered document: Great Expectations' own."""
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

    results = [
        ExpectationValidationResult(
            success=check.status == "passed",
            expectation_config=ExpectationConfiguration(
                type=expectation.type, kwargs=dict(next(iter(expectation.arguments.values())))
            ),
            result=_result(expectation, check, item),
            meta={},
        )
        for expectation, check in seen
    ]
    passed = sum(bool(result.success) for result in results)
    return ValidationResultsPageRenderer(run_info_at_end=True).render(
        ExpectationSuiteValidationResult(
            success=passed == len(results),
            results=results,
            suite_name=item.name,
            statistics={
                "evaluated_expectations": len(results),
                "successful_expectations": passed,
                "unsuccessful_expectations": len(results) - passed,
                "success_percent": 100 * passed / len(results),
            },
            meta={
                "great_expectations_version": version("great-expectations"),
                "run_id": {"run_name": item.version, "run_time": str(item.decided_at)},
            },
        )
    )


def _page(item: DatasetReport, seen: Seen, mark: str, time_zone: str) -> str:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    from great_expectations.render.view.view import DefaultJinjaPageView

    view: Any = DefaultJinjaPageView(custom_views_directory=str(_VIEWS))
    page: str = view.render(
        _sections(item, seen),
        template=_TEMPLATE,
        item=item,
        mark=mark,
        decided=moment(item.decided_at, time_zone),
    )
    return page


def write_data_docs(
    home: Home, report: Report, published: Mapping[str, PublishedContract]
) -> dict[str, str]:
    """Bring the pages below `report/data-docs` up to date; others are removed.

    Returns the address of each dataset's page, relative to the report.
    """
    folder = home.report / FOLDER
    written: dict[str, str] = {}
    for item in report.datasets:
        seen = _seen(item, published[item.name])
        if not seen:
            continue
        path = folder / f"{item.name}.html"
        mark = _mark(item, seen, report.time_zone)
        if not (path.exists() and mark in path.read_text(encoding="utf-8")):
            page = _page(item, seen, mark, report.time_zone)
            write_durably(path, page.encode(), mode=PUBLIC_READABLE)
        written[item.name] = f"{FOLDER}/{path.name}"
    for path in folder.glob("*.html"):
        if path.stem not in written:
            path.unlink()
    return written
