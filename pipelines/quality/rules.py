"""The rules every published dataset must keep, whatever its contract says.

The list only; the rules are in `integrity`, `metadata`, `personal`, `revision` and `drift`. Column
rules are expectations, disclosure rules are in `disclosure`, rules between models are dbt tests.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipelines.contracts import PublishedContract, Text
from pipelines.contracts.drift import policy_of
from pipelines.contracts.vocabulary import Dimension, Severity
from pipelines.quality.drift import (
    drift_categories,
    drift_distribution,
    drift_nulls,
    drift_rows,
)
from pipelines.quality.integrity import (
    column_types,
    readback_csv,
    readback_parquet,
    sources_accounted,
)
from pipelines.quality.metadata import (
    licence_compatible,
    metadata_complete,
    no_personal_columns,
    sources_declared,
    synthetic_marked,
)
from pipelines.quality.outcome import Evidence, Outcome
from pipelines.quality.personal.check import no_personal_values
from pipelines.quality.revision import revision_policy

REVISION_POLICY = "revision_policy"
"""The check that frozen periods are those of the last release."""

SQL = "sql"
KHOMO = "khomo"


@dataclass(frozen=True)
class BuiltIn:
    """A rule of this module as a check. What the engine `khomo` asks can never be waived."""

    function: Callable[[Evidence], Outcome]
    dimension: Dimension
    description: Text
    engine: str = KHOMO
    severity: Callable[[PublishedContract], Severity] = lambda _contract: Severity.BLOCKER
    may_abstain: bool = False


def _drift(kind: str, function: Callable[[Evidence], Outcome], vi: str, en: str) -> BuiltIn:
    """What compares with earlier releases: SQL, weighed by the contract, silent without them."""
    return BuiltIn(
        function,
        Dimension.CONSISTENCY,
        Text(vi, en),
        SQL,
        lambda contract: policy_of(contract, kind).severity,
        may_abstain=True,
    )


BUILT_IN: Mapping[str, BuiltIn] = {
    "column_types": BuiltIn(
        column_types,
        Dimension.VALIDITY,
        Text("Kiểu cột đúng hợp đồng", "Column types are the contract's"),
    ),
    "readback_csv": BuiltIn(
        readback_csv,
        Dimension.CONSISTENCY,
        Text("CSV nói đúng điều đã kiểm thử", "The CSV says what was tested"),
    ),
    "readback_parquet": BuiltIn(
        readback_parquet,
        Dimension.CONSISTENCY,
        Text("Parquet nói đúng điều đã kiểm thử", "The Parquet says what was tested"),
    ),
    "metadata_complete": BuiltIn(
        metadata_complete,
        Dimension.COMPLETENESS,
        Text("Siêu dữ liệu đầy đủ hai ngôn ngữ", "Metadata is complete in both languages"),
    ),
    "synthetic_marked": BuiltIn(
        synthetic_marked,
        Dimension.ACCURACY,
        Text("Dữ liệu mô phỏng được ghi rõ", "Synthetic data says that it is"),
    ),
    "no_personal_columns": BuiltIn(
        no_personal_columns,
        Dimension.VALIDITY,
        Text("Không công bố cột nhận diện cá nhân", "No column identifies a person"),
    ),
    "no_personal_values": BuiltIn(
        no_personal_values,
        Dimension.VALIDITY,
        Text(
            "Không giá trị nào nhận diện cá nhân, kể cả trong văn bản tự do",
            "No value identifies a person, free text included",
        ),
    ),
    "licence_compatible": BuiltIn(
        licence_compatible,
        Dimension.VALIDITY,
        Text("Giấy phép tương thích với nguồn", "The licence is compatible with the sources"),
    ),
    "sources_declared": BuiltIn(
        sources_declared,
        Dimension.COMPLETENESS,
        Text("Hợp đồng nêu mọi nguồn", "The contract names every source"),
    ),
    REVISION_POLICY: BuiltIn(
        revision_policy,
        Dimension.CONSISTENCY,
        Text("Kỳ đã chốt được giữ nguyên", "Frozen periods stay as they were published"),
    ),
    "drift_rows": _drift(
        "rows",
        drift_rows,
        "Số dòng trong khoảng thường thấy của các bản trước",
        "As many rows as the releases before let expect",
    ),
    "drift_categories": _drift(
        "categories",
        drift_categories,
        "Không nhiều giá trị mới hoặc mất đi hơn các bản trước",
        "No more values are new or gone than in the releases before",
    ),
    "drift_nulls": _drift(
        "nulls",
        drift_nulls,
        "Tỷ lệ ô trống như các bản trước",
        "Values are missing as often as in the releases before",
    ),
    "drift_distribution": _drift(
        "distribution",
        drift_distribution,
        "Phân bố số liệu như các bản trước",
        "Numbers are distributed as in the releases before",
    ),
    "sources_accounted": BuiltIn(
        sources_accounted,
        Dimension.COMPLETENESS,
        Text("Mọi dòng nhận về đều được tính đủ", "Every row pulled is accounted for"),
    ),
}
"""Rules of every dataset, by check name."""

COMPARING = frozenset({REVISION_POLICY, *(name for name in BUILT_IN if name.startswith("drift_"))})
"""Checks that compare with the last release, and so hold only as long as that is the last."""
