"""The data-quality report: what a person should know today, as HTML and as JSON.

`collect` reads every stage and gives one immutable value, `render` writes it down. Nothing is
judged here: verdicts come from `publish`, check results from `quality`, both through the ledger.
Quarantined rows are known by reason, file and row number only; their content is never read.
"""

from pipelines.report.collect import collect, to_json
from pipelines.report.model import Report
from pipelines.report.render import ReportFiles, write_report

__all__ = ["Report", "ReportFiles", "collect", "to_json", "write_report"]
