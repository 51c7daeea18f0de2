"""Defects of published relations that only the rules of their own contracts tell."""

from tests.defects.in_models import one, without
from tests.defects.model import WARNED
from tests.defects.rules import on_rule

on_rule(
    "an-unknown-successor-gets-a-code",
    "restatement",
    "admin-unit-changes",
    "unknown_has_no_successor",
    "Đơn vị không rõ kế thừa vẫn được gán mã mới",
    "A unit whose successor is unknown is given one",
    one("'00001' as successor_code", "relation = 'unknown'"),
)
on_rule(
    "a-province-change-is-not-published",
    "restatement",
    "admin-unit-changes",
    "every_old_province_once",
    "Một tỉnh cũ bị thiếu trong danh sách thay đổi",
    "One old province is missing from the published changes",
    without("level = 'province' and effective_on = date '2025-07-01'"),
)
on_rule(
    "a-division-with-one-part",
    "restatement",
    "admin-unit-changes",
    "divided_units_have_several_successors",
    "Đơn vị bị chia chỉ còn một phần kế thừa",
    "A divided unit has one successor only",
    "select * replace (case when relation = 'whole' and row_number() over (order by rows::varchar)"
    " = (select min(place) from (select relation, row_number() over (order by rows::varchar)"
    " as place from rows) where relation = 'whole') then 'part' else relation end as relation)"
    " from rows",
)
on_rule(
    "a-commune-is-not-published",
    "restatement",
    "admin-units",
    "provinces_and_communes_now",
    "Một xã hiện hành không có trong danh mục công bố",
    "A present commune is not in the published list",
    without("valid_to is null and level = 'commune'"),
)
on_rule(
    "an-old-district-is-not-published",
    "restatement",
    "admin-units",
    "units_before_july_2025",
    "Một huyện trước 1/7/2025 không có trong danh mục công bố",
    "A district of before July 2025 is not in the published list",
    without("valid_to = date '2025-06-30' and level = 'district'"),
)
on_rule(
    "a-beginning-nobody-knows-without-a-word",
    "restatement",
    "admin-units",
    "unknown_start_has_a_reason",
    "Ngày bắt đầu trống mà không nói vì sao",
    "A unit's first day is empty, and nothing says why",
    one("null as validity_note", "valid_from is null"),
)
on_rule(
    "a-mean-that-is-no-mean",
    "numbers",
    "coverage-speed",
    "mean_follows_from_sum_and_count",
    "Trung bình không bằng tổng chia số lần đo",
    "A mean is not the sum divided by the count",
    one("download_mbps_sum + 1 as download_mbps_sum"),
)
on_rule(
    "a-slow-commune-is-called-fast",
    "numbers",
    "coverage-speed",
    "below_is_told_by_the_threshold",
    "Xã dưới ngưỡng không được đánh dấu là dưới ngưỡng",
    "A commune below the threshold is not marked so",
    one("not is_below_threshold as is_below_threshold", "is_below_threshold is not null"),
)
on_rule(
    "a-repeated-mean-is-published",
    "numbers",
    "coverage-speed",
    "no_repeated_mean",
    "Số trung bình lặp quý trước: công bố, và nói ra",
    "A mean repeats that of the quarter before: published, and said",
    one("true as repeats_previous", "not repeats_previous"),
    WARNED,
)
on_rule(
    "a-ratio-is-left-out",
    "budget hierarchy",
    "digital-spending",
    "every_ratio_is_there",
    "Thiếu hẳn một trong ba tỷ lệ chi số",
    "One of the three ratios of digital spending is missing",
    "select * from rows where ratio_code <> (select min(ratio_code) from rows)",
)
on_rule(
    "a-ratio-that-is-none",
    "numbers",
    "digital-spending",
    "recomputed_ratio_follows_from_its_figures",
    "Tỷ lệ tính lại không bằng tử chia mẫu",
    "A recomputed ratio is not numerator by denominator",
    one("ratio_percent + 0.01 as ratio_percent", "basis = 'recomputed' and ratio_percent > 0"),
)
on_rule(
    "a-printed-ratio-is-off",
    "budget hierarchy",
    "it-spending",
    "printed_ratio_follows_from_the_figures",
    "Tỷ lệ in lệch tỷ lệ tính lại ở thêm một dòng: công bố, và nói ra",
    "One more printed ratio differs from the figures: published, and said",
    one("0.5 as difference_points", "difference_points is null or abs(difference_points) < 0.005"),
    WARNED,
)
# Suppressed as the contract says, but in the wrong places: only the rule on places can tell.
_SHOWN = (
    "18::bigint as received, 18::bigint as completed, 9::bigint as completed_on_time,"
    " 9::bigint as completed_late, 50 as on_time_rate, false as is_suppressed,"
    " null as suppressed_measures"
)
_BOTH_SHOWN = "9::bigint as received_online, 9::bigint as received_offline, 50 as online_share"
_HIDDEN = (
    "null as received, null as completed, null as completed_on_time, null as completed_late,"
    " null as on_time_rate, true as is_suppressed"
)
_NAMES = "'received;completed;completed_on_time;completed_late' as suppressed_measures"
_LAST = "month = (select max(month) from rows)"


def _lone(shown: str, hidden: str, key: str) -> str:
    """SQL: in the last month the first row by `key` is hidden and all others are shown."""
    first = f"(select min({key}) from rows where {_LAST})"
    return (
        f"(select * replace ({shown}) from rows where {_LAST} and {key} <> {first})"
        f" union all (select * replace ({hidden}) from rows where {_LAST} and {key} = {first})"
    )


on_rule(
    "one-part-alone-is-hidden",
    "privacy",
    "dossiers-by-field",
    "no_lone_hidden_part",
    "Chỉ một trong ba số của một dòng bị che, suy ra được từ hai số kia",
    "Of three figures of a row one is hidden, and follows from the other two",
    "select * replace (18::bigint as received, null as received_online,"
    " 9::bigint as received_offline, null as online_share, 18::bigint as completed,"
    " 9::bigint as completed_on_time, 9::bigint as completed_late, 50 as on_time_rate,"
    " true as is_suppressed, 'received_online' as suppressed_measures) from rows",
)
on_rule(
    "one-row-alone-is-hidden",
    "privacy",
    "dossiers-by-field",
    "no_lone_hidden_row",
    "Cả tháng chỉ một lĩnh vực bị che, suy ra được từ tổng tháng",
    "One field of a month is hidden, and follows from the month's total",
    f"(from rows where not {_LAST}) union all "
    + _lone(
        f"{_SHOWN}, {_BOTH_SHOWN}",
        f"{_HIDDEN}, null as received_online, null as received_offline, null as online_share,"
        " 'received;received_online;received_offline;completed;completed_on_time;completed_late'"
        " as suppressed_measures",
        "procedure_field",
    ),
)
on_rule(
    "one-province-row-alone-is-hidden",
    "privacy",
    "dossiers-by-channel",
    "no_lone_hidden_row_by_province",
    "Trong một tỉnh chỉ một dòng bị che, suy ra được từ tổng tỉnh",
    "One row of a province is hidden, and follows from the province's total",
    f"(from rows where not {_LAST}) union all "
    + _lone(
        _SHOWN,
        f"{_HIDDEN}, {_NAMES}",
        "channel_code || service_level",
    )
    + f" union all (select * replace ('x' as province_key, {_HIDDEN}, {_NAMES})"
    f" from rows where {_LAST})",
)
on_rule(
    "published-parts-do-not-add-up",
    "joins",
    "dossiers-by-field",
    "parts_add_up",
    "Trực tuyến cộng trực tiếp không bằng tổng tiếp nhận",
    "Online and offline do not add up to received",
    one(
        "received + 1 as received, 100.0 * received_online / (received + 1) as online_share",
        "received_online is not null",
    ),
)
on_rule(
    "a-published-rate-is-off",
    "numbers",
    "dossiers-by-field",
    "rates_agree",
    "Tỷ lệ trực tuyến không khớp hai số của nó",
    "The online share is not that of its two figures",
    one("online_share + 1 as online_share", "online_share is not null"),
)
on_rule(
    "a-published-rank-beyond-the-provinces",
    "numbers",
    "dti-ranks",
    "rank_within_units_ranked",
    "Hạng công bố lớn hơn số tỉnh được xếp",
    "A published rank is beyond the number of provinces",
    one("units_ranked + 1 as rank"),
)
on_rule(
    "a-list-of-ranks-is-cut",
    "joins",
    "dti-ranks",
    "full_list_of_2022",
    "Danh sách hạng năm 2022 thiếu một tỉnh",
    "The list of ranks of 2022 lacks a province",
    without("assessment_year = 2022 and index_code = 'overall'"),
)
on_rule(
    "a-score-is-chained-across-methods",
    "restatement",
    "dti-scores",
    "no_chain_into_2024",
    "Điểm 2024 được so với 2023 dù phương pháp đã đổi",
    "A score of 2024 is compared with 2023 although the method changed",
    one("0.01 as score_change, 2024 as assessment_year"),
)
on_rule(
    "a-number-where-nothing-was-said",
    "numbers",
    "indicator-values",
    "number_only_where_there_is_one",
    "Ô để trống được điền số 0",
    "A blank is filled with 0",
    one("'blank' as value_state", "value_number is not null"),
)
on_rule(
    "a-value-without-its-number",
    "numbers",
    "indicator-values",
    "a_value_without_number_says_why",
    "Giá trị mất con số mà không nói vì sao",
    "A value lost its number, and nothing says why",
    one("null as value_number, null as problem", "value_state = 'value'"),
)
on_rule(
    "investment-is-published-by-year",
    "budget hierarchy",
    "it-spending",
    "investment_is_one_figure",
    "Số đầu tư cả giai đoạn được ghi cho một năm",
    "The one figure of investment is given to a single year",
    one("period_from as period_to", "item = 'investment' and row_class = 'data'"),
)
on_rule(
    "a-published-total-is-off",
    "budget hierarchy",
    "it-spending",
    "totals_add_up",
    "Tổng công bố lệch tổng các năm một đồng",
    "A published total differs by one đồng from its years",
    one("amount_vnd + 1 as amount_vnd", "item = 'recurrent' and row_class = 'data'"),
)
on_rule(
    "only-the-printed-ratio",
    "budget hierarchy",
    "it-spending",
    "both_ratios_are_published",
    "Tỷ lệ tính lại không được công bố cạnh tỷ lệ in",
    "The recomputed ratio is not published beside the printed one",
    without("item = 'it_share' and basis = 'recomputed'"),
)
on_rule(
    "a-fast-place-is-published-as-slow",
    "numbers",
    "low-speed-areas",
    "below_threshold",
    "Điểm đạt ngưỡng nằm trong danh sách công bố vùng chậm",
    "A place at the threshold is published as a low-speed area",
    one("threshold_mbps as download_mbps"),
)
on_rule(
    "a-place-without-unit-or-word",
    "keys",
    "low-speed-areas",
    "unknown_unit_has_a_reason",
    "Điểm đo không khớp đơn vị nào mà không nói vì sao",
    "A place belongs to no unit, and nothing says why",
    one("null as admin_unit_key", "admin_unit_key is not null"),
)
on_rule(
    "a-statement-is-lost",
    "joins",
    "plan-targets",
    "statements_are_144",
    "Mất một trong 144 chỉ tiêu của văn bản",
    "One of the documents' 144 statements is lost",
    without("part = 'statement'"),
)
on_rule(
    "a-blank-cell-becomes-none",
    "numbers",
    "plan-targets",
    "appendix_cells_are_90",
    "Ô để trống của phụ lục bị coi là «không có»",
    "A blank cell of the appendix is taken for “none”",
    one("'explicit_none' as value_state", "part = 'appendix_cell' and value_state = 'blank'"),
)
on_rule(
    "most-procedures-are-lost",
    "joins",
    "procedures",
    "at_least_200_procedures",
    "Danh mục thủ tục chỉ còn 50 dòng",
    "The catalogue of procedures has 50 rows left",
    "from rows order by all limit 50",
)
on_rule(
    "a-province-has-no-budget",
    "budget hierarchy",
    "province-budgets",
    "provinces_are_63",
    "Dự toán thiếu một tỉnh",
    "The plan lacks a province",
    without("row_class = 'province'"),
)
on_rule(
    "a-blank-amount-becomes-zero",
    "budget hierarchy",
    "province-budgets",
    "blank_is_not_zero",
    "Ô để trống trong dự toán thành 0 đồng",
    "A blank of the plan becomes 0 đồng",
    one("0 as printed_value", "value_state = 'blank'"),
)
on_rule(
    "a-difference-that-is-none",
    "budget hierarchy",
    "province-budgets",
    "differences_are_right",
    "Chênh lệch ghi không bằng hiệu hai số",
    "A difference is not that of its two figures",
    one("children_difference_vnd + 1 as children_difference_vnd", "children_vnd is not null"),
)
on_rule(
    "a-published-total-is-off-by-millions",
    "budget hierarchy",
    "province-budgets",
    "printed_totals_add_up",
    "Thêm một tổng in lệch tổng các dòng dưới: công bố, và nói ra",
    "One more printed total differs from the lines below it: published, and said",
    one(
        "amount_vnd - children_vnd + 3000000 as children_difference_vnd,"
        " amount_vnd + 3000000 as amount_vnd, amount_vnd + 3000000 - parts_vnd"
        " as parts_difference_vnd",
        "children_vnd is not null and abs(children_difference_vnd) < 2000000",
    ),
    WARNED,
)
on_rule(
    "a-unit-that-ended-is-judged",
    "restatement",
    "target-progress",
    "closed_units_are_not_judged",
    "Chỉ tiêu của đơn vị không còn vẫn được chấm",
    "A target of a unit that is no more is judged",
    one("'not_measured' as status", "status = 'closed'"),
)
on_rule(
    "a-verdict-without-a-value",
    "numbers",
    "target-progress",
    "a_verdict_has_a_value",
    "Chỉ tiêu được coi là đạt dù không có số thực hiện",
    "A target counts as met although there is no actual value",
    one(
        "'met' as status, null as actual_value",
        "status not in ('closed', 'met', 'on_track', 'behind')",
    ),
)


on_rule(
    "an-earlier-release-tells-the-other-part",
    "privacy",
    "dossiers-by-field",
    "hidden_cells",
    "Bản phát hành trước đã hiện số trực tuyến nay bị ẩn: số trực tiếp suy ra được bằng phép trừ",
    "An earlier release showed the online count that is hidden now: the offline one follows",
    earlier="select rows.* replace (case when whole.received_online >= 5 then"
    " whole.received_online end as received_online) from rows"
    " left join marts.mart_dossiers_by_field as whole using (month, procedure_field)",
)
