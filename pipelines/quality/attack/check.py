"""The rule `hidden_cells`: no hidden count of a family of tables can be worked out.

The candidate's own file is attacked together with the other tables of its family as the same build
would publish them, and with everything that earlier releases of any of them showed. What is
reported names table, row and measure, never the bounds.
"""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipelines.contracts import load_published
from pipelines.duck import connect
from pipelines.publish.export import find_relation
from pipelines.quality.attack.bounds import ContradictionError, System, weak_counts
from pipelines.quality.attack.tables import Member, members, read_current, read_earlier
from pipelines.quality.outcome import SAMPLE, Evidence, Outcome, failed, passed
from pipelines.quality.readback import parquet_relation

if TYPE_CHECKING:
    import duckdb
    import numpy as np

    Vector = np.ndarray[Any, Any]

MOST_TERMS = 300_000
"""Terms of all equations together that are attacked. Measured: 27,271 of the bundled dossiers took
20 MiB beyond what was there, 288,000 in one component 99 MiB. More are refused, not tried."""

_last: dict[str, list[int]] = {}
"""What the last attack found, by the digest of its equations: a family's tables share it."""


def hidden_cells(evidence: Evidence, rule: Mapping[str, Any]) -> Outcome:
    """No hidden cell is known to within `threshold` from all that was and would be published."""
    if evidence.warehouse is None:
        raise ValueError("the warehouse file is needed to read the other tables of the family")
    contracts = {**load_published(), evidence.contract.name: evidence.contract}
    family = members(contracts.values(), str(rule["family"]))
    with connect(evidence.warehouse, read_only=True) as connection:
        tables = {
            member.name: parquet_relation(evidence.candidate.parquet)
            if member.name == evidence.contract.name
            else find_relation(connection, member.contract.model, member.name)
            for member in family
        }
        read_current(connection, tables, family)
        read_earlier(connection, evidence.releases, family)
        weak = attack(connection, int(rule["threshold"]))
        hidden = _number(connection, "select count(*) from cells where value is null")
        if not weak:
            return passed(
                f"Không ô nào trong {hidden} ô bị ẩn suy ra được từ các ô được hiện",
                f"None of {hidden} hidden cells follows from shown ones",
                "0",
            )
        sample = _named(connection, weak, family)
    return failed(
        f"{len(weak)} ô bị ẩn có thể suy ra từ các ô được hiện, các bảng cùng nhóm hoặc bản đã công"
        " bố trước: gộp nhóm, hoặc ẩn thêm ô trong mô hình",
        f"{len(weak)} hidden cell(s) follow from shown ones, from the other tables or from earlier"
        " releases: merge categories, or hide more in the model",
        observed=str(len(weak)),
        failing_rows=len(weak),
        sample=sample,
    )


def attack(connection: "duckdb.DuckDBPyConnection", width: int) -> list[int]:
    """Ids in `unknowns` of the hidden cells that are known to within less than `width`.

    Takes `cells`, `terms` and `seen` of `tables`. A cell that was shown before is known, and no
    finding: it cannot be taken back. Where what was shown before contradicts the tables, it is
    about other figures and left aside in that component.

    Raises:
        ContradictionError: the tables contradict each other.
        ValueError: the equations have more than `MOST_TERMS` terms.
    """
    import numpy as np

    connection.execute(
        """
        create or replace temp table unknowns as
        select
            row_number() over (order by dataset, row_key, measure) - 1 as id,
            dataset, row_key, measure, seen.value as seen
        from cells
        left join seen using (dataset, row_key, measure)
        where cells.value is null
        """
    )
    known = _columns(connection, "select id, seen from unknowns where seen is not null order by id")
    system = _system(connection, known["id"], known["seen"])
    if system.matrix.nnz > MOST_TERMS:
        raise ValueError(
            f"the equations have {system.matrix.nnz:,} terms, more than {MOST_TERMS:,};"
            " publish fewer categories or periods in one family"
        )
    wanted = np.setdiff1d(np.arange(system.matrix.shape[1]), known["id"])
    key = hashlib.sha256(
        b"".join(
            part.tobytes()
            for part in (
                system.matrix.data,
                system.matrix.indices,
                system.matrix.indptr,
                system.sums,
                wanted,
                np.array([width]),
            )
        )
    ).hexdigest()
    if key not in _last:
        found = _weak(system, wanted, width, known["id"].size)
        _last.clear()
        _last[key] = found
    return _last[key]


def _weak(system: System, wanted: "Vector", width: int, known: int) -> list[int]:
    """Weak columns; the last `known` equations are what earlier releases showed."""
    import numpy as np

    try:
        return sorted(int(index) for index in weak_counts(system, wanted, width))
    except ContradictionError:
        if not known:
            raise
    found: list[int] = []
    of_columns, of_rows = system.components()
    plain = np.arange(of_rows.size) < of_rows.size - known
    for component in np.unique(of_columns[of_columns >= 0]):
        columns = np.flatnonzero(of_columns == component)
        rows = of_rows == component
        own = np.flatnonzero(np.isin(columns, wanted))
        try:
            weak = weak_counts(system.part(columns, np.flatnonzero(rows)), own, width)
        except ContradictionError:
            part = system.part(columns, np.flatnonzero(rows & plain))
            weak = weak_counts(part, own, width)
        found += [int(columns[index]) for index in weak]
    return sorted(found)


def _system(connection: "duckdb.DuckDBPyConnection", known: "Vector", values: "Vector") -> System:
    """The equations over `unknowns`: those of `terms`, then one for each known value."""
    import numpy as np
    from scipy import sparse

    connection.execute(
        """
        create or replace temp table equations as
        select
            row_number() over (order by equation) - 1 as id,
            equation,
            -coalesce(sum(sign * value), 0) as total
        from terms
        inner join cells using (dataset, row_key, measure)
        group by equation
        """
    )
    entries = _columns(
        connection,
        """
        select equations.id as row_id, unknowns.id as column_id, sum(sign) as sign
        from terms
        inner join unknowns using (dataset, row_key, measure)
        inner join equations using (equation)
        group by all
        order by all
        """,
    )
    totals = _columns(connection, "select total from equations order by id")["total"]
    equations, unknowns = totals.size, _number(connection, "select count(*) from unknowns")
    rows = np.concatenate((entries["row_id"], equations + np.arange(known.size)))
    columns = np.concatenate((entries["column_id"], known))
    signs = np.concatenate((entries["sign"], np.ones(known.size)))
    matrix = sparse.csr_matrix(
        (signs.astype(float), (rows, columns)), shape=(equations + known.size, unknowns)
    )
    sums = np.concatenate((totals, values)).astype(float)
    empty = np.diff(matrix.indptr) == 0
    if np.any(sums[empty]):
        raise ContradictionError
    return System(matrix, sums)


def _named(
    connection: "duckdb.DuckDBPyConnection", weak: list[int], family: list[Member]
) -> tuple[Mapping[str, Any], ...]:
    """Table, key and measure of some weak cells."""
    keys = {member.name: [column.name for column in member.key] for member in family}
    rows = connection.execute(
        "select dataset, row_key, measure from unknowns where list_contains(?::bigint[], id)"
        " order by all limit ?",
        [weak, SAMPLE],
    ).fetchall()
    return tuple(
        {"dataset": dataset, "measure": measure}
        | dict(zip(keys[dataset], str(row).split("|"), strict=False))
        for dataset, row, measure in rows
    )


def _columns(connection: "duckdb.DuckDBPyConnection", query: str) -> "dict[str, Vector]":
    import numpy as np

    found = connection.execute(query).fetchnumpy()
    return {name: np.asarray(values) for name, values in found.items()}


def _number(connection: "duckdb.DuckDBPyConnection", query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
