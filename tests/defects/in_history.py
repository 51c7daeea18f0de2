"""Defects that only a comparison with earlier releases shows: frozen periods, drift."""

from tests.defects.candidates import Street, on_candidate, withheld
from tests.defects.model import WARNED


def _frozen(street: Street) -> None:
    policy = {"period": "month", "length": "P1M", "frozenAfter": "P3M"}
    street.contract(
        lambda data: data["customProperties"].append({"property": "revision", "value": policy})
    )
    street.world.build()
    assert street.world.publish().outcome == "published"


withheld(
    "a-frozen-month-is-rewritten",
    "restatement",
    "revision_policy",
    "Một con số của tháng 2 đã chốt bị sửa lặng lẽ",
    "A figure of February, which is frozen, is changed in silence",
    lambda street: (_frozen(street), street.replaced("99 as score")),
)
withheld(
    "a-frozen-month-loses-its-rows",
    "restatement",
    "revision_policy",
    "Mọi dòng của tháng 1 đã chốt biến mất khỏi bản mới",
    "The rows of January, which is frozen, are gone from the new version",
    lambda street: (
        _frozen(street),
        street.rows("select * from rows where month <> date '2026-01-01'"),
    ),
)


def _drifting(name: str, kind: str, vi: str, en: str, rows: str) -> None:
    """A build of other rows after three releases that hardly differ: published, and said."""
    on_candidate(
        name,
        "release",
        f"drift_{kind}",
        WARNED,
        vi,
        en,
        lambda street: (street.world.publish_before(), street.rows(rows)),
    )


_drifting(
    "a-quarter-of-the-rows-is-gone",
    "rows",
    "Bản mới thiếu một phần tư số dòng so với các bản trước: công bố, và nói ra",
    "A quarter of the rows is gone that the releases before had: published, and said",
    "select * from rows where unit_code::int // 7 % 4 <> 1",
)
_drifting(
    "a-channel-is-gone",
    "categories",
    "Kênh bưu chính không còn dòng nào, dồn hết vào tại quầy: công bố, và nói ra",
    "No row is left of the channel by post; all are at the counter: published, and said",
    "select * replace (case channel when 'post' then 'counter' else channel end as channel)"
    " from rows",
)
_drifting(
    "every-fifth-score-is-missing",
    "nulls",
    "Một phần năm số dòng bỗng không có điểm: công bố, và nói ra",
    "A fifth of the rows suddenly has no score: published, and said",
    "select * replace (case when unit_code::int % 5 > 0 then score end as score) from rows",
)
_drifting(
    "a-figure-is-in-another-unit",
    "distribution",
    "Một cột số được ghi bằng nghìn thay vì đơn vị: công bố, và nói ra",
    "A column of numbers is in thousands instead of ones: published, and said",
    "select * replace (spread / 1000 as spread) from rows",
)
withheld(
    "rows-are-gone-where-the-contract-forbids-it",
    "release",
    "drift_rows",
    "Thiếu một phần tư số dòng ở tập mà hợp đồng bắt buộc số dòng trong khoảng thường thấy",
    "A quarter of the rows is gone where the contract makes the usual number a must",
    lambda street: (
        street.contract(
            lambda data: data["customProperties"].append(
                {"property": "drift", "value": {"rows": {"severity": "blocker"}}}
            )
        ),
        street.world.publish_before(),
        street.rows("select * from rows where unit_code::int // 7 % 4 <> 1"),
    ),
)
