"""Asks an API page after page with dlt's REST client; what it reads elsewhere is set aside.

Only dlt's client and its paginators are used: no pipeline, so no telemetry, and a configuration of
our own, so that no file in anybody's home is read. Which pages are kept is `rest`, how is `pages`.
Importing this imports dlt.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.sources.helpers.rest_client.client import PageData, RESTClient
from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    HeaderLinkPaginator,
    JSONLinkPaginator,
    JSONResponseCursorPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)

from pipelines.contracts.rest import Endpoint, Paging
from pipelines.ingest.connectors.body import judge_answer
from pipelines.ingest.connectors.refusal import RefusedError
from pipelines.ingest.connectors.transport import Session

Place = int | str | None
"""Where a page is: its number, offset, cursor or address; None is where an API begins."""

_SHOWN = 20  # keys in a message
_WORDS = 300  # letters of an API's own message


@dataclass(frozen=True)
class Answer:
    """One page as it came: `next` is where the one after it is, None after the last."""

    body: bytes
    records: list[Any]
    next: Place
    total: int | None


class _Client(RESTClient):
    """dlt's client, with our own judgement of what an answer is."""

    endpoint: Endpoint

    def extract_response(self, response: requests.Response, data_selector: Any) -> list[Any]:
        del data_selector
        return _records(response, self.endpoint)


class StaleError(Exception):
    """The API does not know the place it was asked to go on from."""


def answers(
    session: Session, endpoint: Endpoint, params: Mapping[str, str], place: Place
) -> Iterator[Answer]:
    """The pages of an API from `place` on. Take each inside `session.transfer`.

    Raises:
        RefusedError: an answer is not a page of the records.
        StaleError: the API refuses `place`, which an earlier answer named.
    """
    paging = endpoint.paging
    client = _Client(session.base, session=session, config=RuntimeConfiguration())
    client.endpoint = endpoint
    asked: dict[str, Any] = dict(params)
    if paging.size is not None and paging.kind != "offset":
        asked[paging.size_parameter] = str(paging.size)
    if place is not None and paging.kind == "cursor":
        asked[paging.parameter] = place
    at_link = paging.kind == "link" and place is not None
    pages = client.paginate(
        str(place) if at_link else endpoint.path,
        params={} if at_link else asked,
        paginator=_paginator(paging, place),
        data_selector="$",
        headers={"Accept": "application/json"},
        # No hook of dlt's: its words for a status quote the answer.
        hooks={"response": []},
    )
    first = True
    while True:
        try:
            page = next(pages, None)
        except _StatusError as error:
            if first and place is not None and error.code in _STALE:
                raise StaleError from None
            raise
        if page is None:
            return
        first = False
        total = _number(page.response.json(), paging.total) if paging.total else None
        answer = Answer(page.response.content, list(page), _next(session, paging, page), total)
        yield answer
        if answer.next is None:
            return


_STALE = (400, 404, 409, 410, 412, 416, 422)  # what APIs say of a cursor they forgot


class _StatusError(RefusedError):
    def __init__(self, error: RefusedError, code: int) -> None:
        super().__init__(str(error), passing=error.passing)
        self.code = code


def _paginator(paging: Paging, place: Place) -> BasePaginator:
    more = json_path(paging.has_more) if paging.has_more else None
    number = paging.first if place is None else int(place) if paging.kind in _NUMBERED else 0
    if paging.kind == "page":
        return PageNumberPaginator(
            base_page=paging.first,
            page=number,
            page_param=paging.parameter,
            total_path=json_path(paging.pages) if paging.pages else None,
            has_more_path=more,
        )
    if paging.kind == "offset":
        return OffsetPaginator(
            limit=paging.size or 1,
            offset=number,
            offset_param=paging.parameter,
            limit_param=paging.size_parameter,
            total_path=None,
            has_more_path=more,
        )
    if paging.kind == "cursor":
        return JSONResponseCursorPaginator(
            cursor_path=json_path(paging.next), cursor_param=paging.parameter, has_more_path=more
        )
    if paging.kind == "link":
        return JSONLinkPaginator(json_path(paging.next)) if paging.next else HeaderLinkPaginator()
    return SinglePagePaginator()


_NUMBERED = ("page", "offset")


def _next(session: Session, paging: Paging, page: PageData[Any]) -> Place:
    """Where the page after `page` is; an address without the credentials that were in it."""
    paginator: Any = page.paginator
    if not paginator.has_next_page:
        return None
    if paging.kind in _NUMBERED:
        return int(paginator.current_value)
    if paging.kind == "cursor":
        cursor: Place = page.request.params[paging.parameter]
        return cursor
    # An empty address is no next page either; dlt would ask for it.
    page.request.url = _plain(session, page.request.url) if page.request.url else ""
    return page.request.url or None


def _plain(session: Session, address: str) -> str:
    """An address of the API as it may be written down and asked.

    An API behind a proxy often does not know that it is reached by https. A key in the address is
    added again when it is asked.
    """
    try:
        here, there = urlsplit(session.base), urlsplit(address)
    except ValueError:
        raise RefusedError("names a next page whose address cannot be read") from None
    if here.scheme == "https" and there.scheme == "http" and here.netloc == there.netloc:
        there = there._replace(scheme="https")
    key = session.credentials.parameter
    if key:
        pairs = parse_qsl(there.query, keep_blank_values=True)
        there = there._replace(query=urlencode([pair for pair in pairs if pair[0] != key]))
    return urlunsplit(there)


def json_path(dotted: str) -> str:
    """A dotted path as dlt writes it; quoted, so that no sign in it means anything."""
    return ".".join(f"'{part}'" for part in dotted.split("."))


# What an answer says


def _records(response: requests.Response, endpoint: Endpoint) -> list[Any]:
    """The records of an answer, once it is clear that it is one."""
    try:
        judge_answer(response, "json")
    except RefusedError as error:
        raise _StatusError(error, response.status_code) from None
    response.encoding = "utf-8-sig"  # as JSON is, whatever a header says
    try:
        response.content.decode()
        said = response.json()
    except ValueError:
        raise RefusedError(
            "answered something that is not JSON in UTF-8 to its end; it may have been cut short",
            passing=True,
        ) from None
    _check_error(said, endpoint)
    found = _at(said, endpoint.records)
    if found is _MISSING:
        keys = ", ".join(sorted(map(str, said))[:_SHOWN]) if isinstance(said, dict) else ""
        raise RefusedError(
            f"answered a page without records at {endpoint.records!r}; it has"
            f" {keys or 'no fields'}. Correct `json: {{records: …}}` in the contract"
        )
    if found is None:
        found = []
    if not isinstance(found, list):
        place = repr(endpoint.records) if endpoint.records else "its top"
        raise RefusedError(
            f"answered a page with no list of records at {place}. Correct `json: {{records: …}}`"
            " in the contract"
        )
    _check_paging(said, endpoint.paging)
    return found


def _check_paging(said: Any, paging: Paging) -> None:
    """Refuse what dlt would take otherwise, or word with the whole answer in it."""
    if paging.pages:
        _number(said, paging.pages)
    if paging.has_more and not isinstance(_at(said, paging.has_more), bool):
        raise RefusedError(
            f"answered a page without true or false at {paging.has_more!r}; correct"
            " `rest: {paginate: {hasMore: …}}` in the contract"
        )
    following = _at(said, paging.next) if paging.next else None
    if following is not _MISSING and not isinstance(following, int | str | None):
        raise RefusedError(
            f"has no {paging.kind} at {paging.next!r}, but something with parts;"
            " correct `rest: {paginate: {next: …}}` in the contract"
        )


_MISSING = object()


def _at(said: Any, dotted: str) -> Any:
    """What is at a dotted path; `_MISSING` where it leads nowhere."""
    for part in dotted.split(".") if dotted else ():
        if not isinstance(said, dict) or part not in said:
            return _MISSING
        said = said[part]
    return said


def _check_error(said: Any, endpoint: Endpoint) -> None:
    """Refuse an answer that says, under status 200, that it is an error."""
    if not endpoint.error:
        return
    found = _at(said, endpoint.error)
    if found in (_MISSING, None, False, "") or found in ([], {}):
        return
    if not isinstance(found, list | dict) and str(found) in endpoint.ok_values:
        return
    words = " ".join(str(found).split())[:_WORDS]
    raise RefusedError(
        f"answered an error at {endpoint.error!r}: {words}; if that means that all is well, say so:"
        " rest: {okValues: […]}"
    )


def _number(said: Any, path: str) -> int:
    found = _at(said, path)
    text = str(found) if isinstance(found, int | str) and not isinstance(found, bool) else ""
    if not text.isdecimal():
        raise RefusedError(
            f"answered a page without a number at {path!r}; correct `rest: {{paginate: …}}` in the"
            " contract"
        )
    return int(text)
