"""Which format a resource of a portal has, by what people wrote there.

Portals let them write anything: `.csv`, `CSV.`, `.cvs`, `zip+csv`, `text/csv`, nothing. A name
that says nothing leaves the question open; what the file really is, its first bytes tell (`body`).
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

_ALIASES: dict[str, frozenset[str]] = {
    "csv": frozenset({"csv"}),
    "cvs": frozenset({"csv"}),
    "xlsx": frozenset({"xlsx"}),
    "spreadsheetml": frozenset({"xlsx"}),
    "xls": frozenset({"xls"}),
    "excel": frozenset({"xls", "xlsx"}),
    "ods": frozenset({"ods"}),
    "json": frozenset({"json"}),
    "geojson": frozenset({"geojson"}),
    "ndjson": frozenset({"ndjson"}),
    "jsonl": frozenset({"ndjson"}),
    "parquet": frozenset({"parquet"}),
}
_PACKED = {"zip", "gz", "gzip", "bz2", "bzip2", "xz", "zst", "zstd", "7z", "rar", "compressed"}
_NOISE = {"application", "text", "file", "x", "ms", "vnd", "the", "data", "octet", "stream"}
_PHRASES = (
    (re.compile(r"\bgeo\W?json\b"), "geojson"),
    (re.compile(r"\bjson\W?lines?\b"), "ndjson"),
    (re.compile(r"opendocument\.spreadsheet"), "ods"),
    (re.compile(r"comma\W?separated"), "csv"),
)


def formats_of(resource: Mapping[str, Any]) -> frozenset[str]:
    """The formats a CKAN resource may be in; empty where nothing tells.

    What is certainly something else (`html`, `pdf`) comes as itself.
    """
    said = _read(str(resource.get("format") or "")) or _read(str(resource.get("mimetype") or ""))
    if said:
        return said
    for text in (str(resource.get("url") or ""), str(resource.get("name") or "")):
        path = unquote(re.split(r"[?#]", text)[0])
        for suffix in reversed(PurePosixPath(path).suffixes):
            if found := _ALIASES.get(suffix.lower().lstrip(".")):
                return found
    return frozenset()


def _read(text: str) -> frozenset[str]:
    text = text.lower()
    for pattern, form in _PHRASES:
        if pattern.search(text):
            return frozenset({form})
    words = [word for word in re.split(r"[^a-z0-9]+", text) if word]
    for word in words:
        if word in _ALIASES:
            return _ALIASES[word]
    return frozenset(word for word in words if word not in _PACKED | _NOISE)
