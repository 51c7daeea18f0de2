"""Do the descriptor, the CSV, the Parquet and the decision of one release say the same?

The part of `verify` that opens the data; it knows nothing but the release's folder.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.contracts import Column, Text
from pipelines.publish.candidate import DESCRIPTOR, data_files
from pipelines.publish.layout import DECISION
from pipelines.quality.content import PUBLISHABLE
from pipelines.quality.disclosure import small_cell_violations
from pipelines.quality.readback import CSV_VIEW, PARQUET_VIEW, ReadBack, read_back

Found = tuple[str, Text]
"""The file something is wrong in, and what."""


def _found(file: str, vi: str, en: str) -> Found:
    return file, Text(vi, en)


def compare(folder: Path, dataset: str, digests: Mapping[str, str]) -> Iterator[Found]:
    """Everything in which the files of a release disagree. `digests` are those of its files.

    Raises:
        Exception: a file cannot be read, or the descriptor lacks a part.
    """
    decision = json.loads((folder / DECISION).read_bytes())
    descriptor = json.loads((folder / DESCRIPTOR).read_bytes())
    yield from _described(folder, dataset, digests, descriptor, decision)
    csv, parquet, _ = (folder / name for name in data_files(dataset))
    with read_back(csv, parquet) as data:
        yield from _tables(dataset, descriptor, decision, data)


def _described(
    folder: Path,
    dataset: str,
    digests: Mapping[str, str],
    descriptor: Mapping[str, Any],
    decision: Mapping[str, Any],
) -> Iterator[Found]:
    if descriptor["khomo"]["asOf"] != folder.name[:10]:
        yield _found(
            DESCRIPTOR, "ngày dữ liệu khác tên phiên bản", "its asOf is not the version's date"
        )
    published = {item["check"]: item for item in descriptor["khomo"]["waivers"]}
    for waiver in decision["waivers"]:
        if published.get(waiver["check"]) != {
            name: value for name, value in waiver.items() if name != "problem"
        }:
            yield _found(
                DECISION,
                f"miễn trừ {waiver['check']} không được công bố trong {DESCRIPTOR}",
                f"the waiver of {waiver['check']} is not published in {DESCRIPTOR}",
            )
    # Releases made before there were references name none.
    named = [item.get("references", []) for item in (decision, descriptor["khomo"])]
    if named[0] != named[1]:
        yield _found(
            DECISION,
            "khóa tham chiếu tới bản phát hành khác mô tả",
            "its keys refer to other releases than the descriptor says",
        )
    if descriptor["name"] != dataset:
        yield _found(DESCRIPTOR, "sai tên tập dữ liệu", "it names another dataset")
    described = {str(item["path"]): item for item in descriptor["resources"]}
    for name in data_files(dataset)[:2]:
        item = described.pop(name, None)
        size = (folder / name).stat().st_size
        if item is None or item["bytes"] != size:
            yield _found(DESCRIPTOR, f"số byte của {name} sai", f"the bytes of {name} are wrong")
        elif item["hash"] != f"sha256:{digests[name]}":
            yield _found(DESCRIPTOR, f"mã băm của {name} sai", f"the hash of {name} is wrong")
    for name in described:
        yield _found(
            DESCRIPTOR, f"mô tả tệp không có: {name}", f"it describes a file not there: {name}"
        )


def _tables(
    dataset: str, descriptor: Mapping[str, Any], decision: Mapping[str, Any], data: ReadBack
) -> Iterator[Found]:
    csv, parquet, _ = data_files(dataset)
    fields = descriptor["resources"][0]["schema"]["fields"]
    columns = [_column(field) for field in fields]
    listed = [(column.name, column.type) for column in columns]
    if data.csv_columns() != [name for name, _ in listed]:
        yield _found(csv, "các cột khác mô tả", "its columns are not those described")
        return
    found = [(name, kind.replace(" ", "")) for name, kind in data.parquet_columns()]
    if found != [(name, kind.replace(" ", "")) for name, kind in listed]:
        yield _found(
            parquet, "cột hoặc kiểu khác mô tả", "its columns or types are not those described"
        )
        return
    for name, view in ((csv, CSV_VIEW), (parquet, PARQUET_VIEW)):
        rows = data.count(view)
        if not rows == descriptor["khomo"]["rows"] == decision["rows"]:
            yield _found(
                name, f"có {rows} dòng, khác mô tả", f"it has {rows} rows, not as described"
            )
    content = data.parquet_digest(columns)
    if content != decision["content"]:
        yield _found(
            parquet,
            "nội dung khác với nội dung được quyết định công bố",
            "it says something else than what was decided on",
        )
    if data.csv_digest(columns) != content:
        yield _found(
            csv, "nội dung khác với tệp Parquet", "it says something else than the Parquet"
        )
    for rule in descriptor["khomo"]["disclosure"]:
        if count := small_cell_violations(data.connection, PARQUET_VIEW, rule):
            yield _found(
                parquet,
                f"{count} dòng vi phạm quy tắc ô nhỏ",
                f"{count} row(s) break the small-cell rule",
            )


def _column(field: Mapping[str, Any]) -> Column:
    """A described field as a column, with what reading it back needs."""
    kind = str(field["physicalType"])
    if not PUBLISHABLE.fullmatch(kind):
        raise ValueError(f"type {kind} is not one that is published")
    text = Text(str(field.get("title", "")), str(field.get("titleEn", "")))
    return Column(
        name=str(field["name"]),
        header=str(field["name"]),
        title=text,
        description=text,
        logical_type=str(field["type"]),
        type=kind,
        required=False,
        key_position=None,
        classification="public",
        options={},
        enum=(),
        properties={},
        rules=(),
    )
