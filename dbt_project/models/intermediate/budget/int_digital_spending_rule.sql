-- What each document divides by what. Thresholds are not typed here: they come with the statement.
with definitions (
    ratio_code,
    target_id,
    result_target_id,
    numerator_vi,
    numerator_en,
    denominator_vi,
    denominator_en
) as (
    values
    (
        'digital_share',
        'TN-D01',
        cast(null as varchar),
        'Ngân sách bố trí cho chương trình chuyển đổi số',
        'Budget set aside for the digital-transformation programme',
        'Tổng chi ngân sách hằng năm',
        'Total budget spending of the year'
    ),
    (
        'digital_share',
        'TN-D03',
        'TN-D02',
        'Chi cho công nghệ thông tin: sự nghiệp và đầu tư',
        'Spending on information technology: recurrent and investment',
        'Tổng chi ngân sách nhà nước',
        'Total state-budget spending'
    ),
    (
        'security_share',
        'BD-14',
        null,
        'Chi cho an toàn thông tin mạng',
        'Spending on network information security',
        'Tổng chi ngân sách nhà nước cho chuyển đổi số',
        'Total state-budget spending on digital transformation'
    ),
    (
        'digital_government_share',
        'BD-15',
        null,
        'Chi cho hoạt động chính quyền số',
        'Spending on digital-government activities',
        'Tổng chi ngân sách nhà nước trên địa bàn',
        'Total state-budget spending in the province'
    )
)

select
    definitions.ratio_code,
    definitions.target_id,
    definitions.result_target_id,
    definitions.numerator_vi,
    definitions.numerator_en,
    definitions.denominator_vi,
    definitions.denominator_en,
    targets.admin_unit_key,
    targets.province_as_published,
    targets.unit_status,
    targets.kind,
    targets.operator,
    cast(targets.value_number as decimal(9, 4)) as threshold_percent,
    targets.unit,
    targets.period_printed,
    targets.year_from,
    targets.year_to,
    targets.doc_id,
    targets.document_number,
    targets.document_date,
    targets.section,
    targets.document_note
from definitions
left join {{ ref('mart_plan_targets') }} as targets on definitions.target_id = targets.target_id
