"""The releases a candidate is compared with: which count, in the order they were published."""

from pathlib import Path

from pipelines.bands import WINDOW
from pipelines.publish.candidate import data_files
from pipelines.publish.layout import VERSION
from pipelines.quality.outcome import Evidence


def earlier_releases(evidence: Evidence) -> list[Path]:
    """Parquet files of the releases before this candidate, the oldest first, at most `WINDOW`.

    A release that was withdrawn does not count, nor does the candidate's own version. The last is
    the one that readers see, where that is another.
    """
    if evidence.previous is None:
        return []
    dataset, folder = evidence.contract.name, evidence.previous.parent
    published = [
        str(row["version"])
        for row in evidence.ledger.rows(
            "select version, max(id) as last from decisions where dataset = ?"
            " and outcome = 'published' group by version order by last",
            dataset,
        )
    ]
    # Those that another ledger knew come first, by their date.
    unknown = sorted(
        path.name
        for path in folder.iterdir()
        if VERSION.fullmatch(path.name) and path.name not in published
    )
    seen, own = evidence.previous.name, evidence.candidate.version
    order = [name for name in (*unknown, *published) if name not in (seen, own)]
    order += [seen] if seen != own else []
    parquet = data_files(dataset)[1]
    files = [folder / name / parquet for name in order]
    return [file for file in files if file.exists()][-WINDOW:]
