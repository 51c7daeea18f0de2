"""Defects of what stands beside the data: contract, descriptor, licence, sources, accounts."""

from typing import Any

from pipelines.publish import candidate as candidates
from pipelines.publish import export
from tests.defects.candidates import Street, licensed, withheld, without

withheld(
    "an-english-title-is-missing",
    "metadata",
    "metadata_complete",
    "Hợp đồng không có tiêu đề tiếng Anh",
    "The contract has no English title",
    lambda street: street.contract(without("titleEn")),
)
withheld(
    "a-column-is-not-described",
    "metadata",
    "metadata_complete",
    "Một cột không có mô tả",
    "A column has no description",
    lambda street: street.contract(
        lambda data: data["schema"][0]["properties"][3].update(description="")
    ),
)
withheld(
    "nobody-owns-the-dataset",
    "metadata",
    "metadata_complete",
    "Hợp đồng không nêu cơ quan chủ quản",
    "The contract names no owner",
    lambda street: street.contract(lambda data: data.update(team={"name": ""})),
)


def _descriptor(street: Street, change: Any) -> None:
    """A faulty writer of metadata: the contract is right, the descriptor is not."""
    right = candidates.describe

    def faulty(*given: Any, **named: Any) -> Any:
        described = right(*given, **named)
        change(described)
        return described

    street.patch.setattr(candidates, "describe", faulty)


withheld(
    "a-descriptor-loses-the-contact",
    "metadata",
    "metadata_complete",
    "Mô tả kèm theo không ghi nơi liên hệ dù hợp đồng có",
    "The descriptor names no contact although the contract does",
    lambda street: _descriptor(street, lambda described: described["khomo"].pop("contact")),
)
withheld(
    "synthetic-input-published-as-real",
    "metadata",
    "synthetic_marked",
    "Nguồn là dữ liệu mô phỏng, hợp đồng không nói",
    "The source is synthetic, the contract does not say so",
    lambda street: street.contract(without("synthetic")),
)
withheld(
    "a-file-loses-its-synthetic-mark",
    "metadata",
    "synthetic_marked",
    "Tệp Parquet không còn dòng ghi chú «dữ liệu mô phỏng»",
    "The Parquet file lost its notice of synthetic data",
    lambda street: street.patch.setattr(
        export, "_metadata", lambda _contract, _synthetic: {"dataset": "x"}
    ),
)
withheld(
    "a-source-forbids-reuse",
    "metadata",
    "licence_compatible",
    "Nguồn chỉ cho dùng phi thương mại (CC BY-NC-SA), tập dữ liệu ghi CC BY",
    "The source forbids commercial use (CC BY-NC-SA), the dataset says CC BY",
    lambda street: street.source(licensed("CC-BY-NC-SA-4.0")),
)
withheld(
    "a-source-has-no-licence",
    "metadata",
    "licence_compatible",
    "Nguồn không ghi giấy phép",
    "The source states no licence",
    lambda street: street.source(licensed("")),
)


def _hidden_source(street: Street) -> None:
    street.source(lambda _data: None, name="tiles")
    street.lineage = ("desk", "tiles")


withheld(
    "a-source-is-not-named",
    "metadata",
    "sources_declared",
    "Mô hình đọc thêm một nguồn mà hợp đồng không nêu",
    "The model also reads a source that the contract does not name",
    _hidden_source,
)
withheld(
    "rows-vanish-on-landing",
    "landing",
    "sources_accounted",
    "Nhận 60 dòng, tính được 59: một dòng biến mất",
    "60 rows were pulled, 59 are accounted for: one vanished",
    lambda street: street.world.land(pulled=60, accepted=57, quarantined=2),
)
