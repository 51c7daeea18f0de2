"""What somebody can work out about unknown counts from the sums they take part in.

Pure numbers: no tables, no files. Counts are at least 0; each equation says that some of them, with
signs, add up to a known number. By linear programming (HiGHS) every count has a lowest and a
highest value; a count is *weak* where the two lie closer together than a width that was asked for.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from scipy import sparse

    Vector = np.ndarray[Any, Any]

_CAP = 1e6
"""Nobody tells counts above this apart; it only keeps the programs bounded."""
_TOLERANCE = 1e-6
_INFEASIBLE = 2
"""What `linprog` calls it."""


@dataclass(frozen=True)
class System:
    """Equations `matrix` · x = `sums` over counts x of at least 0, one column each."""

    matrix: "sparse.csr_matrix"
    sums: "Vector"

    def components(self) -> "tuple[Vector, Vector]":
        """The component of each column and each row; -1 where none of the others plays a part."""
        import numpy as np
        from scipy import sparse
        from scipy.sparse.csgraph import connected_components

        rows, _ = self.matrix.shape
        pattern = (self.matrix != 0).tocsr()
        graph = sparse.bmat([[None, pattern], [pattern.T, None]], format="csr")
        _, labels = connected_components(graph, directed=False)
        of_rows, of_columns = labels[:rows].copy(), labels[rows:].copy()
        of_rows[np.diff(pattern.indptr) == 0] = -1
        of_columns[np.diff(pattern.tocsc().indptr) == 0] = -1
        return of_columns, of_rows

    def part(self, columns: "Vector", rows: "Vector") -> "System":
        """The equations `rows`, over the counts `columns`."""
        return System(self.matrix[rows][:, columns], self.sums[rows])


class ContradictionError(Exception):
    """No counts fulfil the equations: they are not about the same dossiers."""


def weak_counts(system: System, wanted: "Vector", width: int) -> "Vector":
    """The columns among `wanted` whose bounds are less than `width` apart.

    Any solution of the equations is a reading nobody can exclude, so two solutions that differ by
    `width` in a count prove it protected. Most are proved together, by programs that push all open
    ones up or down at once, each no further than it takes, in directions drawn from a fixed seed;
    components without open ones drop out. Only for what is left are both bounds computed. The same
    input gives the same answer.

    Raises:
        ContradictionError: there is no solution.
    """
    import numpy as np

    of_columns, of_rows = system.components()
    chance = np.random.default_rng(0)
    count = system.matrix.shape[1]
    lowest = np.full(count, np.inf)
    highest = np.full(count, -np.inf)
    # A count that no equation speaks of may be anything.
    left = wanted[of_columns[wanted] >= 0]
    progress = True
    while left.size and progress:
        before = left.size
        live = np.unique(of_columns[left])
        columns = np.flatnonzero(np.isin(of_columns, live))
        part = system.part(columns, np.flatnonzero(np.isin(of_rows, live)))
        if np.isinf(lowest[columns]).any():
            lowest[columns] = highest[columns] = _solve(part, np.zeros(columns.size))
        at = np.searchsorted(columns, left)
        push = np.zeros(columns.size)
        push[at] = chance.uniform(-1, 1, at.size)
        for aim in (push, -push):
            floor, ceiling = np.zeros(columns.size), np.full(columns.size, _CAP)
            down, up = aim > 0, aim < 0
            floor[down] = np.maximum(highest[columns[down]] - width, 0)
            ceiling[up] = lowest[columns[up]] + width
            found = _solve(part, aim, floor, ceiling)
            lowest[columns] = np.minimum(lowest[columns], found)
            highest[columns] = np.maximum(highest[columns], found)
        left = left[highest[left] - lowest[left] < width - _TOLERANCE]
        progress = left.size < before
    weak = [index for index in left if _is_weak(system, of_columns, of_rows, index, width)]
    return np.array(weak, dtype=int)


def _is_weak(
    system: System, of_columns: "Vector", of_rows: "Vector", index: int, width: int
) -> bool:
    low, high = bounds(system, of_columns, of_rows, index)
    return high - low < width


def bounds(system: System, of_columns: "Vector", of_rows: "Vector", index: int) -> tuple[int, int]:
    """The lowest and the highest whole number that count `index` can be.

    Raises:
        ContradictionError: there is no solution.
    """
    import numpy as np

    columns = np.flatnonzero(of_columns == of_columns[index])
    part = system.part(columns, np.flatnonzero(of_rows == of_columns[index]))
    aim = (columns == index).astype(float)
    low = float(_solve(part, aim) @ aim)
    high = float(_solve(part, -aim) @ aim)
    return int(np.ceil(low - _TOLERANCE)), int(np.floor(high + _TOLERANCE))


def _solve(
    system: System,
    aim: "Vector",
    floor: "Vector | None" = None,
    ceiling: "Vector | None" = None,
) -> "Vector":
    """The counts that fulfil the equations and make `aim` · x least."""
    import numpy as np
    from scipy.optimize import linprog

    limits = np.column_stack(
        (
            np.zeros(aim.size) if floor is None else floor,
            np.full(aim.size, _CAP) if ceiling is None else ceiling,
        )
    )
    found = linprog(aim, A_eq=system.matrix, b_eq=system.sums, bounds=limits, method="highs")
    if found.status == _INFEASIBLE:
        raise ContradictionError
    if found.x is None:
        raise RuntimeError(f"a linear program was not solved: {found.message}")
    x: Vector = found.x
    return x
