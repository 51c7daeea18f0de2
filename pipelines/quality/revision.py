"""Published periods freeze: does a candidate change one that its contract says may not change?

The candidate's Parquet is compared with that of the last release, row by row in SQL, over the
columns both have and the periods that are frozen as of the candidate's date. A period that was not
published before may come late; one that was may neither change nor go, unless a revision of exactly
that release names it.
"""

from pipelines.contracts import Text
from pipelines.contracts.revision import Policy, policy_of, revisions_of
from pipelines.duck import identifier, literal
from pipelines.quality.content import canonical_text
from pipelines.quality.outcome import Evidence, Outcome, failed, passed
from pipelines.quality.readback import PARQUET_VIEW, parquet_relation

_NAMED = 12
"""Periods a message names before it only counts the rest."""


def _changes(evidence: Evidence, policy: Policy, before: str) -> list[tuple[str, int, int]]:
    """(period, rows gone, rows new) of each frozen period that differs from `before`."""
    connection = evidence.data.connection
    known = {str(row[0]) for row in connection.execute(f"describe from {before}").fetchall()}
    columns = [column for column in evidence.contract.table.columns if column.name in known]
    period = identifier(policy.column)
    texts = ", ".join(
        f"{canonical_text(identifier(column.name), column.type)} as {identifier(column.name)}"
        for column in columns
    )
    as_of = literal(str(evidence.descriptor["khomo"]["asOf"]))
    rows = (
        f"select {texts} from {{relation}} where {period} + to_months({policy.length}"
        f" + {policy.frozen_after}) <= date {as_of}"
    )
    found = connection.execute(
        f"with before as materialized ({rows.format(relation=before)}),"
        f" now as materialized ({rows.format(relation=PARQUET_VIEW)}"
        f" and {period}::varchar in (select {period} from before)),"
        " gone as (from before except all from now), new as (from now except all from before)"
        " select period, sum(gone)::bigint, sum(new)::bigint from ("
        f"select {period} as period, 1 as gone, 0 as new from gone"
        f" union all select {period}, 0, 1 from new) group by period order by period"
    )
    return [(str(row[0]), int(row[1]), int(row[2])) for row in found.fetchall()]


def revision_policy(evidence: Evidence) -> Outcome:
    """No frozen period of the last release is changed or dropped, but by a named revision."""
    policy = policy_of(evidence.contract)
    if policy is None:
        return passed(
            "Hợp đồng không quy định kỳ đã công bố phải giữ nguyên",
            "The contract does not freeze published periods",
        )
    last = evidence.previous
    if last is None:
        return passed(
            "Chưa có bản phát hành trước để so sánh", "There is no release to compare with"
        )
    allowed = {
        period.isoformat()
        for revision in revisions_of(evidence.contract)
        if revision.replaces == last.name
        for period in revision.periods
    }
    changes = _changes(
        evidence, policy, parquet_relation(last / f"{evidence.contract.name}.parquet")
    )
    wrong = [change for change in changes if change[0] not in allowed]
    revised = sorted(allowed & {change[0] for change in changes})
    if not wrong:
        return passed(
            f"Các kỳ đã chốt giống bản {last.name}"
            + (f", trừ các kỳ được quyết định sửa: {', '.join(revised)}" if revised else ""),
            f"Frozen periods are those of {last.name}"
            + (f", except those revised by decision: {', '.join(revised)}" if revised else ""),
            last.name,
        )
    named = [
        Text(f"{period} (mất {gone}, mới {new} dòng)", f"{period} ({gone} row(s) gone, {new} new)")
        for period, gone, new in wrong[:_NAMED]
    ]
    rest = f" … (+{len(wrong) - _NAMED})" if len(wrong) > _NAMED else ""
    return failed(
        f"{len(wrong)} kỳ đã chốt khác bản {last.name}:"
        f" {'; '.join(text.vi for text in named)}{rest}. Kỳ được sửa phải có quyết định trong"
        " revisions.yaml",
        f"{len(wrong)} frozen period(s) differ from {last.name}:"
        f" {'; '.join(text.en for text in named)}{rest}. A period is revised by an entry in"
        " revisions.yaml",
        observed=str(len(wrong)),
        failing_rows=sum(gone + new for _, gone, new in wrong),
        sample=tuple(
            {"period": period, "rows_gone": gone, "rows_new": new} for period, gone, new in wrong
        ),
    )
