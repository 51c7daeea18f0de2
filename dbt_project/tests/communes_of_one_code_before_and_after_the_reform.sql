-- The traps of one province in three states: a commune of a district that ended at the end of 2024,
-- communes whose successor nobody names, communes that were divided, one code with two names, one
-- name in three territories. What a code means on a day, and what it is today.
with expected (code, on_day, name, parent_code, restatement, current_code) as (
    values
    -- of the district 448, which ended on 31 December 2024
    ('18580', date '2024-05-20', 'Xã Thạch Kim', '448', 'whole', '18568'),
    ('18568', date '2024-05-20', 'Thị trấn Lộc Hà', '448', 'whole', '18568'),
    ('18568', date '2025-05-20', 'Thị trấn Lộc Hà', '445', 'whole', '18568'),
    -- the successor is unknown
    ('18472', date '2024-05-20', 'Xã Trung Lộc', '443', 'unknown', null),
    ('18535', date '2024-05-20', 'Xã Phú Phong', '444', 'unknown', null),
    -- divided on 1 July 2025, whether reported before or after January 2025
    ('18082', date '2024-05-20', 'Phường Đại Nài', '436', 'split', null),
    ('18082', date '2025-05-20', 'Phường Đại Nài', '436', 'split', null),
    ('18796', date '2025-05-20', 'Xã Kỳ Lợi', '449', 'split', null),
    -- one code, two names; the ward that gave the second name had another code
    ('18077', date '2024-05-20', 'Phường Nguyễn Du', '436', 'whole', '18073'),
    ('18077', date '2025-05-20', 'Phường Bắc Hà', '436', 'whole', '18073'),
    ('18076', date '2024-05-20', 'Phường Bắc Hà', '436', 'whole', '18073'),
    -- one name, three territories
    ('18070', date '2024-05-20', 'Phường Trần Phú', '436', 'whole', '18073'),
    ('18094', date '2025-05-20', 'Phường Trần Phú', '436', 'whole', '18073'),
    ('18100', date '2025-07-01', 'Phường Trần Phú', '42', 'current', '18100')
),

found as (
    select
        expected.code,
        expected.on_day,
        units.name,
        units.parent_code,
        restated.restatement,
        current_unit.code as current_code
    from expected
    left join {{ ref('dim_admin_unit') }} as units
        on
            expected.code = units.code
            and units.level = 'commune'
            and expected.on_day between coalesce(units.valid_from, date '0001-01-01')
            and coalesce(units.valid_to, date '9999-12-31')
    left join {{ ref('int_admin_unit_current') }} as restated
        on units.admin_unit_key = restated.admin_unit_key
    left join {{ ref('dim_admin_unit') }} as current_unit
        on restated.current_admin_unit_key = current_unit.admin_unit_key
)

(select * from expected except select * from found)
union all
(select * from found except select * from expected)
