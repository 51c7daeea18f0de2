"""Tables behind a JSON API: every way of paging, and whatever goes wrong in between."""

import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.ingest import raw
from pipelines.ingest.connectors import FinalPullError, PullError
from pipelines.ledger import Ledger
from pipelines.settings import Home
from tests.integration.rest_api import CODE, PAGE, Api, Source, codes, dossier, misbehave
from tests.integration.upstream import Answer, Upstream, as_json, serve

SECRET = "s3cr&t/key+more"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serve() as server:
        yield server


@pytest.fixture
def api(upstream: Upstream) -> Api:
    made = Api(upstream)
    made.records = [dossier(number, day=1 + number // 3, fee=number) for number in range(8)]
    return made


@pytest.fixture
def source(tmp_path: Path, api: Api, home: Home, ledger: Ledger) -> Source:
    return Source(tmp_path / "sources", api, home, ledger)


# Paging

OFFSET = {"kind": "offset", "size": 3}
CURSOR = {"kind": "cursor", "next": "meta.cursor"}


@pytest.mark.parametrize(
    ("paginate", "requests"),
    [
        (PAGE, 4),  # the last one is empty: nothing said before that there is no more
        ({**PAGE, "pages": "meta.pages"}, 3),
        ({**PAGE, "total": "meta.total"}, 3),
        ({**PAGE, "hasMore": "meta.more"}, 3),
        (OFFSET, 4),
        ({**OFFSET, "total": "meta.total"}, 3),
        (CURSOR, 3),
        ({**CURSOR, "hasMore": "meta.more", "total": "meta.total"}, 3),
        ({"kind": "link", "next": "meta.next"}, 3),
        ({"kind": "link"}, 3),
        ({"kind": "link", "sizeParameter": "so_luong", "size": 8}, 1),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, Mapping) else "",
)
def test_all_pages_are_one_file_and_all_records_are_landed(
    source: Source, api: Api, paginate: Mapping[str, Any], requests: int
) -> None:
    source.write(paginate=paginate, params={"trang_thai": "tất cả"})
    done = source.pull()
    assert [file.resource for file in done.files] == ["dossiers.zip"]
    assert len(api.asked()) == requests
    assert api.asked()[0]["trang_thai"] == "tất cả"
    landed = source.land()
    assert (landed.pulled, landed.accepted) == (8, 8)
    assert source.rows() == [(code, n, "dossiers.zip") for n, code in enumerate(codes(*range(8)))]
    assert not source.progress.exists()


def test_an_api_without_pages_is_one_request(source: Source, api: Api) -> None:
    source.write(paginate=None, params={"so_luong": 50})
    source.pull()
    assert source.land().accepted == 8
    assert len(api.asked()) == 1


def test_pages_are_kept_as_they_came(source: Source, upstream: Upstream) -> None:
    body = b'{ "data": {"items": [ {"ma_ho_so": "x", "le_phi": {"so_tien": 1.50}} ]}}\n'
    upstream.on("/api/ho-so", Answer(body=body, kind="application/json"))
    source.write(paginate=None)
    [file] = source.pull().files
    with zipfile.ZipFile(raw.blob(source.home, "lgsp", file.sha256)) as archive:
        assert archive.namelist() == ["000001.json"]
        assert archive.read("000001.json") == body


def test_the_same_answers_are_the_same_file(source: Source) -> None:
    first = source.pull()
    again = source.pull()
    assert (first.new, again.new) == (1, 0)
    assert first.digest == again.digest
    kinds = source.ledger.rows("select outcome, pages, http_status, address from pulls order by id")
    assert [(row["outcome"], row["pages"]) for row in kinds] == [("new", 4), ("unchanged", 4)]
    assert kinds[0]["address"].endswith("/api/ho-so")


def test_null_in_place_of_an_empty_list_is_no_record(source: Source, api: Api) -> None:
    def null_for_none(said: dict[str, Any]) -> object:
        said["data"]["items"] = said["data"]["items"] or None
        return said

    api.change = null_for_none
    source.pull()
    assert source.land().pulled == 8


def test_the_client_library_reads_no_configuration_of_anybody(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (tmp_path, tmp_path / "me"):
        (folder / ".dlt").mkdir(parents=True)
        for name in ("config.toml", "secrets.toml"):
            (folder / ".dlt" / name).write_text("not [[[ toml", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.chdir(tmp_path)
    source.pull()


# What is refused


REFUSED: list[tuple[Answer, str]] = [
    (Answer(body=b"<!doctype html><title>Log in</title>", kind="application/json"), "HTML page"),
    (Answer(body=b"<html>", kind="text/html"), "HTML page"),
    (Answer(body=b'{"data": {"items": [{"ma', kind="application/json"), "not JSON"),
    (Answer(body=b"", kind="application/json"), "body is empty"),
    (Answer(body='{"data": "h\xe0ng"}'.encode("latin-1"), kind="application/json"), "UTF-8"),
    (as_json({"ket_qua": [], "loi": None}), "no records at 'data.items'; it has ket_qua, loi"),
    (as_json({"data": {"items": {"ma": 1}}}), "no list of records at 'data.items'"),
    (as_json({"error": {"message": "hết phiên"}, "data": {"items": []}}), "'error': .*hết phiên"),
    (as_json({}, status=403), "answered 403"),
    (as_json({}, status=500), "answered 500"),
]


@pytest.mark.parametrize(("answer", "message"), REFUSED, ids=[text for _, text in REFUSED])
def test_an_answer_that_is_no_page_is_refused_and_what_was_read_is_kept(
    source: Source, api: Api, answer: Answer, message: str
) -> None:
    message = message.replace("no records", "without records")
    source.write(errorPath="error", connector={"retries": 1})
    before = source.pull()
    api.records[0]["le_phi"]["so_tien"] = 77
    api.before = misbehave(2, answer)
    with pytest.raises(PullError, match=message) as caught:
        source.pull()
    assert "source lgsp: http://127.0.0.1" in str(caught.value)
    assert raw.current(source.home, "lgsp") == raw.Pull("lgsp", before.files, 0)
    api.before = lambda _number: None
    asked = len(api.asked())
    source.pull()
    assert [query["trang"] for query in api.asked()[asked:]] == ["2", "3", "4"]
    assert source.land().accepted == 8
    assert (CODE.format(0), 77, "dossiers.zip") in source.rows()


def test_a_value_at_the_error_path_may_mean_that_all_is_well(source: Source, api: Api) -> None:
    source.write(errorPath="status", okValues=["00"])
    source.pull()
    api.change = lambda said: {**said, "status": "99"}
    with pytest.raises(PullError, match="answered an error at 'status': 99"):
        source.pull()


def test_an_api_that_does_not_heed_the_page_is_refused(source: Source, upstream: Upstream) -> None:
    upstream.on("/api/ho-so", as_json({"data": {"items": [dossier(1)]}}))
    with pytest.raises(FinalPullError, match=r"page 2 repeats page 1: .* trang"):
        source.pull()
    assert len(upstream.asked) == 2


@pytest.mark.parametrize("kind", ["link", "cursor"])
def test_links_that_lead_round_are_refused(source: Source, api: Api, kind: str) -> None:
    source.write(paginate={"kind": kind, "next": "meta." + {"link": "next"}.get(kind, kind)})
    there = api.upstream.address.rstrip("/") + "/api/ho-so?cursor=c3"

    def lead_back(said: dict[str, Any]) -> object:
        said["meta"] |= {"next": there, "cursor": "c3"}
        return said

    api.change = lead_back
    with pytest.raises(FinalPullError, match="page 2 names as the next page one that was read"):
        source.pull()


def test_there_is_a_ceiling_on_pages_and_on_bytes(source: Source) -> None:
    source.write(paginate={**PAGE, "maxPages": 2})
    with pytest.raises(FinalPullError, match="more than 2 pages"):
        source.pull()
    source.write(properties={"maxBytes": 800})
    with pytest.raises(FinalPullError, match="larger than 800 bytes"):
        source.pull()


def test_fewer_records_than_the_api_says_are_refused(source: Source, api: Api) -> None:
    source.write(paginate={**CURSOR, "total": "meta.total"})

    def too_many(said: dict[str, Any]) -> object:
        said["meta"]["total"] = 9
        return said

    api.change = too_many
    with pytest.raises(FinalPullError, match="gave 8 records, but says that there are 9"):
        source.pull()


def test_a_count_of_the_page_is_not_taken_for_the_count_of_all(source: Source, api: Api) -> None:
    source.write(paginate={**PAGE, "total": "meta.total"})

    def count_page(said: dict[str, Any]) -> object:
        said["meta"]["total"] = len(said["data"]["items"])
        return said

    api.records = api.records[:6]
    api.change = count_page
    with pytest.raises(PullError, match="gave 6 records, but says that there are 3"):
        source.pull()


def test_records_that_change_meanwhile_are_read_again(source: Source, api: Api) -> None:
    source.write(paginate={**CURSOR, "total": "meta.total"})
    lost: list[dict[str, Any]] = []

    def lose_two(number: int) -> None:
        if number == 2 and not lost:  # what follows moves up: two records would be left out
            lost.extend(api.records[:2])
            del api.records[:2]

    api.before = lose_two
    source.pull()
    assert source.said[0].endswith(
        "read from the beginning: the API's records changed while they were read"
    )
    source.land()
    assert [row[0] for row in source.rows()] == codes(*range(2, 8))


def test_an_offset_that_would_leave_records_out_is_refused(source: Source, api: Api) -> None:
    source.write(paginate={"kind": "offset", "size": 5})
    api.change = lambda said: {**said, "data": {"items": said["data"]["items"][:3]}}
    with pytest.raises(FinalPullError, match="page 1 has 3 records where 5 were asked for"):
        source.pull()


def test_a_next_page_elsewhere_is_refused(source: Source, api: Api) -> None:
    source.write(paginate={"kind": "link", "next": "meta.next"})
    there = "http://evil.example.vn/api?cursor=c3"
    api.change = lambda said: {**said, "meta": {"next": there}}
    with pytest.raises(FinalPullError, match=r"host evil\.example\.vn is not allowed"):
        source.pull()


# Patience


def test_a_page_that_breaks_off_is_asked_again(source: Source, api: Api) -> None:
    body = b'{"data": {"items": [{"ma_ho_so"'
    broken = [
        Answer(body=body, kind="application/json", promised=900),
        Answer(body=body, kind="application/json", reset=True, promised=900),
        Answer(body=body, kind="application/json", chunked=True, cut=True),
    ]
    api.before = lambda number: broken.pop() if number == 2 and broken else None
    source.pull()
    assert source.land().accepted == 8
    assert not broken


def test_too_many_requests_are_answered_by_waiting(source: Source, api: Api) -> None:
    busy = [as_json({}, status=429, headers={"Retry-After": "1"})]
    api.before = lambda number: busy.pop() if number == 2 and busy else None
    start = time.monotonic()
    source.pull()
    assert 0.9 < time.monotonic() - start < 10
    assert source.land().accepted == 8


def test_the_rate_of_requests_is_bounded(source: Source, api: Api) -> None:
    source.write(connector={"requestsPerSecond": 20})
    start = time.monotonic()
    source.pull()
    assert len(api.asked()) == 4
    assert time.monotonic() - start >= 3 / 20


# Credentials


@pytest.mark.parametrize(
    "auth",
    [
        {"kind": "basic"},
        {"kind": "bearer"},
        {"kind": "apiKey"},
        {"kind": "apiKey", "in": "query", "name": "khoa"},
        {"kind": "oauth2"},
    ],
    ids=lambda auth: "-".join(auth.values()),
)
@pytest.mark.parametrize("paginate", [{"kind": "link"}, PAGE], ids=["link", "page"])
def test_every_page_is_asked_with_the_credentials_and_no_secret_is_written_down(
    source: Source,
    api: Api,
    upstream: Upstream,
    monkeypatch: pytest.MonkeyPatch,
    auth: dict[str, str],
    paginate: dict[str, Any],
) -> None:
    monkeypatch.setenv("KHOMO_SECRET_LGSP", SECRET)
    monkeypatch.setenv("KHOMO_SECRET_LGSP_USER", "province")
    auth = {**auth, "secret": "LGSP"}
    if auth["kind"] == "oauth2":
        auth["tokenUrl"] = upstream.address + "token"
        upstream.on("/token", as_json({"access_token": "t0ken-value", "expires_in": 60}))
    source.write(connector={"auth": auth}, paginate=paginate)
    _answer_only_with(api, upstream, auth)
    api.before = misbehave(3, as_json({}, status=404))
    with pytest.raises(PullError, match="answered 404") as caught:
        source.pull()
    written = [str(caught.value), *source.said]
    for path in [*source.home.raw.rglob("*"), source.home.ledger]:
        if path.is_file():
            written.append(path.read_bytes().decode("latin-1"))
    for text in written:
        for form in (SECRET, "s3cr%26t", "t0ken-value"):
            assert form not in text
    api.before = lambda _number: None
    source.pull()
    assert source.land().accepted == 8


def _answer_only_with(api: Api, upstream: Upstream, auth: dict[str, str]) -> None:
    """Refuse whoever does not show the credentials; links repeat a key, as careless APIs do."""

    def answer(asked: Any) -> Answer:
        shown = asked.query.get("khoa") == SECRET
        shown |= any(asked.headers.get(name) for name in ("Authorization", "X-API-Key"))
        if not shown:
            return as_json({}, status=401)
        found = api(asked)
        if "khoa" in asked.query and (link := found.headers.get("Link")):
            echoed = link.replace("?cursor", "?khoa=s3cr%26t%2Fkey%2Bmore&cursor")
            return Answer(200, found.body, {"Link": echoed}, found.kind)
        return found

    upstream.on(api.path, answer)


def test_a_token_that_is_refused_in_the_middle_is_renewed_once(
    source: Source, api: Api, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHOMO_SECRET_LGSP", SECRET)
    monkeypatch.setenv("KHOMO_SECRET_LGSP_USER", "province")
    auth = {"kind": "oauth2", "secret": "LGSP", "tokenUrl": upstream.address + "token"}
    source.write(connector={"auth": auth})
    tokens = ["first-t0ken", "second-t0ken", "third-t0ken"]
    upstream.on("/token", *[as_json({"access_token": token}) for token in tokens])

    def answer(asked: Any) -> Answer:
        good = tokens[0] if asked.query["trang"] in "12" else tokens[1]
        shown = asked.headers["Authorization"] == f"Bearer {good}"
        return api(asked) if shown else as_json({}, status=401)

    upstream.on(api.path, answer)
    source.pull()
    assert upstream.paths().count("/token") == 2
    assert source.land().accepted == 8
