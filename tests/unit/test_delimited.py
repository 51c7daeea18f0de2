"""CSV files in the dialects that offices send them in."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts.lint import lint_all
from pipelines.ingest import landing
from pipelines.ingest.readers import ReadError
from pipelines.settings import Home
from tests.unit.landed_source import LandedSource, column


@pytest.fixture
def source(tmp_path: Path, home: Home) -> LandedSource:
    return LandedSource(tmp_path / "sources", home)


COLUMNS = [
    column("code", "Mã"),
    column("amount", "Số tiền", "DECIMAL(12,2)", numberStyle="vi"),
    column("note", "Ghi chú"),
]


def land(source: LandedSource, text: str, **dialect: Any) -> landing.Landing:
    source.declare("csv", COLUMNS, csv=dialect)
    (source.samples / "a.csv").write_text(text, encoding="utf-8", newline="")
    return source.land()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_headings_tell_which_delimiter_a_file_has(source: LandedSource, delimiter: str) -> None:
    lines = [["Mã", "Số tiền", "Ghi chú"], ["00001", '"1.234,5"', '"a, b; c"']]
    land(source, "\n".join(delimiter.join(line) for line in lines), delimiter="detect")
    assert source.rows("code, amount::varchar, note") == [("00001", "1234.50", "a, b; c")]


def test_headings_that_no_delimiter_splits_refuse_the_file(source: LandedSource) -> None:
    with pytest.raises(ReadError, match=r"Declare `csv: \{delimiter: …\}`"):
        land(source, "Mã~Số tiền~Ghi chú\n1~2~3\n", delimiter="detect")
    assert landing.current(source.home, "things") is None


def test_another_quote_and_escape_are_read_as_declared(source: LandedSource) -> None:
    land(source, "Mã^Số tiền^Ghi chú\n1^2^'a ^ \\'b\\''\n", delimiter="^", quote="'", escape="\\")
    assert source.rows("note") == [("a ^ 'b'",)]


@pytest.mark.parametrize("delimiter", [",", "detect"])
def test_lines_above_the_header_are_left_out_and_rows_keep_their_numbers(
    source: LandedSource, delimiter: str
) -> None:
    text = 'UBND TỈNH,,\n"Biểu ""1"" năm 2025"\nMã,Số tiền,Ghi chú\n1,2,x\n2,3\n3,bốn,z\n'
    done = land(source, text, delimiter=delimiter, skipLines=2)
    assert (done.accepted, done.quarantined) == (1, 2)
    assert source.rows("_row, code") == [(4, "1")]
    assert source.rows("_row", "quarantine") == [(5,), (6,)]


@pytest.mark.parametrize(
    ("dialect", "said"),
    [
        ({"delimiter": ";;"}, "csv.delimiter ';;' is not one character"),
        ({"skipLines": "two"}, "csv.skipLines 'two' is no number of lines"),
        ({"separator": ";"}, "csv may only hold delimiter, encoding, escape, quote, skipLines"),
    ],
)
def test_lint_names_a_dialect_that_cannot_be(
    source: LandedSource, dialect: dict[str, Any], said: str
) -> None:
    source.declare("csv", COLUMNS, csv=dialect)
    _, problems = lint_all(source.path.parent.parent, source.path.parent / "none")
    assert any(said in problem for problem in problems), problems
