-- Chapter codes are given for the years in which their circular applies; columns of a published
-- form only for the years whose form is at hand, because the form changes from year to year.
with chapters (
    scheme,
    document_number,
    code,
    parent_code,
    budget_level,
    valid_from_fy,
    valid_to_fy,
    replaced_by_scheme,
    replaced_by_code,
    certainty,
    validity_note
) as (
    values
    (
        'TT324_2016',
        '324/2016/TT-BTC',
        '001-399',
        null,
        'central',
        null,
        2025,
        'TT130_2025',
        '001-399',
        'repository',
        'first fiscal year not verified'
    ),
    (
        'TT324_2016',
        '324/2016/TT-BTC',
        '400-599',
        null,
        'province',
        null,
        2025,
        'TT130_2025',
        '400-599',
        'repository',
        'first fiscal year not verified'
    ),
    (
        'TT324_2016',
        '324/2016/TT-BTC',
        '600-799',
        null,
        'district',
        null,
        2025,
        null,
        null,
        'repository',
        'first fiscal year not verified; abolished with the district level'
    ),
    (
        'TT324_2016',
        '324/2016/TT-BTC',
        '754',
        '600-799',
        'district',
        null,
        2025,
        'TT130_2025',
        '854',
        'repository',
        'first fiscal year not verified'
    ),
    (
        'TT324_2016',
        '324/2016/TT-BTC',
        '755',
        '600-799',
        'district',
        null,
        2025,
        'TT130_2025',
        '855',
        'repository',
        'first fiscal year not verified'
    ),
    (
        'TT324_2016',
        '324/2016/TT-BTC',
        '756',
        '600-799',
        'district',
        null,
        2025,
        'TT130_2025',
        '856',
        'repository',
        'first fiscal year not verified'
    ),
    (
        'TT324_2016',
        '324/2016/TT-BTC',
        '757',
        '600-799',
        'district',
        null,
        2025,
        'TT130_2025',
        '857',
        'repository',
        'first fiscal year not verified'
    ),
    (
        'TT324_2016',
        '324/2016/TT-BTC',
        '800-989',
        null,
        'commune',
        null,
        2025,
        'TT130_2025',
        '800-989',
        'repository',
        'first fiscal year not verified'
    ),
    (
        'TT130_2025',
        '130/2025/TT-BTC',
        '001-399',
        null,
        'central',
        2026,
        null,
        null,
        null,
        'inferred',
        'taken over: only the district range is reported as abolished'
    ),
    (
        'TT130_2025',
        '130/2025/TT-BTC',
        '400-599',
        null,
        'province',
        2026,
        null,
        null,
        null,
        'inferred',
        'taken over: only the district range is reported as abolished'
    ),
    (
        'TT130_2025',
        '130/2025/TT-BTC',
        '800-989',
        null,
        'commune',
        2026,
        null,
        null,
        null,
        'inferred',
        'taken over: only the district range is reported as abolished'
    ),
    (
        'TT130_2025',
        '130/2025/TT-BTC',
        '854',
        '800-989',
        'commune',
        2026,
        null,
        null,
        null,
        'repository',
        null
    ),
    (
        'TT130_2025',
        '130/2025/TT-BTC',
        '855',
        '800-989',
        'commune',
        2026,
        null,
        null,
        null,
        'repository',
        null
    ),
    (
        'TT130_2025',
        '130/2025/TT-BTC',
        '856',
        '800-989',
        'commune',
        2026,
        null,
        null,
        null,
        'repository',
        null
    ),
    (
        'TT130_2025',
        '130/2025/TT-BTC',
        '857',
        '800-989',
        'commune',
        2026,
        null,
        null,
        null,
        'repository',
        null
    )
),

form_columns (
    scheme,
    document_number,
    line_position,
    code,
    parent_code,
    measure,
    label_vi,
    label_en,
    valid_from_fy,
    valid_to_fy
) as (
    values
    (
        'CKTC09_PLAN_2010',
        '3234/QĐ-BTC',
        1,
        'revenue',
        null,
        'amount',
        'Tổng thu NSNN trên địa bàn',
        'Total revenue in the area',
        2010,
        2010
    ),
    (
        'CKTC09_PLAN_2010',
        '3234/QĐ-BTC',
        2,
        'retained_share_percent',
        null,
        'percent',
        'Tỷ lệ (%) phân chia nguồn thu giữa NSTW và NSĐP',
        'Share of shared revenue that the province keeps',
        2010,
        2010
    ),
    (
        'CKTC09_PLAN_2010',
        '3234/QĐ-BTC',
        3,
        'spending',
        null,
        'amount',
        'Tổng chi cân đối ngân sách địa phương',
        'Balanced local expenditure',
        2010,
        2010
    ),
    (
        'CKTC09_PLAN_2010',
        '3234/QĐ-BTC',
        4,
        'transfers',
        null,
        'amount',
        'Bổ sung từ ngân sách trung ương: tổng số',
        'Transfers from the central budget: total',
        2010,
        2010
    ),
    (
        'CKTC09_PLAN_2010',
        '3234/QĐ-BTC',
        5,
        'balancing_transfers',
        'transfers',
        'amount',
        'Bổ sung cân đối',
        'Balancing transfer',
        2010,
        2010
    ),
    (
        'CKTC09_PLAN_2010',
        '3234/QĐ-BTC',
        6,
        'wage_transfers',
        'transfers',
        'amount',
        'Bổ sung tiền lương tối thiểu',
        'Minimum-wage transfer',
        2010,
        2010
    ),
    (
        'CKTC09_PLAN_2010',
        '3234/QĐ-BTC',
        7,
        'targeted_transfers',
        'transfers',
        'amount',
        'Bổ sung có mục tiêu: tổng số',
        'Targeted transfers: total',
        2010,
        2010
    ),
    (
        'CKTC09_PLAN_2010',
        '3234/QĐ-BTC',
        8,
        'targeted_projects',
        'targeted_transfers',
        'amount',
        'Bổ sung có mục tiêu: các dự án, công trình quan trọng (vốn đầu tư)',
        'Targeted transfers: investment',
        2010,
        2010
    ),
    (
        'CKTC09_PLAN_2010',
        '3234/QĐ-BTC',
        9,
        'targeted_policies',
        'targeted_transfers',
        'amount',
        'Bổ sung có mục tiêu: các nhiệm vụ, chế độ chính sách (vốn sự nghiệp)',
        'Targeted transfers: recurrent',
        2010,
        2010
    ),
    (
        'CKTC09_PLAN_2010',
        '3234/QĐ-BTC',
        10,
        'targeted_programmes',
        'targeted_transfers',
        'amount',
        'Bổ sung có mục tiêu: chương trình mục tiêu quốc gia và chương trình khác',
        'Targeted transfers: national programmes',
        2010,
        2010
    ),
    (
        'CKTC09_FINAL_2012',
        null,
        1,
        'revenue',
        null,
        'amount',
        'Tổng thu NSNN trên địa bàn tỉnh, thành phố',
        'Total revenue in the area',
        2012,
        2012
    ),
    (
        'CKTC09_FINAL_2012',
        null,
        2,
        'retained_share_percent',
        null,
        'percent',
        'Tỷ lệ phân chia nguồn thu giữa NSTW và NSĐP',
        'Share of shared revenue that the province keeps',
        2012,
        2012
    ),
    (
        'CKTC09_FINAL_2012',
        null,
        3,
        'spending',
        null,
        'amount',
        'Tổng chi cân đối NSĐP',
        'Balanced local expenditure',
        2012,
        2012
    ),
    (
        'CKTC09_FINAL_2012',
        null,
        4,
        'transfers',
        null,
        'amount',
        'Bổ sung từ NSTW cho NSĐP: tổng số',
        'Transfers from the central budget: total',
        2012,
        2012
    ),
    (
        'CKTC09_FINAL_2012',
        null,
        5,
        'balancing_transfers',
        'transfers',
        'amount',
        'Bổ sung cân đối',
        'Balancing transfer',
        2012,
        2012
    ),
    (
        'CKTC09_FINAL_2012',
        null,
        6,
        'targeted_foreign_capital',
        'transfers',
        'amount',
        'Bổ sung có mục tiêu: vốn ngoài nước',
        'Targeted transfers: foreign capital',
        2012,
        2012
    ),
    (
        'CKTC09_FINAL_2012',
        null,
        7,
        'targeted_important_duties',
        'transfers',
        'amount',
        'Bổ sung có mục tiêu: thực hiện những nhiệm vụ quan trọng',
        'Targeted transfers: important duties',
        2012,
        2012
    ),
    (
        'IT_APPENDIX_2021',
        '713/QĐ-UBND',
        1,
        'recurrent',
        null,
        'amount',
        'Chi sự nghiệp CNTT',
        'Recurrent spending on information technology',
        2016,
        2020
    ),
    (
        'IT_APPENDIX_2021',
        '713/QĐ-UBND',
        2,
        'investment',
        null,
        'amount',
        'Chi đầu tư CNTT',
        'Investment in information technology',
        2016,
        2020
    ),
    (
        'IT_APPENDIX_2021',
        '713/QĐ-UBND',
        3,
        'total_expenditure',
        null,
        'amount',
        'Tổng chi ngân sách nhà nước',
        'Total state-budget spending',
        2016,
        2020
    ),
    (
        'IT_APPENDIX_2021',
        '713/QĐ-UBND',
        4,
        'it_share',
        null,
        'percent',
        'Tỷ lệ chi CNTT trên tổng chi',
        'Share of spending on information technology',
        2016,
        2020
    )
),

lines as (
    select
        scheme,
        case when code like '%-%' then 'chapter_range' else 'chapter' end as line_kind,
        code,
        cast(null as integer) as line_position,
        parent_code,
        case when code like '%-%' then 'Khoảng chương ' else 'Chương ' end || code as label_vi,
        case when code like '%-%' then 'Chapters ' else 'Chapter ' end || code as label_en,
        budget_level,
        'code' as measure,
        valid_from_fy,
        valid_to_fy,
        validity_note,
        replaced_by_scheme,
        replaced_by_code,
        certainty,
        document_number
    from chapters

    union all

    select
        scheme,
        'form_column' as line_kind,
        code,
        line_position,
        parent_code,
        label_vi,
        label_en,
        null as budget_level,
        measure,
        valid_from_fy,
        valid_to_fy,
        'the years whose form is at hand' as validity_note,
        null as replaced_by_scheme,
        null as replaced_by_code,
        'document' as certainty,
        document_number
    from form_columns
),

keyed as (
    select
        *,
        scheme || ':' || code as budget_line_key
    from lines
),

with_parts as (
    select distinct scheme || ':' || parent_code as budget_line_key
    from lines
    where parent_code is not null
)

select
    keyed.budget_line_key,
    keyed.scheme,
    keyed.line_kind,
    keyed.code,
    cast(keyed.line_position as integer) as line_position,
    parents.budget_line_key as parent_key,
    keyed.label_vi,
    keyed.label_en,
    keyed.budget_level,
    keyed.measure,
    with_parts.budget_line_key is null as is_leaf,
    -- chapters are ranges of codes: nothing adds up to them in a table
    keyed.line_kind = 'form_column' and with_parts.budget_line_key is not null as is_total,
    cast(keyed.valid_from_fy as integer) as valid_from_fy,
    cast(keyed.valid_to_fy as integer) as valid_to_fy,
    keyed.validity_note,
    successors.budget_line_key as replaced_by_key,
    keyed.certainty,
    keyed.document_number
from keyed
left join keyed as parents
    on keyed.scheme = parents.scheme and keyed.parent_code = parents.code
left join keyed as successors
    on
        keyed.replaced_by_scheme = successors.scheme
        and keyed.replaced_by_code = successors.code
left join with_parts on keyed.budget_line_key = with_parts.budget_line_key
