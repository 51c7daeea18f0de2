"""What the suite saw, as people read it: the table by stage, the checks, and the list."""

from collections.abc import Mapping

from tests.defects.model import DEFECTS, STAGES
from tests.defects.suite import CAUGHT, ELSEWHERE, MISSED, line, needed, verdict

COMMAND = "make defects"
Matrix = Mapping[str, Mapping[str, str]]

_HEAD = """\
# Known defects, and what stops them
# Các lỗi đã biết, và điều gì chặn chúng

Made by `{command}`; a test makes it again and compares. Every defect below is put into real input,
a real warehouse build, a real export or a real release, one at a time, and everything that objects
is recorded. *Caught where expected* means that the check named in the list objected, with the
outcome named there; *caught elsewhere* that only another one did; *missed* that nothing did.

Trang này do `{command}` tạo ra; một kiểm thử tạo lại và so sánh. Mỗi lỗi dưới đây được cài vào dữ
liệu thật, kho dựng thật, bản xuất thật hoặc bản phát hành thật, từng lỗi một, và mọi kiểm tra phản
đối đều được ghi lại.

"""

_CHECKS = """\
## Checks

A check is *needed* where at least one defect is stopped by it alone. Lines of defence are looked at
one by one (files on arrival, rows on landing, contracts, warehouse, candidate, attack, gate,
verification): the attack on hidden counts trusts no rule about single rows, the gate does not trust
the recorded results and compares contents once more, and verification trusts none of them, so that
what one line stops is meant to be stopped by the next one, too. Checks are
counted by kind: the rules of all columns of one kind are one check, as are all dbt tests made from
one generic test. Ten pairs of a check and a defect, drawn with a fixed seed, are tried once more
with the check switched off: each of them is then missed.

"""


def summary(matrix: Matrix) -> list[tuple[str, int, int, int, int]]:
    """By stage: injected, caught where expected, caught elsewhere, missed; the last row is all."""
    rows = []
    for stage in STAGES:
        found = [
            verdict(defect, matrix[name])
            for name, defect in DEFECTS.items()
            if defect.stage == stage
        ]
        rows.append(
            (stage, len(found), *(found.count(what) for what in (CAUGHT, ELSEWHERE, MISSED)))
        )
    rows.append(("all", *(sum(row[place] for row in rows) for place in range(1, 5))))
    return rows


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in row) + " |\n" for row in lines)


def by_stage(matrix: Matrix) -> str:
    """The summary as a Markdown table."""
    head = ("stage", "injected", CAUGHT, ELSEWHERE, MISSED)
    return _table(head, [tuple(row) for row in summary(matrix)])


def page(matrix: Matrix) -> str:
    """The whole page."""
    alone = needed(matrix)
    expected = [defect.check for defect in DEFECTS.values()]
    checks: list[tuple[object, ...]] = [
        (
            line(check),
            f"`{check}`",
            expected.count(check),
            len(found),
            sum(check in seen for seen in matrix.values()),
        )
        for check, found in sorted(alone.items(), key=lambda item: (line(item[0]), item[0]))
    ]
    defects: list[tuple[object, ...]] = [
        (
            f"`{name}`",
            defect.stage,
            f"{defect.text.en}<br>{defect.text.vi}",
            f"`{defect.check}`",
            defect.outcome,
            ", ".join(f"`{other}`" for other in matrix[name] if other != defect.check),
        )
        for name, defect in DEFECTS.items()
    ]
    return (
        _HEAD.format(command=COMMAND)
        + by_stage(matrix)
        + "\n"
        + _CHECKS
        + _table(("line", "check", "expected to stop", "stops alone", "objects to"), checks)
        + "\n## Defects\n\n"
        + _table(("defect", "stage", "what is changed", "check", "outcome", "also"), defects)
    )
