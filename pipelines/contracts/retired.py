"""`sources/retired.yaml`: every source that ended, when, why, and what took its place.

A source that ends is not forgotten: its raw files, its ledger entries and the figures made from it
stay, and somebody will ask. How the list is shown is the report's business.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from pipelines.contracts.load import ContractError
from pipelines.contracts.model import Text
from pipelines.settings import SOURCES

FILE = "retired.yaml"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TEXTS = ("title", "reason")
_FIELDS = ("name", *_TEXTS, "lastDay", "successor", "evidence")


@dataclass(frozen=True)
class Retired:
    """One source that ended. `successor` is empty where nothing took its place."""

    name: str
    title: Text
    last_day: date
    reason: Text
    successor: str
    evidence: str


def retired_sources(folder: Path = SOURCES) -> tuple[Retired, ...]:
    """The list, in the order in which it is written; empty without a file.

    Raises:
        ContractError: it cannot be used.
    """
    path = folder / FILE
    items = _items(path)
    if found := list(_problems(items)):
        raise ContractError(f"{path}: {'; '.join(found)}")
    return tuple(
        Retired(
            name=str(item["name"]),
            title=Text(**item["title"]),
            last_day=_day(item["lastDay"]) or date.max,
            reason=Text(**item["reason"]),
            successor=str(item.get("successor") or ""),
            evidence=str(item["evidence"]),
        )
        for item in items
    )


def problems(folder: Path, in_folders: Collection[str]) -> Iterator[str]:
    """What is wrong with the list, for the lint; `in_folders` are the sources with a contract."""
    try:
        items = _items(folder / FILE)
    except ContractError as error:
        yield str(error)
        return
    yield from _problems(items)
    for item in items:
        if isinstance(item, dict) and item.get("name") in in_folders:
            yield f"{item['name']} is retired, but its folder still has a contract; remove one"


def _items(path: Path) -> list[Any]:
    if not path.exists():
        return []
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(said, dict) or set(said) != {"retired"}:
        raise ContractError(f"{path}: must be a mapping with the one key `retired`")
    items = said["retired"] or []
    if not isinstance(items, list):
        raise ContractError(f"{path}: `retired` is a list of sources")
    return items


def _problems(items: list[Any]) -> Iterator[str]:
    names: set[str] = set()
    for number, item in enumerate(items, start=1):
        where = f"retired {number}"
        if not isinstance(item, dict):
            yield f"{where}: is a mapping of {', '.join(_FIELDS)}"
            continue
        if unknown := sorted(str(name) for name in item if name not in _FIELDS):
            yield f"{where}: {', '.join(unknown)} is not one of {', '.join(_FIELDS)}"
        name = str(item.get("name") or "")
        if not _NAME.fullmatch(name):
            yield f"{where}: name {name!r} is not the name of a source folder"
        if name in names:
            yield f"{where}: {name} is listed twice"
        names.add(name)
        for field in _TEXTS:
            text = item.get(field)
            if (
                not isinstance(text, dict)
                or set(text) != {"vi", "en"}
                or not all(str(part or "").strip() for part in text.values())
            ):
                yield f"{where}: {field} is a text in Vietnamese and English: {{vi: …, en: …}}"
        if _day(item.get("lastDay")) is None:
            yield f"{where}: lastDay is the last day with data, such as '2025-06-30'"
        if not str(item.get("evidence") or "").strip():
            yield f"{where}: evidence is missing: the document or address that says so"


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
