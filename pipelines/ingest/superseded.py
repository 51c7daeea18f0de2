"""Which landed rows of a growing table a newer version of the same record has taken the place of.

Increments overlap, and records change: a primary key can be landed many times. What counts is the
row with the greatest watermark, of equal ones that of the later increment. No landed row is
changed; the others are listed by resource and row number, and whoever reads the table leaves them
out.

An increment costs a look at the keys landed before, not another sort of all of them: its list names
only rows that it, or what it met, took out. Lists stay valid as long as the files before them do.
"""

from collections.abc import Sequence
from pathlib import Path

from pipelines.canonical import digest_of, sync_file, sync_folder
from pipelines.contracts import Table
from pipelines.contracts.rest import incremental_of
from pipelines.duck import connect, identifier, literal, literals
from pipelines.ingest.landed import LandedFile, Superseded


def supersede(
    folder: Path, table: Table, files: Sequence[LandedFile], known: Sequence[Superseded]
) -> list[Superseded]:
    """The lists for the landed `files` of a growing table in `folder`, in the order they arrived.

    `known` are the lists there are; those of the table that still hold are kept, and one more is
    written where files came after them.
    """
    names = [file.file for file in files]
    kept: list[Superseded] = []
    of_table = [item for item in known if item.table == table.name]
    for item in sorted(of_table, key=lambda item: item.files):
        if item.file != _name(table, names[: item.files]) or not (folder / item.file).exists():
            break
        kept.append(item)
    done = kept[-1].files if kept else 0
    if done == len(names):
        return kept
    target = folder / _name(table, names)
    rows = _write(folder, table, names, names[done:], target)
    return [*kept, Superseded(table.name, target.relative_to(folder).as_posix(), len(names), rows)]


def _name(table: Table, names: Sequence[str]) -> str:
    """A list's name stands for the files it was made from."""
    return f"{table.name}/superseded-{digest_of(list(names))[:24]}.parquet"


def _write(
    folder: Path, table: Table, names: Sequence[str], fresh: Sequence[str], target: Path
) -> int:
    incremental = incremental_of(table)
    assert incremental is not None
    key = ", ".join(
        identifier(column.name + "_key" if column.pseudonymise else column.name)
        for column in table.key
    )
    order = f"{identifier(incremental.watermark.name)} desc nulls last, _resource desc, _row desc"
    columns = f"{key}, {identifier(incremental.watermark.name)}, _resource, _row"
    every, new = (
        f"read_parquet({literals([str(folder / name) for name in part])})"
        for part in (names, fresh)
    )
    met = "" if len(fresh) == len(names) else f"semi join (select {key} from {new}) using ({key})"
    is_fresh = f"_resource in (select distinct _resource from {new})"
    draft = folder / f".draft-{target.name}"
    draft.mkdir()
    with connect() as connection:
        # Of the rows from before only the best counts: the others are in earlier lists.
        row = connection.execute(
            f"""
            copy (
                select _resource, _row
                from (
                    select *,
                        row_number() over (partition by {key} order by {order}) as place,
                        row_number() over (partition by {key}, fresh order by {order})
                            as place_there
                    from (select {columns}, {is_fresh} as fresh from {every} {met})
                )
                where place > 1 and (fresh or place_there = 1)
                order by all
            ) to {literal(str(draft / target.name))} (format parquet)
            """
        ).fetchone()
    sync_file(draft / target.name)
    target.parent.mkdir(exist_ok=True)
    (draft / target.name).replace(target)
    sync_folder(target.parent)
    draft.rmdir()
    return int(row[0]) if row else 0
