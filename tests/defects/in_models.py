"""Defects of models: keys, joins, restatement, the hierarchy of budgets, suppression."""

from tests.defects.model import REPORTED, WARNED
from tests.defects.warehouse import on_macro, on_model


def one(values: str, where: str = "true") -> str:
    """SQL: the first row of those that satisfy `where` gets other values (`value as column`)."""
    return (
        f"(select * replace ({values}) from rows where {where} order by rows::varchar limit 1)"
        f" union all (from rows except all"
        f" (from rows where {where} order by rows::varchar limit 1))"
    )


def twice(values: str = "", where: str = "true") -> str:
    """SQL: the first row of those that satisfy `where` is there twice, the second time changed."""
    replaced = f" replace ({values})" if values else ""
    return (
        f"from rows union all (select *{replaced} from rows where {where}"
        " order by rows::varchar limit 1)"
    )


def without(where: str) -> str:
    """SQL: the first row of those that satisfy `where` is lost."""
    return f"from rows except all (from rows where {where} order by rows::varchar limit 1)"


on_model(
    "a-document-is-there-twice",
    "keys",
    "dim_document",
    "unique",
    "Một văn bản có hai dòng trong bảng văn bản",
    "A document has two rows in the dimension of documents",
    twice("title_vi || '.' as title_vi"),
    REPORTED,
)
on_model(
    "a-unit-has-two-rows-in-a-quarter",
    "keys",
    "mart_dossiers_by_unit",
    "unique_combination",
    "Một đơn vị có thêm một dòng toàn số 0 trong cùng quý",
    "A unit has a second row in a quarter, all zeros",
    twice(
        "0 as received, 0 as received_online, 0 as received_offline, 0 as completed,"
        " 0 as completed_on_time, 0 as completed_late"
    ),
)
on_model(
    "an-operator-nobody-knows",
    "keys",
    "mart_coverage_speed",
    "relationships",
    "Dòng tốc độ trỏ tới mạng không có trong bảng mạng",
    "A speed refers to a network that the dimension does not hold",
    one("'nobody' as network_key"),
)
on_model(
    "a-rank-is-empty",
    "keys",
    "mart_dti_ranks",
    "not_null",
    "Hạng của một tỉnh trống",
    "The rank of a province is empty",
    one("null as rank", "assessment_year > 2022 and rank_change is null"),
)
on_model(
    "a-way-of-restatement-nobody-defined",
    "restatement",
    "mart_dossiers_by_unit",
    "accepted_values",
    "Cách quy đổi đơn vị không có trong danh mục",
    "A way of restating a unit that is not in the list",
    one("'partly' as restatement"),
)
on_model(
    "two-units-share-a-code-on-one-day",
    "keys",
    "dim_admin_unit",
    "no_overlapping_validity",
    "Đơn vị mới bắt đầu khi đơn vị cũ cùng mã còn hiệu lực",
    "A new unit begins while the old one with its code is still valid",
    one(
        "date '2024-12-01' as valid_from",
        "valid_from = '2025-01-01' and exists (from rows as earlier where earlier.scheme"
        " = rows.scheme and earlier.code = rows.code and earlier.valid_to = '2024-12-31')",
    ),
)

on_model(
    "a-join-fans-out",
    "joins",
    "mart_coverage_speed",
    "same_total",
    "Phép nối nhân đôi số lần đo của một xã",
    "A join counts the measurements of a commune twice",
    one("2 * measurements as measurements"),
)
on_model(
    "a-join-repeats-every-row",
    "joins",
    "mart_dossiers_by_channel",
    "same_total",
    "Phép nối lặp lại mọi dòng",
    "A join repeats every row",
    "from rows union all from rows",
)
on_model(
    "dossiers-are-lost-on-the-way",
    "joins",
    "mart_dossiers_by_field",
    "same_total",
    "Một lĩnh vực mất hết hồ sơ trong một tháng",
    "A field loses its dossiers of one month",
    without("received > 0"),
)
on_model(
    "a-dossier-is-counted-late-and-on-time",
    "joins",
    "mart_dossiers_by_unit",
    "same_total",
    "Một hồ sơ được tính đúng hạn ở đơn vị không xử lý nó",
    "A dossier counts as on time in a unit that never had it",
    one("completed_on_time + 1 as completed_on_time"),
)
on_model(
    "a-hidden-row-is-dropped",
    "joins",
    "open_dossiers_by_unit",
    "same_rows",
    "Dòng có mọi số bị che biến mất khỏi bảng công bố",
    "A row whose figures are all suppressed is gone from the published table",
    without("received is null and completed is null"),
)
on_model(
    "states-do-not-add-up",
    "joins",
    "mart_dossier_status",
    "holds",
    "Một hồ sơ vừa đang xử lý vừa đã xong",
    "A dossier is both open and done",
    one("on_time + 1 as on_time"),
)
on_model(
    "a-fast-place-among-the-slow",
    "joins",
    "mart_low_speed_areas",
    "holds",
    "Điểm đo đạt ngưỡng nằm trong danh sách vùng tốc độ thấp",
    "A place at the threshold is listed as a low-speed area",
    one("threshold_mbps as download_mbps"),
)
on_model(
    "a-score-without-a-measurement",
    "joins",
    "mart_service_quality_766",
    "no_rows",
    "Chỉ tiêu chưa đo được vẫn có tỷ lệ điền sẵn",
    "An indicator that was not measured has a rate, filled in",
    one("50 as rate_percent", "measured_state = 'not measured'"),
    REPORTED,
)
on_model(
    "a-dossier-ends-before-it-begins",
    "dates",
    "stg_dossiers__dossier",
    "holds",
    "Hồ sơ kết thúc trước ngày tiếp nhận",
    "A dossier ends before the day it was received",
    one("received_on - 1 as ended_on", "received_on is not null and ended_on is not null"),
)
on_model(
    "a-holiday-is-worked",
    "dates",
    "dim_working_day",
    "no_rows",
    "Ngày nghỉ lễ được tính là ngày làm việc",
    "A holiday counts as a working day",
    one("true as is_working_day", "day_kind = 'holiday'"),
)
on_model(
    "a-working-day-too-many",
    "dates",
    "dim_working_day",
    "row_count_equals",
    "Một thứ bảy của năm 2025 bị tính là ngày làm việc",
    "A Saturday of 2025 counts as a working day",
    one(
        "true as is_working_day",
        "day_kind = 'weekend' and extract(year from calendar_day) = 2025",
    ),
)
on_model(
    "a-speed-is-copied-forward",
    "numbers",
    "mart_coverage_speed",
    "no_repeated_value",
    "Tốc độ trung bình mọi quý giống nhau đến từng chữ số",
    "The mean speed is the same in every quarter, to the digit",
    "select * replace (min(download_mbps_mean) over (partition by admin_unit_key, unit_code,"
    " operator, technology) as download_mbps_mean) from rows",
    WARNED,
)
on_macro(
    "a-repeat-is-overlooked",
    "numbers",
    "a_repeated_value_is_found",
    "Macro tìm số liệu lặp so với kỳ sau thay vì kỳ trước",
    "The macro that finds repeated figures looks at the next period, not at the one before",
    "lag(",
    "lead(",
)

on_model(
    "a-commune-is-missing-after-the-reform",
    "restatement",
    "dim_admin_unit",
    "row_count_equals",
    "Thiếu một xã trong danh mục sau 1/7/2025",
    "One commune is missing from the list after 1 July 2025",
    without("scheme = 'QD19_2025' and level = 'commune'"),
)
on_model(
    "a-district-survives-the-reform",
    "restatement",
    "dim_admin_unit",
    "row_count_equals",
    "Một huyện còn trong danh mục sau khi bỏ cấp huyện",
    "A district is still listed after districts were abolished",
    one("'QD19_2025' as scheme", "scheme = 'GSO_PRE2025' and level = 'district'"),
)
on_model(
    "a-reused-code-keeps-its-old-province",
    "restatement",
    "dim_admin_unit",
    "province_code_80_is_two_provinces",
    "Mã 80 trước và sau 1/7/2025 mang cùng một tên tỉnh",
    "Code 80 has one name before and after 1 July 2025",
    "select * replace (case when scheme = 'GSO_PRE2025' and code = '80' then (select after.name"
    " from rows as after where after.scheme = 'QD19_2025' and after.code = '80')"
    " else name end as name) from rows",
)
on_model(
    "a-provinces-successor-is-lost",
    "restatement",
    "bridge_admin_unit",
    "row_count_equals",
    "Một tỉnh cũ không còn đường tới tỉnh mới",
    "One old province has lost the way to its new one",
    without("level = 'province' and effective_on = '2025-07-01'"),
)
on_model(
    "a-split-unit-is-counted-twice",
    "restatement",
    "int_admin_unit_current",
    "unique",
    "Đơn vị bị chia được quy đổi trọn vẹn về cả hai đơn vị mới",
    "A divided unit is restated to both of its successors, whole",
    twice(where="restatement = 'whole' and not same_territory"),
)
on_model(
    "an-unknown-successor-is-guessed",
    "restatement",
    "int_admin_unit_current",
    "row_count_equals",
    "Đơn vị không rõ đơn vị kế thừa bị coi là đơn vị hiện hành",
    "A unit whose successor is unknown is taken for a current one",
    one("'current' as restatement", "restatement not in ('current', 'whole')"),
)
on_model(
    "a-rank-is-chained-across-methods",
    "restatement",
    "mart_dti_ranks",
    "row_count_equals",
    "So hạng 2024 với 2023 dù phương pháp và số tỉnh đã đổi",
    "A rank of 2024 is compared with 2023 although method and provinces changed",
    one("1 as previous_rank, 0 as rank_change", "assessment_year = 2024"),
)
on_model(
    "a-rank-beyond-the-provinces",
    "restatement",
    "mart_dti_ranks",
    "no_rows",
    "Hạng 63 khi chỉ còn 34 tỉnh được xếp",
    "Rank 63 where only 34 provinces are ranked",
    one("63 as rank", "units_ranked = 34"),
)

on_model(
    "a-region-is-not-its-provinces",
    "budget hierarchy",
    "mart_province_budget",
    "sums_to",
    "Tổng các vùng lệch tổng cả nước một triệu đồng",
    "The regions add up to one million đồng more than the country",
    one(
        "amount_vnd + 1000000 as amount_vnd",
        "row_class = 'region' and item_code = 'total_revenue' and amount_vnd is not null",
    ),
)
on_model(
    "a-unit-is-a-thousand-times-too-large",
    "units",
    "mart_it_spending",
    "sums_to",
    "Một dòng chi hiểu «đồng» thành «nghìn đồng»",
    "One line of spending takes đồng for thousands of đồng",
    one("amount_vnd * 1000 as amount_vnd", "row_class = 'data' and item = 'recurrent'"),
)
on_model(
    "a-total-counts-as-a-line",
    "budget hierarchy",
    "mart_province_accounts",
    "no_rows",
    "Dòng tổng được đánh dấu là dòng chi tiết nên bị cộng hai lần",
    "A total is marked as a leaf, so that it is added twice",
    one("true as is_leaf", "is_total"),
    REPORTED,
)
on_model(
    "parent-and-child-are-both-added",
    "budget hierarchy",
    "mart_province_accounts",
    "sums_to",
    "Dòng vùng được cộng cùng các tỉnh của vùng",
    "A region is added together with its provinces",
    "select * replace (is_additive or row_class = 'region' as is_additive) from rows",
    REPORTED,
)
on_model(
    "a-printed-total-is-off",
    "budget hierarchy",
    "mart_province_budget",
    "no_rows",
    "Tổng in trong văn bản lệch tổng các dòng dưới hơn 2 triệu đồng: cảnh báo, không sửa",
    "A printed total differs from the lines below by over 2 million đồng: warned, never mended",
    "select * replace (coalesce(children_difference_vnd, 0) + 3000000 as children_difference_vnd)"
    " from rows",
    WARNED,
)
on_model(
    "a-total-is-a-leaf-in-the-dimension",
    "budget hierarchy",
    "dim_budget_line",
    "no_rows",
    "Trong danh mục, một dòng vừa là tổng vừa là chi tiết",
    "A line of the dimension is both total and leaf",
    one("true as is_leaf", "is_total"),
    REPORTED,
)
on_model(
    "a-chapter-code-means-two-lines",
    "budget hierarchy",
    "dim_budget_line",
    "a_chapter_code_means_one_line_in_a_year",
    "Một mã chương thuộc hai thông tư trong cùng năm ngân sách",
    "A chapter code belongs to two circulars in one fiscal year",
    twice(
        "budget_line_key || ':x' as budget_line_key, 'CKTC09_PLAN_2010' as scheme",
        "line_kind = 'chapter_range' and budget_level <> 'district'",
    ),
    REPORTED,
)
on_model(
    "investment-is-spread-over-years",
    "budget hierarchy",
    "mart_it_spending",
    "row_count_equals",
    "Số đầu tư cả giai đoạn bị chia thành hai dòng",
    "The one figure of investment is spread over two lines",
    "select * replace (case when item = 'investment' and row_class = 'data'"
    " then amount_vnd / 2 else amount_vnd end as amount_vnd) from rows"
    " union all select * replace ('x' as line_id, amount_vnd / 2 as amount_vnd) from rows"
    " where item = 'investment' and row_class = 'data'",
)
on_macro(
    "quarters-are-not-decumulated",
    "budget hierarchy",
    "quarters_follow_from_cumulated_figures",
    "Số luỹ kế 6 tháng được dùng làm số của quý II",
    "The cumulated figure of six months is taken for that of the second quarter",
    "coalesce(cumulated_before, 0)",
    "0",
)

on_model(
    "a-hidden-count-follows-from-its-row",
    "privacy",
    "open_dossiers_by_field",
    "nothing_to_subtract",
    "Số nộp trực tuyến được hiện lại: số trực tiếp bị che suy ra được bằng phép trừ",
    "Online counts are shown again: the hidden offline ones follow by subtraction",
    "select rows.* replace (whole.received_online as received_online) from rows"
    " left join marts.mart_dossiers_by_field as whole using (month, procedure_field)",
)
on_model(
    "two-tables-hide-different-cells",
    "privacy",
    "open_dossiers_by_status",
    "same_rows",
    "Số tiếp nhận bị che ở bảng này lại hiện ở bảng kia",
    "A count that one table hides is shown by another",
    "select rows.* replace (coalesce(rows.received, whole.received) as received) from rows"
    " left join intermediate.int_dossier_status_by_field as whole"
    " using (month, procedure_field)",
)

on_model(
    "a-stated-change-does-not-lead-back",
    "numbers",
    "mart_plan_targets",
    "a_stated_change_leads_to_the_year_before",
    "Mức tăng đọc sai một đơn vị nên không dẫn về số năm trước",
    "A stated change is read wrong by one, so that it does not lead to the year before",
    one("value_number + 1 as value_number", "target_id = 'HT-20'"),
)
on_model(
    "a-code-keeps-the-name-of-before",
    "restatement",
    "dim_admin_unit",
    "communes_of_one_code_before_and_after_the_reform",
    "Mã 18077 mang tên cũ sau ngày nó được trao cho phường khác",
    "Code 18077 has its old name after the day it was given to another ward",
    one("'Phường Nguyễn Du' as name", "code = '18077' and valid_from = '2025-01-01'"),
)
on_model(
    "a-documents-mistake-is-mended-in-silence",
    "budget hierarchy",
    "mart_province_budget",
    "regional_subtotals_of_the_plan_of_2010",
    "Chỗ cộng sai của văn bản bị sửa lặng lẽ cho khớp",
    "What the document adds up wrong is mended in silence",
    "select * replace (case when abs(children_difference_vnd) > 2000000 then 0"
    " else children_difference_vnd end as children_difference_vnd) from rows",
)
on_model(
    "a-divided-unit-is-counted-in-one-of-today",
    "restatement",
    "bridge_admin_unit",
    "restated_totals_are_conserved",
    "Đơn vị bị chia mà số liệu của nó vẫn được cộng vào một đơn vị hiện nay",
    "A unit was divided, and its figures are still counted in a unit of today",
    one(
        "'part' as relation",
        "relation = 'whole' and predecessor_key in"
        " (select admin_unit_key from marts.mart_dossiers_by_unit)",
    ),
)
on_macro(
    "an-agencys-path-is-cut-one-letter-early",
    "keys",
    "an_agency_has_one_path_in_both_forms",
    "Macro cắt mã cơ quan lệch một ký tự nên hai dạng mã không ra cùng một đường dẫn",
    "The macro cuts an agency's code one letter early, so that its two forms have two paths",
    ", 11, 3)",
    ", 10, 3)",
)
on_model(
    "a-mapped-measure-that-no-mart-has",
    "joins",
    "stg_indicators__measures",
    "every_mapped_measure_is_a_figure_of_a_mart",
    "Bảng ánh xạ nêu một số đo không mart nào có: chỉ tiêu trông như chưa ai đo",
    "The mapping names a figure that no mart has: the indicator would look unmeasured",
    one("'nobody' as measure"),
)
