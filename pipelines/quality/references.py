"""Are the keys of a candidate keys of the release that its descriptor says they refer to?"""

from pathlib import Path
from typing import Any

from pipelines.contracts.references import Reference
from pipelines.duck import identifier, literals
from pipelines.publish.candidate import data_files
from pipelines.quality.outcome import SAMPLE, Evidence, Outcome, failed, passed
from pipelines.quality.readback import PARQUET_VIEW, parquet_relation


def check_name(reference: Reference) -> str:
    """The name of the check on one reference."""
    return f"reference.{reference.column}"


def _release(evidence: Evidence, reference: Reference) -> tuple[str | None, Path | None]:
    """The version the descriptor names, and its Parquet; None where there is none (any more)."""
    (said,) = (
        item
        for item in evidence.descriptor["khomo"]["references"]
        if (item["column"], item["dataset"]) == (reference.column, reference.dataset)
    )
    version = said["version"]
    if version is None or evidence.releases is None:
        return version, None
    file = evidence.releases / reference.dataset / version / data_files(reference.dataset)[1]
    return version, file if file.exists() else None


def keys_resolve(evidence: Evidence, reference: Reference) -> Outcome:
    """Every key is one of that release, and nothing the contract says is none stands for another.

    Raises:
        ValueError: the descriptor does not name a release for this reference.
    """
    version, file = _release(evidence, reference)
    if file is None:
        what = f"{reference.dataset} {version}" if version else reference.dataset
        return failed(
            f"Chưa có bản phát hành nào của {what} để đối chiếu khóa: công bố"
            f" {reference.dataset} trước",
            f"There is no release of {what} for the keys to refer to: publish"
            f" {reference.dataset} first",
        )
    column, to = identifier(reference.column), identifier(reference.to)
    unknown = (
        f"from {PARQUET_VIEW} where {column} is not null"
        f" and not list_contains({literals(reference.left_out)}::varchar[], {column}::varchar)"
        # `not in` a list that holds a NULL is true of nothing, and every key would pass.
        f" and {column} not in (select {to} from {parquet_relation(file)} where {to} is not null)"
    )
    connection = evidence.data.connection
    row = connection.execute(f"select count(*), count(distinct {column}) {unknown}").fetchone()
    rows, keys = row or (0, 0)
    if not rows:
        return passed(
            f"Mọi khóa có trong {reference.dataset} {version}",
            f"Every key is in {reference.dataset} {version}",
            version,
        )
    key = [item.name for item in evidence.contract.table.key if item.name != reference.column]
    names = [reference.column, *key]
    found = connection.execute(
        f"select {', '.join(identifier(name) for name in names)} {unknown}"
        f" order by all limit {SAMPLE}"
    ).fetchall()
    sample: tuple[dict[str, Any], ...] = tuple(
        dict(zip(names, item, strict=True)) for item in found
    )
    return failed(
        f"{keys} khóa ở {rows} dòng không có trong {reference.dataset} {version}",
        f"{keys} key(s) in {rows} row(s) are not in {reference.dataset} {version}",
        observed=str(keys),
        failing_rows=rows,
        sample=sample,
    )
