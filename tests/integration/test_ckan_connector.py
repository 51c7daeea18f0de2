"""Pulling from a CKAN portal: which resource is meant, its file, and the rows of its DataStore."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import ckan, load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.connectors import PullError
from pipelines.ingest.connectors.formats import formats_of
from pipelines.ledger import Ledger
from pipelines.settings import Home
from tests.integration.upstream import Answer, Asked, Upstream, as_json, serve, write_remote

BODY = "Mã,Số tiền\n00001,1\n00002,2\n".encode()
FILE = Answer(body=BODY)
HELP = "https://portal.example.vn/api/3/action/help_show"
Pull = Callable[..., raw.Pull]


@pytest.fixture
def portal() -> Iterator[Upstream]:
    with serve() as server:
        yield server


def resource(name: str, url: str, **more: Any) -> dict[str, Any]:
    """A resource as `package_show` words it."""
    return {
        "id": f"id-{name}",
        "name": name,
        "url": url,
        "format": "CSV",
        "hash": "",
        "mimetype": None,
        "state": "active",
        "last_modified": None,
        "url_type": None,
        **more,
    }


def show(portal: Upstream, *resources: dict[str, Any], modified: str = "2026-10-01") -> None:
    """What the portal answers to `package_show`."""
    result = {"name": "wages", "metadata_modified": modified, "resources": list(resources)}
    portal.on(
        "/api/action/package_show", as_json({"help": HELP, "success": True, "result": result})
    )


@pytest.fixture
def pull(tmp_path: Path, portal: Upstream, home: Home, ledger: Ledger) -> Pull:
    """Pull once; keyword arguments go into the table's `ckan` property."""

    def run(hosts: tuple[str, ...] = (), **asked: Any) -> raw.Pull:
        source = write_remote(
            tmp_path / "sources",
            portal.address,
            connector={"kind": "ckan", "hosts": list(hosts)},
            resource=None,
            table={"ckan": {"dataset": "wages", **asked}},
        )
        contract = load_sources(source.parent)["things"]
        assert list(ckan.problems(contract)) == []
        return raw.pull(contract, home, ledger)

    return run


def names(done: raw.Pull) -> list[str]:
    return [file.resource for file in done.files]


def test_the_only_resource_in_the_format_is_pulled_and_landed(
    pull: Pull, portal: Upstream, home: Home, ledger: Ledger, tmp_path: Path
) -> None:
    show(
        portal,
        resource("Lương", f"{portal.address}dl/luong.csv"),
        resource("Mô tả", f"{portal.address}dl/mota.pdf", format="PDF"),
    )
    portal.on("/dl/luong.csv", FILE)
    assert names(pull()) == ["wages"]
    assert portal.asked[0].query == {"id": "wages"}
    contract = load_sources(tmp_path / "sources")["things"]
    assert landing.land(contract, home, ledger).accepted == 2


def test_a_resource_is_found_by_name_by_id_and_by_pattern(pull: Pull, portal: Upstream) -> None:
    years = [resource(f"Năm [{year}]", f"/dl/{year}.csv") for year in (2025, 2024)]
    show(portal, *years, resource("Ghi chú", "/dl/note.csv"))
    for year in (2024, 2025):
        portal.on(f"/dl/{year}.csv", Answer(body=BODY + f"{year:05},1\n".encode()))
    assert names(pull(resource="Năm [2024]")) == ["wages/Năm [2024]"]
    assert names(pull(resource="id-Năm [2024]")) == ["wages/id-Năm [2024]"]
    assert names(pull(resource="Năm *")) == ["wages/Năm [2024]", "wages/Năm [2025]"]
    assert "/dl/note.csv" not in portal.paths()


def test_the_name_of_a_resource_is_the_contract_s_own(pull: Pull, portal: Upstream) -> None:
    """A portal makes a new id for each upload; the table's history goes on."""
    portal.on("/dl/a.csv", FILE)
    for identity in ("first", "second"):
        show(portal, resource("Lương", "/dl/a.csv", id=identity))
        done = pull(resource="Lương")
        assert names(done) == ["wages/Lương"]
    assert done.new == 0


@pytest.mark.parametrize("asked", [{}, {"resource": "Năm"}, {"resource": "Lương*"}])
def test_which_resource_is_meant_is_never_guessed(
    pull: Pull, portal: Upstream, asked: dict[str, str]
) -> None:
    show(portal, resource("Năm", "/a.csv"), resource("Năm", "/b.csv", id="other"))
    with pytest.raises(PullError, match=r"'Năm' \(CSV, id id-Năm\), 'Năm' \(CSV, id other\)"):
        pull(**asked)


@pytest.mark.parametrize(
    ("form", "url", "found"),
    [
        ("CSV", "", {"csv"}),
        (".csv", "", {"csv"}),
        ("CSV.", "", {"csv"}),
        (".cvs", "", {"csv"}),
        ("zip+csv", "", {"csv"}),
        ("ZIP+CSV", "", {"csv"}),
        ("text/csv; charset=utf-8", "", {"csv"}),
        ("Comma Separated Values", "", {"csv"}),
        ("", "https://x.vn/dl/DANH%20SACH.CSV?x=1", {"csv"}),
        ("", "https://x.vn/dl/a.csv.zip", {"csv"}),
        ("ZIP", "https://x.vn/dl/a.zip", set()),
        ("", "https://x.vn/download/202110", set()),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "", {"xlsx"}),
        ("application/vnd.ms-excel", "", {"xls", "xlsx"}),
        ("application/vnd.oasis.opendocument.spreadsheet", "", {"ods"}),
        ("application/geo+json", "", {"geojson"}),
        ("GeoJSON", "", {"geojson"}),
        ("HTML", "https://x.vn/a.csv", {"html"}),
        ("ODT", "", {"odt"}),
    ],
)
def test_formats_are_read_as_people_write_them(form: str, url: str, found: set[str]) -> None:
    assert formats_of({"format": form, "url": url, "name": ""}) == found


def test_a_resource_that_does_not_say_what_it_is_is_told_by_its_content(
    pull: Pull, portal: Upstream
) -> None:
    show(portal, resource("Số liệu", "/download/202110", format=""))
    portal.on("/download/202110", FILE)
    assert pull().new == 1
    portal.on("/download/202110", Answer(body=b"<html><body>Log in</body></html>", kind=None))
    with pytest.raises(PullError, match="HTML page"):
        pull()


def test_a_file_on_another_host_needs_the_contract_s_leave(pull: Pull, portal: Upstream) -> None:
    with serve("127.0.0.2") as other:
        other.on("/a.csv", FILE)
        show(portal, resource("Lương", f"{other.address}a.csv"))
        with pytest.raises(PullError, match=r"host 127\.0\.0\.2 is not allowed.*hosts"):
            pull()
        assert other.asked == []
        assert pull(hosts=("127.0.0.2",)).new == 1
    show(portal, resource("Lương", "file:///etc/passwd"))
    with pytest.raises(PullError, match="scheme file"):
        pull()


def test_the_ledger_says_how_a_portal_s_file_was_known_to_change(
    pull: Pull, portal: Upstream, ledger: Ledger
) -> None:
    portal.on("/a.csv", FILE, FILE, Answer(body=BODY + b"00003,3\n"))
    uploaded = {"url_type": "upload", "last_modified": "2026-10-01T00:00:00"}
    for last_modified in ("2026-10-01T00:00:00", "2026-10-01T00:00:00", "2026-10-08T00:00:00"):
        show(portal, resource("L", "/a.csv", **{**uploaded, "last_modified": last_modified}))
        pull()
    assert portal.paths().count("/a.csv") == 2  # nothing is asked for while the day is the same
    show(portal, resource("L", "/a.csv", **{**uploaded, "last_modified": "2026-10-15T00:00:00"}))
    done = pull()
    show(portal, resource("L", "/a.csv", hash=done.files[0].sha256))
    pull()
    assert portal.paths().count("/a.csv") == 3
    known = [row["known_by"] for row in ledger.rows("select known_by from pulls order by id")]
    assert known == ["first", "declared", "checksum", "declared", "checksum"]


def test_the_day_of_a_link_is_not_the_day_of_its_file(pull: Pull, portal: Upstream) -> None:
    show(portal, resource("L", "/a.csv", last_modified="2020-01-01T00:00:00"))
    portal.on("/a.csv", FILE, Answer(body=BODY + b"00003,3\n"))
    pull()
    assert pull().new == 1


def error(kind: str, status: int, **more: Any) -> Answer:
    return as_json({"help": HELP, "success": False, "error": {"__type": kind, **more}}, status)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (error("Not Found Error", 404, message="Không tìm thấy"), r"does not know it.*tìm thấy"),
        (error("Authorization Error", 403, message="Access denied"), "does not let us.*denied"),
        (error("Validation Error", 409, id=["Missing value"]), "question.*id: .'Missing value'"),
        (error("Search Error", 409, message="Search error"), "question.*Search error"),
        (as_json("Bad request - Action name not known", 400), "400.*not as CKAN"),
        (Answer(status=404, body=b"<html>Not here</html>", kind="text/html"), "404.*before /api"),
        (Answer(body=b"<html>Welcome</html>", kind="text/html"), "200.*before /api"),
        (error("Internal Server Error", 500, message="x"), "500"),
        (as_json({"success": True, "result": {"resources": []}}), "it is empty"),
    ],
)
def test_an_error_of_the_portal_is_put_into_words(
    pull: Pull, portal: Upstream, answer: Answer, complaint: str
) -> None:
    portal.on("/api/action/package_show", answer)
    with pytest.raises(PullError, match=complaint) as caught:
        pull()
    assert "source things" in str(caught.value)


# The DataStore

ROWS = [[str(n), f"{n:05}", f"1.{n:03},5" if n % 7 else 'dòng "một"\ndòng hai'] for n in range(250)]
FIELDS = [{"id": "_id", "type": "int"}, {"id": "Mã", "type": "text"}, {"id": "Số tiền, đồng"}]


def as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def datastore(
    portal: Upstream, *, most: int = 100, totals: list[int] | None = None, lose: int = 0
) -> None:
    """A DataStore that gives at most `most` rows at a time, as portals are configured."""
    waiting = list(totals or [])

    def search(asked: Asked) -> Answer:
        limit, offset = int(asked.query["limit"]), int(asked.query.get("offset", 0))
        total = waiting.pop(0) if waiting else len(ROWS)
        rows = [row[1:] for row in ROWS[offset : offset + min(limit, most)]]
        if offset + most >= len(ROWS) and lose:
            rows = rows[:-lose]
        result = {
            "total": total,
            "total_was_estimated": False,
            "limit": min(limit, most),
            "fields": FIELDS,
            "records": as_csv(rows) if asked.query.get("records_format") == "csv" else [],
        }
        return as_json({"help": HELP, "success": True, "result": result})

    portal.on("/api/action/datastore_search", search)
    show(portal, resource("Lương", "/a.csv", id="abc", datastore_active=True))


def test_the_rows_of_a_datastore_arrive_to_the_last_one(
    pull: Pull, portal: Upstream, home: Home, ledger: Ledger
) -> None:
    datastore(portal)
    done = pull(datastore=True)
    body = raw.blob(home, "things", done.files[0].sha256).read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(body, newline="")))
    assert rows == [["Mã", "Số tiền, đồng"], *(row[1:] for row in ROWS)]
    asked = [a.query for a in portal.asked if a.path.endswith("datastore_search")]
    assert [query["offset"] for query in asked[1:]] == ["0", "100", "200"]
    assert {query["sort"] for query in asked[1:]} == {"_id"}
    assert pull(datastore=True).new == 0


def test_rows_that_change_while_they_are_read_are_read_again(
    pull: Pull, portal: Upstream, home: Home
) -> None:
    datastore(portal, totals=[249, 249, 250])
    done = pull(datastore=True)
    body = raw.blob(home, "things", done.files[0].sha256).read_bytes()
    assert body.count(b"\r\n") == 250
    datastore(portal, totals=[249, 250] * 3)
    with pytest.raises(PullError, match="changed 3 times"):
        pull(datastore=True)
    assert raw.current(home, "things") is not None


def test_a_datastore_that_loses_rows_is_refused(pull: Pull, portal: Upstream, home: Home) -> None:
    datastore(portal, lose=50)
    with pytest.raises(PullError, match="gave 200 of 250 rows"):
        pull(datastore=True)
    assert raw.current(home, "things") is None
    assert list((home.raw / "things").iterdir()) == []


def test_a_portal_without_that_table_is_named(pull: Pull, portal: Upstream) -> None:
    datastore(portal)
    portal.on("/api/action/datastore_search", error("Not Found Error", 404, message="Not found: x"))
    with pytest.raises(PullError, match="datastore_search of 'abc'"):
        pull(datastore=True)


# The contract


@pytest.mark.parametrize(
    ("connector", "said", "complaint"),
    [
        ({"kind": "ckan"}, None, "does not say which data set"),
        ({"kind": "http"}, {"dataset": "x"}, "does not say connector"),
        ({"kind": "ckan"}, "wages", "must be a mapping"),
        ({"kind": "ckan"}, {"resource": "x"}, "dataset is missing"),
        ({"kind": "ckan"}, {"dataset": "x", "name": "y"}, "name is not one of"),
        ({"kind": "ckan"}, {"dataset": "x", "datastore": "yes"}, "true or false"),
        ({"kind": "ckan"}, {"dataset": "x", "datastore": True, "format": "json"}, "as csv"),
    ],
)
def test_mistakes_in_the_contract_are_named(
    tmp_path: Path, connector: dict[str, str], said: Any, complaint: str
) -> None:
    source = write_remote(
        tmp_path, "https://x.vn/", connector=connector, resource=None, table={"ckan": said}
    )
    found = list(ckan.problems(load_sources(source.parent)["things"]))
    assert len(found) == 1
    assert complaint in found[0]


# Recorded answers of real portals


@pytest.fixture
def samples() -> Path:
    if "KHOMO_SAMPLES" not in os.environ:
        pytest.skip("KHOMO_SAMPLES does not name the folder of recorded answers")
    return Path(os.environ["KHOMO_SAMPLES"]) / "ckan"


def recorded(samples: Path, name: str, status: int = 200) -> Answer:
    return Answer(status=status, body=(samples / name).read_bytes(), kind="application/json")


def test_a_recorded_data_set_is_chosen_from(pull: Pull, portal: Upstream, samples: Path) -> None:
    portal.on("/api/action/package_show", recorded(samples, "package_show.json"))
    with pytest.raises(PullError, match="several resources fit as csv"):
        pull()
    with pytest.raises(PullError, match=r"host www\.portaltransparencia\.gov\.br is not allowed"):
        pull(resource="Pagamentos - Outubro/2021")
    portal.on("/api/action/package_show", recorded(samples, "package_show_404.json", 404))
    with pytest.raises(PullError, match=r"does not know it.*Não encontrado"):
        pull()


def test_the_formats_of_a_recorded_portal_are_read(samples: Path) -> None:
    page = json.loads((samples / "package_search_page.json").read_bytes())
    resources = [item for package in page["result"]["results"] for item in package["resources"]]
    tables = [item for item in resources if "csv" in item["format"].lower()]
    assert len(tables) > 50
    assert {formats_of(item) for item in tables} == {frozenset({"csv"})}


def test_a_recorded_empty_datastore_gives_its_headings(
    pull: Pull, portal: Upstream, home: Home, samples: Path
) -> None:
    show(portal, resource("x", "/a.csv", id="711069ae-b409-4584-843a-3d6f5a47e129"))
    portal.on("/api/action/datastore_search", recorded(samples, "datastore_search.json"))
    done = pull(datastore=True)
    assert raw.blob(home, "things", done.files[0].sha256).read_bytes() == b"id,name\n"
