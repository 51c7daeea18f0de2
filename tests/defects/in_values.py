"""Defects of values that the model built and only the published contract can judge."""

from typing import Any

from tests.defects.candidates import rules_of, withheld


def _without_rules(*names: str) -> Any:
    def change(data: dict[str, Any]) -> None:
        data["schema"][0]["quality"] = [
            rule for rule in rules_of(data) if rule["name"] not in names
        ]

    return change


withheld(
    "a-published-code-loses-its-zeros",
    "keys",
    "pattern",
    "Mã đơn vị mất các số 0 đứng đầu ngay trong bảng",
    "A unit's code lost its leading zeros in the table itself",
    lambda street: street.replaced("'7' as unit_code"),
)
withheld(
    "a-published-text-is-too-long",
    "text",
    "length",
    "Ghi chú dài hơn giới hạn của hợp đồng",
    "A note is longer than the contract allows",
    lambda street: (
        street.contract(
            lambda data: data["schema"][0]["properties"][8].update(
                logicalTypeOptions={"maxLength": 40}
            )
        ),
        street.replaced("repeat('x', 41) as note"),
    ),
)
withheld(
    "a-published-code-is-not-in-its-list",
    "keys",
    "values",
    "Kênh tiếp nhận không có trong danh mục",
    "A channel that is not in the code list",
    lambda street: street.replaced("'pigeon' as channel"),
)
withheld(
    "a-published-key-repeats",
    "keys",
    "unique_key",
    "Một đơn vị có hai dòng trong cùng một tháng",
    "A unit has two rows in one month",
    lambda street: street.rows(
        "select * from rows union all select * replace ('post' as channel) from rows"
        " where unit_code = '00007'"
    ),
)
withheld(
    "a-required-value-is-missing",
    "joins",
    "not_null",
    "Thời điểm ghi nhận trống ở một dòng",
    "One row has no time of observation",
    lambda street: street.replaced("null as seen_at"),
)
withheld(
    "a-score-above-its-maximum",
    "numbers",
    "range",
    "Điểm 100,5 trên thang 100",
    "A score of 100.5 out of 100",
    lambda street: street.replaced("100.5 as score"),
)
withheld(
    "a-join-that-finds-nothing",
    "joins",
    "rule.row_count",
    "Phép nối hỏng, tập dữ liệu rỗng; hợp đồng nói rõ phải có dòng",
    "A broken join leaves the dataset empty; the contract says how many rows there must be",
    lambda street: (
        street.contract(_without_rules("visible_share")),
        street.rows("select * from rows where false"),
    ),
)
withheld(
    "an-empty-dataset-without-a-rule-about-it",
    "joins",
    "row_count",
    "Tập dữ liệu rỗng và hợp đồng không nói gì về số dòng",
    "The dataset is empty, and the contract says nothing about its rows",
    lambda street: (
        street.contract(_without_rules("visible_share", "not_empty")),
        street.rows("select * from rows where false"),
    ),
)
withheld(
    "more-late-than-received",
    "numbers",
    "rule.late_within_received",
    "Số hồ sơ trễ hạn lớn hơn số tiếp nhận",
    "More dossiers are late than were received",
    lambda street: street.replaced("received + 1 as late"),
)
