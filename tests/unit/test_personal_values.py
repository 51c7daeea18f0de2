"""Personal values are found wherever they stand; what only looks like one passes."""

import re
from collections.abc import Iterator

import duckdb
import pytest

from pipelines.contracts import load_sources
from pipelines.quality.personal.measured import measured, parse
from pipelines.quality.personal.patterns import DETECTORS
from pipelines.quality.personal.scan import sample_rows, scan_relation, scan_texts
from pipelines.quality.personal.written import scan_written
from pipelines.quality.readback import csv_header, csv_relation
from pipelines.settings import PROJECT_ROOT, SOURCES, Home
from tests.unit.personal_measure import measure

PAGE = PROJECT_ROOT / "docs" / "how-to" / "disclosure-control.md"


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def kinds(connection: duckdb.DuckDBPyConnection, text: str) -> set[str]:
    return {finding.kind for finding in scan_texts(connection, [("here", text)])}


def test_recall_and_precision_are_what_report_and_page_say(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """On values that were never looked at while the detectors were written."""
    document, wrong = measure(connection)
    figures = parse(document)

    assert figures == measured(), "python -m tests.unit.personal_measure --write"
    assert figures.values >= 2000
    assert figures.recall >= 0.99, wrong[:10]
    assert figures.precision >= 0.95, wrong[:10]
    for kind in figures.personal:
        assert kind.found / kind.values >= 0.99, kind
    said = re.search(
        r"\*\*([\d.]+)\*\* of ([\d,]+) values.*?\*\*([\d.]+)\*\*.*?of ([\d,]+) look-alikes",
        PAGE.read_text(encoding="utf-8"),
        re.S,
    )
    assert said is not None
    assert said.groups() == (
        f"{figures.recall:.4f}",
        f"{figures.values:,}",
        f"{figures.precision:.4f}",
        f"{figures.alikes:,}",
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0912345678 0987654321", "phone"),
        ("số định danh:042090123456,ngày 1/7", "citizen_id"),
        ("CCCD 042\u200b090\u200b123456", "citizen_id"),
        ("０９１２３４５６７８", "phone"),
        ("0912\u00a0345\u00a0678", "phone"),
        ("0912–345–678", "phone"),
        ("84912345678", "phone"),
        ("hs_0912345678.pdf", "phone"),
        ("ten.toi [at] hop-thu.vn", "email"),
        ("CMND số: 183.456.789", "named_id"),
        ("29a-123.45", "plate"),
        ("80-123-NG-45", "plate"),
        ("000.17.22.h56-210531-0001", "dossier_code"),
        ("H56.14 – 240823 – 0001", "dossier_code"),
        ("0100109106-001", "tax_code"),
        ("003.00.01.H27-240102-0001,,1.001695.000.00.00.H27,0000225925", "dossier_code"),
    ],
)
def test_it_is_found_however_it_is_written(
    connection: duckdb.DuckDBPyConnection, text: str, kind: str
) -> None:
    assert kind in kinds(connection, text)


@pytest.mark.parametrize(
    "text",
    [
        "1.004227",
        "1.004227.000.00.00.H28",
        "H27.101",
        "9.087.966.000.000 đồng",
        "9 087 966 000 000 đ",
        "150000000",
        "84598000000",
        "lasted 2720.291004000501 ms",
        "18.342912345, 105.905712345",
        "mẫu số 30A-2024",
        "097090123456",  # no province has the code 097
        "042590123456",  # nobody was born in the century of a 5
        "0100109107",  # the check digit is a 6
        "4111 1111 1111 1112",
        "H56.14-241323-0001",  # no month has the number 13
        "550e8400-e29b-41d4-a716-042090123456",
        "2026-10-31T15:30:00.0912345678",
        "1764300000.0912345678",
    ],
)
def test_a_look_alike_passes(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert kinds(connection, text) == set()


def test_nothing_in_the_bundled_sources_is_taken_for_personal(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Real codes, amounts, names and sentences of the state's documents, typed by the contract."""
    columns = 0
    for source in load_sources().values():
        types: dict[str, str | None] = {
            column.header: column.type for table in source.tables for column in table.columns
        }
        for path in sorted((SOURCES / source.name / "sample").glob("*.csv")):
            names = csv_header(path)
            found = scan_relation(
                connection, csv_relation(path, names), {name: types.get(name) for name in names}
            )
            columns += len(names)
            assert found == [], path
    assert columns > 100


def test_numbers_are_amounts_unless_they_are_cards(connection: duckdb.DuckDBPyConnection) -> None:
    relation = "(select 183456789 as amount, 4111111111111111 as card, '183456789' as text)"

    found = scan_relation(
        connection,
        f"{relation} t",
        {"amount": "BIGINT", "card": "DECIMAL(18,0)", "text": None},
    )

    assert [(item.place, item.kind) for item in found] == [
        ("card", "bank_card"),
        ("text", "old_citizen_id"),
    ]


def test_a_finding_names_the_row_and_never_the_value(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create or replace temp table people as select * from (values"
        " ('x1', 'gọi 0912 345 678'), ('x2', 'không'), ('042090123456', 'gọi 0912345678'))"
        " t(id, note)"
    )

    found = scan_relation(connection, "people", {"id": None, "note": None})
    rows = sample_rows(connection, "people", ["id"], found, 20)

    assert {(item.place, item.kind, item.rows) for item in found} == {
        ("id", "citizen_id", 1),
        ("note", "phone", 2),
    }
    assert {(row["column"], row["id"]) for row in rows} == {
        ("id", "•"),
        ("note", "•"),
        ("note", "x1"),
    }
    assert not re.search(r"0912|0420", repr(found) + repr(rows))


def test_reports_and_logs_are_searched_by_file(home: Home) -> None:
    (home.dbt / "logs").mkdir(parents=True)
    (home.dbt / "logs" / "dbt.log").write_text(
        "10:00:01 ok\n10:00:02 Could not convert string 'Gọi 0912 345 678' to INT32\n"
    )
    home.report.mkdir(exist_ok=True)
    (home.report / "index.html").write_text("<td>1.004227.000.00.00.H28</td>")

    found = scan_written(home)

    assert [(item.place, item.kind, item.rows) for item in found] == [
        ("dbt/logs/dbt.log", "phone", 1)
    ]
    (home.dbt / "logs" / "dbt.log").unlink()
    assert scan_written(home) == []


def test_every_kind_has_a_name_in_both_languages() -> None:
    assert len({detector.kind for detector in DETECTORS}) == len(DETECTORS)
    assert all(detector.title.vi != detector.title.en for detector in DETECTORS)
