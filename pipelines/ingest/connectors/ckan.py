"""Resources of a CKAN portal (2.10 to 2.12): their files, or the rows of its DataStore.

What a portal is asked and which resource is meant belong here; the rows of the DataStore are
`datastore`, the transfer of a file is that of `http_file`.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import urljoin, urlsplit

import requests

from pipelines.contracts import SourceContract, Table
from pipelines.contracts.ckan import Wanted, wanted_of
from pipelines.contracts.connection import base_address
from pipelines.ingest.connectors.base import (
    FinalPullError,
    PullError,
    RawFile,
    Resource,
    Transfer,
)
from pipelines.ingest.connectors.datastore import fetch_rows
from pipelines.ingest.connectors.formats import formats_of
from pipelines.ingest.connectors.http_file import ceiling_of, fetch_file
from pipelines.ingest.connectors.redaction import redact
from pipelines.ingest.connectors.transport import open_session

_SHOWN = 10  # names in a message
_WORDS = 300  # letters of a portal's own message


class CkanConnector:
    """Tables made of resources of a portal; `location` is its address, before `/api`."""

    accumulates = False

    def __init__(self, contract: SourceContract) -> None:
        self.contract = contract
        base = base_address(contract)
        self.base = base if base.endswith("/") else base + "/"
        self.session = open_session(contract)
        self._about: dict[tuple[str, str], tuple[Wanted, Mapping[str, Any]]] = {}

    def resources(self, stored: Sequence[RawFile]) -> Sequence[Resource]:
        del stored
        packages: dict[str, Mapping[str, Any]] = {}
        found: list[Resource] = []
        for table in self.contract.tables:
            wanted = wanted_of(table)
            if wanted is None:
                raise FinalPullError(
                    f"{self.contract.path}: table {table.name} does not say which data set it is;"
                    " add the property ckan: {dataset: …}"
                )
            if wanted.dataset not in packages:
                packages[wanted.dataset] = self.call("package_show", id=wanted.dataset)
            package = packages[wanted.dataset]
            for name, about in self._chosen(table, wanted, package):
                of_package = {"metadata_modified": package.get("metadata_modified")}
                self._about[table.name, name] = wanted, {**of_package, **about}
                found.append(Resource(table.name, name, self._address(about, wanted)))
        return found

    def fetch(self, resource: Resource, into: Path, last: RawFile | None) -> Transfer:
        wanted, about = self._about[resource.table, resource.name]
        declared = _declared(about)
        if wanted.datastore:
            return fetch_rows(
                self.session, self.call, about, into, ceiling_of(self.contract), declared
            )
        if last is not None and (known_by := _unchanged(about, declared, last)):
            return Transfer(
                not_modified=True,
                known_by=known_by,
                etag=last.etag,
                last_modified=last.last_modified,
                declared=declared,
            )
        return fetch_file(self.session, self.contract, resource, into, last, declared)

    # Asking

    def call(self, action: str, **asked: Any) -> Any:
        """The result of an action of the portal's API.

        Raises:
            PullError: the portal answers with an error, in clear words.
        """
        import ckanapi
        from ckanapi.errors import (
            CKANAPIError,
            NotAuthorized,
            NotFound,
            SearchError,
            SearchIndexError,
            SearchQueryError,
            ServerIncompatibleError,
            ValidationError,
        )

        portal = ckanapi.RemoteCKAN(self.base, get_only=True, session=self.session)
        what = f"{action} of {asked.get('id') or asked.get('resource_id')!r}"
        where = f"source {self.contract.name}: the portal {urlsplit(self.base).hostname}"
        try:
            return portal.call_action(action, asked)
        except NotFound as error:
            raise FinalPullError(
                f"{where} does not know it: {what}{_said(error)}; check `ckan` in"
                f" {self.contract.path}, or ask whether the data set was withdrawn"
            ) from None
        except NotAuthorized as error:
            raise FinalPullError(
                f"{where} does not let us: {what}{_said(error)}; ask its owner for access, and use"
                " `connector: {auth: …}` if it gives you a key"
            ) from None
        except (ValidationError, SearchError, SearchQueryError, SearchIndexError) as error:
            raise FinalPullError(
                f"{where} does not accept the question: {what}{_said(error)}; check `ckan` in"
                f" {self.contract.path}"
            ) from None
        except (CKANAPIError, ServerIncompatibleError) as error:
            status = _status(error)
            final = status is not None and status < requests.codes.server_error
            kind = FinalPullError if final else PullError
            raise kind(
                f"{where} answered {status or 'something else'} to {what}, and not as CKAN does;"
                " check that `location` is the address of the portal, before /api, and that it"
                " offers this action"
            ) from None

    # Choosing

    def _chosen(
        self, table: Table, wanted: Wanted, package: Mapping[str, Any]
    ) -> list[tuple[str, Mapping[str, Any]]]:
        """(name over time, what the portal says) of each resource of a table, in name order."""
        everything = [
            item for item in package.get("resources") or [] if item.get("state") != "deleted"
        ]
        form = wanted.format or str(
            table.properties.get("format") or self.contract.server.get("format", "")
        )
        named, pattern = _named(everything, wanted.resource)
        if not wanted.datastore:
            named = _in_format(named, form)
        if not named or (len(named) > 1 and not pattern):
            self._refuse(wanted, form, everything, named)
        if not pattern:  # by the contract's own words: a portal's names and ids change
            own = f"/{wanted.resource}" if wanted.resource else ""
            return [(wanted.dataset + own, named[0])]
        names = [_title(item) for item in named]
        unique = [
            name if names.count(name) == 1 else f"{name} ({item['id']})"
            for name, item in zip(names, named, strict=True)
        ]
        pairs = zip(unique, named, strict=True)
        return [(f"{wanted.dataset}/{name}", item) for name, item in sorted(pairs, key=_first)]

    def _refuse(
        self,
        wanted: Wanted,
        form: str,
        everything: Sequence[Mapping[str, Any]],
        found: Sequence[Mapping[str, Any]],
    ) -> None:
        shown = ", ".join(
            f"{_title(item)!r} ({item.get('format') or 'no format'}, id {item.get('id')})"
            for item in (found or everything)[:_SHOWN]
        )
        what = "several resources fit" if found else "no resource fits"
        asked = f"{wanted.resource!r} " if wanted.resource else ""
        raise FinalPullError(
            f"source {self.contract.name}: {what} {asked}as {form} in data set"
            f" {wanted.dataset!r}: {shown or 'it is empty'}. Name the right one by name or id in"
            " the contract: ckan: {resource: …}"
        )

    def _address(self, about: Mapping[str, Any], wanted: Wanted) -> str:
        if wanted.datastore:
            return urljoin(self.base, f"datastore/dump/{about['id']}")
        try:
            address = urljoin(self.base, str(about.get("url") or "").strip())
            here, there = urlsplit(self.base), urlsplit(address)
        except ValueError:
            raise FinalPullError(
                f"source {self.contract.name}: the portal gives resource {_title(about)!r} an"
                " address that cannot be read; tell its owner"
            ) from None
        if here.scheme == "https" and there.scheme == "http" and here.netloc == there.netloc:
            # A portal behind a proxy often does not know that it is reached by https.
            return there._replace(scheme="https").geturl()
        return address


def _first(pair: tuple[str, Mapping[str, Any]]) -> str:
    return pair[0]


def _named(
    everything: list[Mapping[str, Any]], asked: str | None
) -> tuple[list[Mapping[str, Any]], bool]:
    """The resources that are asked for, and whether they may be several."""
    if asked is None:
        return everything, False
    if same := [item for item in everything if item.get("id") == asked]:
        return same, False
    text = " ".join(normalize("NFC", asked).split())
    if same := [item for item in everything if _title(item) == text]:
        return same, False
    pattern = re.compile(".*".join(map(re.escape, text.split("*"))))
    return [item for item in everything if pattern.fullmatch(_title(item))], "*" in text


def _in_format(resources: list[Mapping[str, Any]], form: str) -> list[Mapping[str, Any]]:
    """Those in a format; where none says that it is, those that do not say what they are."""
    known = [(item, formats_of(item)) for item in resources]
    fitting = [item for item, formats in known if form in formats]
    return fitting or [item for item, formats in known if not formats]


def _title(about: Mapping[str, Any]) -> str:
    """What people call a resource: its name, or else the last step of its address."""
    name = " ".join(normalize("NFC", str(about.get("name") or "")).split())
    return name or str(about.get("url") or "").rpartition("/")[2] or str(about["id"])


def _declared(about: Mapping[str, Any]) -> str | None:
    """When the portal says the content was last changed."""
    stated = about.get("last_modified") or about.get("metadata_modified")
    return str(stated) if stated else None


def _unchanged(about: Mapping[str, Any], declared: str | None, last: RawFile) -> str | None:
    """What tells that a file is still what is stored; None where it has to be asked for.

    The date counts only for files that lie on the portal itself: of a link it is the day on which
    somebody typed the address.
    """
    if str(about.get("hash") or "").lower().removeprefix("sha256:") == last.sha256:
        return "checksum"
    uploaded = about.get("url_type") == "upload" and about.get("last_modified")
    return "declared" if uploaded and declared == last.declared else None


def _said(error: Exception) -> str:
    """The portal's own words, shortened and without secrets."""
    facts = getattr(error, "error_dict", None) or getattr(error, "extra_msg", None) or ""
    if isinstance(facts, Mapping):
        parts = {key: value for key, value in facts.items() if key != "__type"}
        text = "; ".join(
            str(value) if key == "message" else f"{key}: {value}" for key, value in parts.items()
        )
    else:
        text = str(facts)
    text = redact(" ".join(text.split()))[:_WORDS]
    return f" ({text})" if text else ""


def _status(error: Exception) -> int | None:
    """The status of an answer that ckanapi did not understand: it words it as a list."""
    try:
        return int(ast.literal_eval(str(error))[1])
    except (ValueError, SyntaxError, IndexError, TypeError):
        return None
