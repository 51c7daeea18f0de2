"""Defects of contracts, which `khomo lint` refuses before anything runs."""

from typing import Any

from tests.defects.contracts import on_contract


def _column(contract: dict[str, Any], name: str) -> dict[str, Any]:
    columns: list[dict[str, Any]] = contract["schema"][0]["properties"]
    (found,) = (column for column in columns if column["name"] == name)
    return found


def _drop(contract: dict[str, Any], name: str) -> None:
    contract["customProperties"] = [
        item for item in contract["customProperties"] if item["property"] != name
    ]


on_contract(
    "a-personal-column-in-a-published-contract",
    "privacy",
    "Nguồn xếp một cột là dữ liệu cá nhân, hợp đồng công bố vẫn liệt kê cột ấy",
    "The source calls a column personal, the published contract lists it",
    "is classified personal in procedures.procedures",
    lambda source, _published: _column(source, "procedure_name").update(classification="personal"),
)
on_contract(
    "a-published-column-is-called-personal",
    "privacy",
    "Chính hợp đồng công bố xếp một cột là dữ liệu cá nhân",
    "The published contract itself calls a column personal",
    "it can never be published",
    lambda _source, published: _column(published, "procedure_name").update(
        classification="personal"
    ),
)
on_contract(
    "a-key-leads-to-a-dataset-that-is-not-there",
    "keys",
    "Một cột khóa tham chiếu tới tập dữ liệu không tồn tại",
    "A key refers to a dataset that does not exist",
    "which is no other published dataset",
    lambda _source, published: _column(published, "procedure_code").update(
        relationships=[{"to": "../registers/contract.yaml#schema/registers/properties/code"}]
    ),
)
on_contract(
    "a-contract-without-a-contact",
    "metadata",
    "Hợp đồng không nêu nơi liên hệ",
    "The contract names no contact",
    "the contact is missing",
    lambda _source, published: published.pop("support"),
)
on_contract(
    "a-contract-without-a-cadence",
    "metadata",
    "Hợp đồng không nói khi nào cập nhật",
    "The contract does not say when it is updated",
    "the cadence is missing",
    lambda _source, published: published.update(slaProperties=[]),
)
on_contract(
    "a-contract-names-a-source-that-is-not-there",
    "metadata",
    "Hợp đồng nêu một nguồn không tồn tại",
    "The contract names a source that does not exist",
    "source 'portal' does not exist",
    lambda _source, published: [
        item.update(value=[*item["value"], "portal"])
        for item in published["customProperties"]
        if item["property"] == "sources"
    ],
)
on_contract(
    "a-word-of-the-standard-is-misspelt",
    "metadata",
    "Gõ sai một từ của chuẩn ODCS nên cả mục bị bỏ qua",
    "A word of the standard is misspelt, so that a whole section would be ignored",
    "suport",
    lambda _source, published: published.update(suport=published.pop("support")),
)
on_contract(
    "a-source-without-an-origin",
    "metadata",
    "Nguồn không ghi dữ liệu từ đâu đến",
    "A source does not say where its data comes from",
    "where the data comes from is missing",
    lambda source, _published: _drop(source, "sources"),
)
on_contract(
    "a-contract-without-a-key",
    "keys",
    "Bảng công bố không có khoá chính",
    "A published table has no primary key",
    "no primary key",
    lambda _source, published: [
        column.update(primaryKey=False) for column in published["schema"][0]["properties"]
    ],
)
on_contract(
    "an-unknown-number-style",
    "numbers",
    "Cột khai báo một kiểu viết số không có",
    "A column declares a style of numbers that does not exist",
    "numberStyle 'german'",
    lambda source, _published: _column(source, "field")["customProperties"].append(
        {"property": "numberStyle", "value": "german"}
    ),
)
