"""Tables behind a JSON API, page by page, whole or in increments: one raw file per pull and table.

Which pages make a complete file, and what speaks against it, belongs here. How pages are asked for
is `paging`, how they survive a kill `pages`, where an increment begins `ingest.watermark`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.canonical import digest_of, sha256_file
from pipelines.contracts import SourceContract, Table
from pipelines.contracts.rest import Endpoint, Incremental, Paging, endpoint_of, incremental_of
from pipelines.ingest import watermark
from pipelines.ingest.connectors.base import FinalPullError, RawFile, Resource, Transfer
from pipelines.ingest.connectors.http_file import ceiling_of
from pipelines.ingest.connectors.pages import Page, PageStore, content_of
from pipelines.ingest.connectors.paging import Answer, StaleError, answers
from pipelines.ingest.connectors.refusal import RefusedError
from pipelines.ingest.connectors.transport import open_session
from pipelines.settings import Home

TRIES = 3  # times to begin again while records are being changed
_DIGITS = 6  # of an increment's number


@dataclass(frozen=True)
class _Question:
    """What is asked for a table in this pull; `since` is where its increment begins."""

    table: Table
    endpoint: Endpoint
    incremental: Incremental | None
    since: str | None
    stored: frozenset[str]

    @property
    def params(self) -> dict[str, str]:
        """The parameters of the first request, without those of paging."""
        if self.incremental is None or self.since is None:
            return dict(self.endpoint.params)
        return {**self.endpoint.params, self.incremental.parameter: self.since}


class _BeginAgainError(Exception):
    """What was read so far is of no use; the message says why."""


class RestConnector:
    """Tables of an API below `location`: each table's `rest` says what is asked.

    A table with `incremental` grows: each pull adds `<table>-<number>.zip` with what changed since,
    or nothing. Any other is asked for whole, as `<table>.zip`.
    """

    accumulates = False

    def __init__(self, contract: SourceContract, home: Home) -> None:
        self.contract = contract
        self.folder = home.raw / contract.name
        self.session = open_session(contract)
        self._questions: dict[str, _Question] = {}

    def resources(self, stored: Sequence[RawFile]) -> Sequence[Resource]:
        found: list[Resource] = []
        for table in self.contract.tables:
            question = self._question(table, [file for file in stored if file.table == table.name])
            self._questions[table.name] = question
            grows = question.incremental is not None
            name = table.name
            if grows:
                name += f"-{_next_number(table, stored):0{_DIGITS}}"
            address = self.session.base.rstrip("/") + "/" + question.endpoint.path.lstrip("/")
            found.append(Resource(table.name, f"{name}.zip", address, accumulates=grows))
        return found

    def fetch(self, resource: Resource, into: Path, last: RawFile | None) -> Transfer:
        del last  # an API does not say cheaply that nothing changed
        question = self._questions[resource.table]
        store = PageStore(self.folder / f".pages-{resource.table}")
        remarks: list[str] = []
        reason = store.resume(self._fingerprint(resource, question))
        if reason:
            remarks.append(f"{resource.name} is read from the beginning: of its pages, {reason}")
        elif store.pages:
            remarks.append(f"{resource.name} goes on after page {len(store.pages)}")
        for attempt in range(1, TRIES + 1):
            try:
                self._read(resource, question, store)
                break
            except _BeginAgainError as error:
                store.clear()
                if attempt == TRIES:
                    with self.session.transfer(resource.address):
                        raise RefusedError(f"{error}, {TRIES} times", passing=True) from None
                remarks.append(f"{resource.name} is read from the beginning: {error}")
                store.resume(self._fingerprint(resource, question))
        return self._finish(question, store, into, tuple(remarks))

    def _question(self, table: Table, stored: Sequence[RawFile]) -> _Question:
        endpoint = endpoint_of(table)
        if endpoint is None:
            raise FinalPullError(
                f"{self.contract.path}: table {table.name} does not say what is asked; add the"
                " property rest: {path: …}"
            )
        incremental = incremental_of(table)
        since = None
        if incremental is not None:
            marks = [file.watermark for file in stored if file.watermark is not None]
            since = (watermark.begin(incremental, marks) if marks else None) or incremental.start
        return _Question(
            table, endpoint, incremental, since, frozenset(file.sha256 for file in stored)
        )

    def _fingerprint(self, resource: Resource, question: _Question) -> Mapping[str, Any]:
        """What pages must have in common to be of one file. No secret is in it."""
        asked = {**asdict(question.endpoint), "params": question.params}
        return {
            "question": digest_of([self.session.base, asked]),
            "resource": resource.name,
            "since": question.since,
        }

    # Reading

    def _read(self, resource: Resource, question: _Question, store: PageStore) -> None:
        """Bring all pages that are not there yet into the store."""
        if store.pages and store.pages[-1].last:
            return
        size = sum(path.stat().st_size for path in store.paths)
        place = store.pages[-1].next if store.pages else None
        pages = answers(self.session, question.endpoint, question.params, place)
        try:
            while True:
                # Each page is a transfer of its own, with a deadline of its own.
                with self.session.transfer(resource.address):
                    answer = next(pages, None)
                    if answer is None:
                        break
                    size += len(answer.body)
                    if size > (ceiling := ceiling_of(self.contract)):
                        raise RefusedError(
                            f"the pages are larger than {ceiling} bytes; raise `maxBytes` in the"
                            " contract if that is right"
                        )
                    page = _page(question.endpoint, store, answer, place)
                    store.add(answer.body, page)
                    place = page.next
                    if page.last:
                        break
        except StaleError:
            raise _BeginAgainError("the API forgot where it was to go on") from None
        with self.session.transfer(resource.address):
            _check_total(store)

    def _finish(
        self, question: _Question, store: PageStore, into: Path, remarks: tuple[str, ...]
    ) -> Transfer:
        if question.incremental is not None and not store.records:
            return Transfer(not_modified=False, empty=True, remarks=remarks)
        store.pack(into)
        if question.incremental is None:
            return Transfer(not_modified=False, pages=len(store.pages), remarks=remarks)
        if sha256_file(into) in question.stored:  # only what the overlap asked for once more
            return Transfer(not_modified=False, empty=True, remarks=remarks)
        greatest = watermark.greatest(question.incremental, store.paths, question.endpoint.records)
        return Transfer(
            not_modified=False,
            known_by="watermark" if question.stored else None,
            watermark=greatest,
            pages=len(store.pages),
            remarks=remarks,
        )


def _next_number(table: Table, stored: Sequence[RawFile]) -> int:
    """The number of the next increment; numbers are not used again."""
    beginning = f"{table.name}-"
    numbers = [
        int(text)
        for file in stored
        if file.table == table.name
        and (text := file.resource.removeprefix(beginning).removesuffix(".zip")).isdecimal()
    ]
    return max(numbers, default=0) + 1


def _page(endpoint: Endpoint, store: PageStore, answer: Answer, place: int | str | None) -> Page:
    """The answer as the next page of the store, if it can be one.

    Raises:
        RefusedError: the API leads round in a circle, or pages do not fit together.
    """
    number, paging = len(store.pages) + 1, endpoint.paging
    records = len(answer.records)
    content = content_of(answer.records)
    following = None if _is_enough(paging, store, answer) else answer.next
    if records and (earlier := store.same_as(content)) is not None:
        store.clear()
        raise RefusedError(
            f"page {number} repeats page {earlier}: the API does not heed"
            f" {paging.parameter or 'its own links'}. Correct `rest: {{paginate: …}}` in the"
            " contract"
        )
    if following is not None and (following == place or store.was_at(following)):
        store.clear()
        raise RefusedError(
            f"page {number} names as the next page one that was read before; tell the API's owner,"
            " or correct `rest: {paginate: …}` in the contract"
        )
    if following is not None and number >= paging.max_pages:
        raise RefusedError(
            f"there are more than {paging.max_pages} pages; ask for larger pages, or for a later"
            " `start`"
        )
    if paging.kind == "offset" and records and store.pages:
        short = store.pages[-1]
        if paging.size is not None and short.records < paging.size:
            store.clear()
            raise RefusedError(
                f"page {short.number} has {short.records} records where {paging.size} were asked"
                " for, and there are more after it: records would be left out. Correct"
                " `rest: {paginate: {size: …}}` to what the API gives at a time"
            )
    return Page(
        number=number,
        at=place,
        next=following,
        records=records,
        content=content,
        total=answer.total,
        last=following is None,
    )


def _is_enough(paging: Paging, store: PageStore, answer: Answer) -> bool:
    """Whether the API's own count says that no page comes after this one.

    A cursor or a link says so itself. A first page that is full, of as many records as there are in
    all, is doubted: the number may be that of the page, and everything else would be left out.
    """
    if answer.total is None or paging.kind not in ("page", "offset"):
        return False
    records = len(answer.records)
    doubtful = not store.pages and paging.size is not None and records >= paging.size
    return store.records + records >= answer.total and not doubtful


def _check_total(store: PageStore) -> None:
    """Compare what arrived with what the API says there is."""
    totals = [page.total for page in store.pages if page.total is not None]
    grew = totals == sorted(totals)  # records that went made those after them move up
    if not totals or (grew and store.records == totals[-1]):
        return
    arrived = store.records
    if len(set(totals)) > 1:
        raise _BeginAgainError("the API's records changed while they were read")
    store.clear()
    raise RefusedError(
        f"gave {arrived} records, but says that there are {totals[-1]}; nothing was changed. Check"
        " `rest: {paginate: …}` in the contract, and tell the API's owner",
    )
