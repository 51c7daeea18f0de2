"""A header that differs is told apart: renamed, added, dropped or reordered."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts import Table
from pipelines.contracts.arrival import problems
from pipelines.contracts.load import load_sources
from pipelines.ingest.readers import HeaderError
from pipelines.ingest.readers.header import match
from tests.conftest import write_contract


def table(tmp_path: Path, arrival: Any = None) -> Table:
    path = write_contract(tmp_path / "sources", "things")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if arrival is not None:
        data["customProperties"].append({"property": "arrival", "value": arrival})
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return load_sources(path.parent.parent)["things"].tables[0]


def refusal(found: Table, headings: list[str], sample: Any = ()) -> HeaderError:
    with pytest.raises(HeaderError) as caught:
        match(headings, found, "file a.csv", sample)
    return caught.value


def test_a_new_name_for_a_column_is_proposed(tmp_path: Path) -> None:
    error = refusal(table(tmp_path), ["Mã", "Số tiền (đồng)"])
    assert error.findings == (("renamed_column", "Số tiền → Số tiền (đồng)"),)


def test_values_decide_where_two_new_headings_look_alike(tmp_path: Path) -> None:
    rows = [["00001", "nhiều", "1.234,5"], ["00002", "ít", "7"]]
    error = refusal(table(tmp_path), ["Mã", "Số tiền chữ", "Số tiền (đ)"], rows)
    assert error.findings == (
        ("renamed_column", "Số tiền → Số tiền (đ)"),
        ("added_column", "Số tiền chữ"),
    )


def test_values_of_another_kind_are_no_renamed_column(tmp_path: Path) -> None:
    error = refusal(table(tmp_path), ["Mã", "Số tiến"], [["00001", "bước một"]])
    assert [finding for finding, _ in error.findings] == ["dropped_column", "added_column"]


def test_an_added_column_that_is_let_pass_is_left_out_and_named(tmp_path: Path) -> None:
    found = match(["Mã", "Ghi chú", "Số tiền"], table(tmp_path, {"added_column": "warn"}), "a.csv")
    assert found.notices == ("added_column: Ghi chú",)
    assert found.named() == ["code", "_left_out_1", "amount"]
    assert found.select() == '"code", "amount"'


def test_a_dropped_optional_column_reads_as_null_and_a_required_one_never_passes(
    tmp_path: Path,
) -> None:
    lenient = table(tmp_path, {"dropped_column": "accept"})
    found = match(["Mã"], lenient, "a.csv")
    assert found.notices == ("dropped_column: Số tiền",)
    assert found.select() == '"code", null::varchar as "amount"'
    assert refusal(lenient, ["Số tiền"]).findings == (("dropped_column", "Mã"),)


def test_another_order_is_a_notice_by_default_and_refused_on_demand(tmp_path: Path) -> None:
    found = match(["Số tiền", "Mã"], table(tmp_path), "a.csv")
    assert found.notices == ("reordered_columns: Số tiền | Mã",)
    strict = table(tmp_path, {"reordered_columns": "block"})
    assert refusal(strict, ["Số tiền", "Mã"]).findings[0][0] == "reordered_columns"


def test_a_table_overrules_the_policy_of_its_contract(tmp_path: Path) -> None:
    path = write_contract(tmp_path / "sources", "things")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["customProperties"].append({"property": "arrival", "value": {"added_column": "accept"}})
    data["schema"][0]["customProperties"].append(
        {"property": "arrival", "value": {"added_column": "block"}}
    )
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    [found] = load_sources(path.parent.parent)["things"].tables
    refusal(found, ["Mã", "Số tiền", "Ghi chú"])


@pytest.mark.parametrize(
    ("arrival", "complaint"),
    [
        ("block", "must be a mapping"),
        ({"row_cuont": "warn"}, "row_cuont is not one of"),
        ({"row_count": "stop"}, "'stop' is not one of block, warn, accept"),
        ({"row_count": {"band": "wide"}}, "band is a number"),
        ({"row_count": {"bnad": 1}}, "bnad is not one of action, band, minimum"),
        ({"missing_period": {"action": "warn"}}, "says no column"),
        ({"missing_period": {"column": "month"}}, "'month' is not a landed column"),
        (
            {"repeated_values": {"column": "code", "measures": ["amount"], "period": "week"}},
            "period 'week' is not one of",
        ),
        (
            {"repeated_values": {"column": "code", "measures": ["amount"]}},
            "holds neither days nor years",
        ),
        ({"acknowledged": {"finding": "size"}}, "is a list of"),
        (
            {"acknowledged": [{"finding": "added_column", "sha256": "a" * 64}]},
            "finding 'added_column' is not one of",
        ),
        ({"acknowledged": [{"finding": "size", "sha256": "abc"}]}, "64 hexadecimal digits"),
        ({"acknowledged": [{"finding": "size", "sha256": "a" * 64}]}, "reason is missing"),
    ],
)
def test_lint_names_what_is_wrong_with_an_arrival_property(
    tmp_path: Path, arrival: Any, complaint: str
) -> None:
    table(tmp_path, arrival)
    [*found] = problems(load_sources(tmp_path / "sources")["things"])
    assert complaint in "; ".join(found)


def test_a_right_arrival_property_passes_the_lint(tmp_path: Path) -> None:
    table(
        tmp_path,
        {
            "missing_file": "block",
            "row_count": {"action": "warn", "band": 0.3},
            "added_column": "accept",
            "acknowledged": [
                {"finding": "size", "sha256": "a" * 64, "reason": "sáp nhập", "role": "Sở TT"}
            ],
        },
    )
    assert list(problems(load_sources(tmp_path / "sources")["things"])) == []


def test_a_first_row_of_data_is_not_quoted(tmp_path: Path) -> None:
    error = refusal(table(tmp_path), ["Nguyễn Văn An", "0912345678"])
    assert "Perhaps the header row is missing" in str(error)
    assert "Nguyễn" not in f"{error}{error.findings}"
