-- Maximum points of the groups and of the three indicators whose points are known: the Decision as
-- two public pages report it. Formulas: the reports of one province's one-stop system. How a rate
-- becomes points is in neither, so nothing here turns one into the other.
with indicators as (
    select
        listed.group_number,
        listed.indicator_code,
        listed.indicator_vi,
        listed.indicator_en,
        listed.indicator_max_points,
        listed.known_from,
        listed.not_measured_reason
    from (
        values
        (
            1, 'procedures_published_on_time', 'Thủ tục được công khai đúng hạn',
            'Procedures published on time', 4, 'points',
            'no source holds when a procedure was decided and when it was published'
        ),
        (
            2, 'on_time_rate', 'Hồ sơ giải quyết đúng hạn', 'Dossiers completed on time',
            20, 'points', null
        ),
        (
            2, 'open_overdue_rate', 'Hồ sơ đang xử lý đã quá hạn',
            'Dossiers in progress that are overdue', null, 'formula', null
        ),
        (
            3, 'component_digitisation_rate', 'Hồ sơ có thành phần được số hóa',
            'Dossiers with a digitised component', null, 'formula', null
        ),
        (
            3, 'result_digitisation_rate', 'Hồ sơ có kết quả điện tử',
            'Dossiers with an electronic result', null, 'formula',
            'the dossiers do not say whether the result is electronic'
        ),
        (
            3, 'component_reuse_rate', 'Thành phần được dùng lại',
            'Digitised components that are reused', null, 'formula',
            'the dossiers do not list their components'
        ),
        (
            4, 'online_rate', 'Hồ sơ nộp trực tuyến, thủ tục một phần và toàn trình',
            'Dossiers filed online, of procedures partly or fully online', null, 'formula', null
        ),
        (
            4, 'full_service_online_rate', 'Hồ sơ nộp trực tuyến, thủ tục toàn trình',
            'Dossiers filed online, of procedures fully online', null, 'formula', null
        ),
        (
            4, 'online_procedures_with_dossiers', 'Thủ tục trực tuyến có hồ sơ',
            'Online procedures that have dossiers', null, 'formula',
            'the catalogue does not say which procedures are offered online'
        ),
        (
            4, 'online_payment_by_dossier', 'Hồ sơ thanh toán trực tuyến',
            'Dossiers paid online', null, 'formula', null
        ),
        (
            4, 'online_payment_by_procedure', 'Thủ tục có thanh toán trực tuyến',
            'Procedures with a payment online', null, 'formula', null
        ),
        (
            5, 'satisfaction_rate', 'Tỷ lệ hài lòng', 'Share of satisfied applicants',
            6, 'points', 'no source holds the applicants'' ratings'
        )
    ) as listed (
        group_number, indicator_code, indicator_vi, indicator_en, indicator_max_points,
        known_from, not_measured_reason
    )
),

groups as (
    select
        listed.group_number,
        listed.group_vi,
        listed.group_en,
        listed.group_max_points
    from (
        values
        (1, 'Công khai, minh bạch', 'Openness and transparency', 18),
        (2, 'Tiến độ, kết quả giải quyết', 'Progress and results', 20),
        (3, 'Số hóa hồ sơ', 'Digitisation of dossiers', 22),
        (4, 'Cung cấp dịch vụ trực tuyến', 'Online services', 22),
        (5, 'Mức độ hài lòng', 'Satisfaction', 18)
    ) as listed (group_number, group_vi, group_en, group_max_points)
)

select
    indicators.group_number,
    groups.group_vi,
    groups.group_en,
    groups.group_max_points,
    indicators.indicator_code,
    indicators.indicator_vi,
    indicators.indicator_en,
    indicators.indicator_max_points,
    case indicators.known_from
        when 'points' then 'Quyết định 766/QĐ-TTg'
        else 'Quyết định 766/QĐ-TTg, công thức của một hệ thống một cửa cấp tỉnh'
    end as known_from,
    indicators.not_measured_reason
from indicators
inner join groups on indicators.group_number = groups.group_number
