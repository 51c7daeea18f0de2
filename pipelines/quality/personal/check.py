"""The required check `no_personal_values`: nothing in a candidate's values identifies a person."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pipelines.publish.candidate import DESCRIPTOR
from pipelines.quality.outcome import SAMPLE, Evidence, Outcome, failed, passed
from pipelines.quality.personal.patterns import DETECTORS
from pipelines.quality.personal.scan import Finding, sample_rows, scan_relation
from pipelines.quality.readback import CSV_VIEW


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with where it stands."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{place}[{index}]")
    elif isinstance(value, str):
        yield place, value


def _counts(findings: list[Finding], language: str) -> str:
    counted: Counter[str] = Counter()
    for finding in findings:
        counted[finding.kind] += finding.rows
    return ", ".join(
        f"{getattr(detector.title, language)}: {counted[detector.kind]}"
        for detector in DETECTORS
        if counted[detector.kind]
    )


def no_personal_values(evidence: Evidence) -> Outcome:
    """No value of the CSV and no text of the descriptor looks like a citizen id, a phone number, …

    The sample names column, kind and row, never the value.
    """
    connection = evidence.data.connection
    types = dict(evidence.data.parquet_columns())
    columns = {name: types.get(name) for name in evidence.data.csv_columns()}
    texts = ((f"{DESCRIPTOR}: {place}", text) for place, text in _texts(evidence.descriptor))
    everything = scan_relation(connection, CSV_VIEW, columns, texts)
    if not everything:
        return passed("Không giá trị nào nhận diện cá nhân", "No value identifies a person", "0")
    findings = [item for item in everything if item.place in columns]
    key = [column.name for column in evidence.contract.table.key if column.name in columns]
    sample = sample_rows(connection, CSV_VIEW, key, findings, SAMPLE)
    sample += [
        {"place": item.place, "kind": item.kind, "shape": item.shape}
        for item in everything
        if item.place not in columns
    ]
    return failed(
        f"Có giá trị nhận diện cá nhân ({_counts(everything, 'vi')}):"
        " bỏ cột, hoặc làm sạch ở mô hình",
        f"Values identify people ({_counts(everything, 'en')}):"
        " leave the column out, or clean it in the model",
        observed=str(sum(item.rows for item in everything)),
        failing_rows=sum(item.rows for item in findings) or None,
        sample=tuple(sample),
    )
