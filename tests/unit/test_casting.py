"""Text to value: what a contract declares is what a cell means, and nothing is guessed."""

import datetime
import unicodedata
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import Column, EnumEntry, Text
from pipelines.duck import connect
from pipelines.ingest.casting import clean, is_suspect, needs_look, rules_of, value_of


def column(type_: str = "VARCHAR", **changes: Any) -> Column:
    facts: dict[str, Any] = {
        "name": "c",
        "header": "C",
        "title": Text("", ""),
        "description": Text("", ""),
        "logical_type": "string",
        "type": type_,
        "required": False,
        "key_position": None,
        "classification": "public",
        "options": {},
        "enum": (),
        "properties": {},
        "rules": (),
    }
    return Column(**{**facts, **changes})


def judge(text: str | None, declared: Column, *, repair: bool = True) -> tuple[Any, str | None]:
    """The typed value and the broken rule of one cell."""
    arms = " ".join(
        f"when {test} then '{rule}'" for rule, test in rules_of(declared, "x", "v", repair=repair)
    )
    row = duckdb.execute(
        f"""
        with a as (
            select x, {value_of(declared, "x", repair=repair)} as v from (select ?::varchar as x)
        )
        select v, case {arms or "when false then null"} end from a
        """,
        [text],
    ).fetchone()
    assert row is not None
    return row[0], row[1]


@pytest.mark.parametrize(
    ("style", "text", "value"),
    [
        ("vi", "1.234.567,89", Decimal("1234567.89")),
        ("vi", "8.184", Decimal("8184.00")),
        ("plain", "8.18", Decimal("8.18")),
        ("en", "12,324,415,367", Decimal("12324415367.00")),
        ("vi", "-1.000", Decimal("-1000.00")),
        ("plain", "1000", Decimal("1000.00")),
    ],
)
def test_a_number_is_read_in_the_declared_style(style: str, text: str, value: Decimal) -> None:
    assert judge(text, column("DECIMAL(20,2)", properties={"numberStyle": style})) == (value, None)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("vi", "1,234,567.89"),  # the other style
        ("en", "1.234.567,89"),
        ("vi", "1.23.456"),  # groups that are not thousands
        ("plain", "8.184"),  # three decimals do not fit two: never rounded
        ("plain", "1e5"),
        ("plain", "12 đồng"),
        ("plain", "n/a"),
    ],
)
def test_a_number_in_another_style_is_refused_not_repaired(style: str, text: str) -> None:
    value, rule = judge(text, column("DECIMAL(20,2)", properties={"numberStyle": style}))
    assert (value, rule) == (None, "type")


def test_a_fraction_is_not_rounded_to_a_whole_number() -> None:
    assert judge("12.7", column("INTEGER")) == (None, "type")


@pytest.mark.parametrize("text", ["31/02/2025", "2025-02-28", "32/01/2025", "hôm qua"])
def test_a_date_that_does_not_exist_or_has_another_form_is_refused(text: str) -> None:
    declared = column("DATE", properties={"dateFormat": "%d/%m/%Y"})
    assert judge(text, declared) == (None, "type")


def test_an_ambiguous_date_follows_the_declaration() -> None:
    declared = column("DATE", properties={"dateFormat": "%d/%m/%Y"})
    assert judge("01/02/2024", declared) == (datetime.date(2024, 2, 1), None)


def test_no_value_blank_and_zero_stay_three_things() -> None:
    declared = column("INTEGER", properties={"nullValues": ["Không có"]})
    assert judge("Không có", declared) == (None, None)
    assert judge("", declared) == (None, None)
    assert judge("0", declared) == (0, None)


def test_rules_name_what_is_wrong() -> None:
    codes = (EnumEntry("1"), EnumEntry("2"))
    assert judge(None, column(required=True)) == (None, "required")
    assert judge("3", column(enum=codes))[1] == "enum"
    assert judge("3", column("INTEGER", enum=codes))[1] == "enum"
    assert judge("1.00128", column(options={"pattern": r"^[123]\.\d{6}$"}))[1] == "pattern"
    assert judge("64", column("INTEGER", options={"maximum": 63}))[1] == "range"
    assert judge("abc", column(options={"maxLength": 2}))[1] == "length"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (unicodedata.normalize("NFD", "Phường Trần Phú"), "Phường Trần Phú"),
        ("Ðức Thọ", "Đức Thọ"),  # U+00D0 looks like Đ and is not
        ("Phường  An\u00a0Nhơn ", "Phường An Nhơn"),
        ("dòng\nkép", "dòng kép"),
        ("   ", None),
        ("00004", "00004"),
    ],
)
def test_text_is_cleaned_without_changing_what_it_says(raw: str, expected: str | None) -> None:
    assert duckdb.execute(f"select {clean('x')} from (select ?::varchar x)", [raw]).fetchone() == (
        expected,
    )


def test_line_breaks_stay_where_the_contract_says_they_separate_values() -> None:
    declared = column(properties={"lineBreaks": "keep"})
    value, _ = judge("\n Sở Tư pháp  \n\u00a0Ủy ban  nhân dân \n", declared)
    assert value == "Sở Tư pháp\nỦy ban nhân dân"
    assert judge("Sở Tư pháp\nỦy ban", column())[0] == "Sở Tư pháp Ủy ban"


def vietnamese(value: Decimal) -> str:
    """1234567.89 as people in Viet Nam write it."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


@settings(max_examples=200, deadline=None)
@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2, allow_nan=False))
def test_every_amount_survives_being_written_the_vietnamese_way(value: Decimal) -> None:
    declared = column("DECIMAL(20,2)", properties={"numberStyle": "vi"})
    assert judge(vietnamese(value), declared) == (value, None)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_cleaning_is_stable_and_always_composed(text: str) -> None:
    once, twice = duckdb.execute(
        f"select a, {clean('a')} from (select {clean('x')} a from (select ?::varchar x))",
        [text.replace("\0", "")],
    ).fetchone() or (None, None)
    assert once == twice
    assert once is None or unicodedata.is_normalized("NFC", once)


def test_a_time_with_its_zone_is_shown_by_the_clock_of_the_province() -> None:
    read = value_of(column("TIMESTAMP", properties={"dateFormat": "%Y-%m-%dT%H:%M:%S%z"}), "x")
    with connect() as connection:
        found = connection.execute(
            f"select {read} from (values ('2026-10-31T08:00:00+07:00'),"
            " ('2026-10-31T01:00:00+00:00')) as t (x)"
        ).fetchall()
    assert found == [(datetime.datetime(2026, 10, 31, 8),)] * 2


CELLS = st.lists(
    st.none() | st.text(alphabet="ab |Ðđếe\u0302\u0301\u00a0\t\n\u202f", max_size=6),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300, deadline=None)
@given(CELLS)
def test_a_row_that_is_not_suspect_has_no_cell_to_repair(cells: list[str | None]) -> None:
    columns = [column(name=f"c{number}") for number in range(len(cells))]
    repaired = " or ".join(f"{clean(item.name)} is distinct from {item.name}" for item in columns)
    given = ", ".join(f"?::varchar as {item.name}" for item in columns)
    found = duckdb.execute(
        f"select {is_suspect(columns)}, {repaired} from (select {given})", cells
    ).fetchone()
    assert found is not None
    assert found[0] or not found[1]


DECLARED = [
    column(),
    column(required=True),
    column(properties={"nullValues": ["-", "a"], "lineBreaks": "keep"}),
    column(enum=tuple(EnumEntry(value, Text("", "")) for value in ("1", "Cấp xã"))),
    column(enum=(EnumEntry(" 1", Text("", "")),)),
    column(options={"pattern": "[0-9]{1,2}(\\.[0-9]+)?"}, required=True),
    column(options={"pattern": "([0-9]{2})?"}),
    column(options={"pattern": ".*1"}),
    column(options={"pattern": "[^2]+"}),
    column(options={"minLength": 2, "maxLength": 3}),
    column("DATE", properties={"dateFormat": "%d/%m/%Y"}, required=True),
    column("TIMESTAMP", properties={"dateFormat": "%Y%m%d%H%M%S"}),
    column("DATE", properties={"dateFormat": ["excel", "%d/%m/%Y"]}, options={"maxLength": 10}),
    column("BOOLEAN", required=True),
    column("DECIMAL(20,2)", properties={"numberStyle": "vi", "dashes": "null"}),
    column("BIGINT", options={"minimum": 2}, properties={"nullValues": ["1"], "dashes": "zero"}),
    column(properties={"unitStyle": "currency"}, required=True),
    column(properties={"periodStyle": "vi"}),
]
TEXTS = st.one_of(
    st.none(),
    st.sampled_from(
        ("", " ", "-", "a", "1", " 1", "1 ", "12", "12.5", "2", "0", "0x1", "1\n2", "Ð")
    ),
    st.sampled_from(
        ("Cấp xã", "Cấp  xã", "Ca\u0302\u0301p xã", "\u00a0", "triệu đồng", "Tr đồng ")
    ),
    st.sampled_from(("01/02/2025", " 01/02/2025", "01/02/2025 ", "20250102030405", "45000")),
    st.sampled_from(("1.234,5", "1.234,56", "true", "Quý I/2025")),
    st.text(alphabet="012.,- /a\u00a0e\u0301\n", max_size=5),
)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(DECLARED), TEXTS)
def test_a_text_that_stands_as_it_is_means_the_same_when_looked_at_closely(
    declared: Column, text: str | None
) -> None:
    stands = judge(text, declared, repair=False)
    row = duckdb.execute(f"select {is_suspect([declared])} from (select ?::varchar as c)", [text])
    if stands[1] is None and row.fetchone() == (False,):
        assert judge(text, declared) == stands


def test_codes_and_numbers_need_no_look_but_free_text_does() -> None:
    assert not needs_look(column(options={"pattern": r"^[123]\.[0-9]{6}(\.[GH][0-9]{2})?$"}))
    assert not needs_look(column("TIMESTAMP"))
    assert needs_look(column())
    assert needs_look(column(options={"pattern": "[^0-9]+"}))
