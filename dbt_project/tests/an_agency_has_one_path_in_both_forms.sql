-- Unit test of the macros agency_path, agency_code_scheme and agency_parent.
with codes (code, scheme, path, parent) as (
    values
    ('000.00.00.H28', 'QCVN102', 'H28', null),
    ('H28', 'QD20', 'H28', null),
    ('000.00.17.H28', 'QCVN102', 'H28.17', 'H28'),
    ('H28.17', 'QD20', 'H28.17', 'H28'),
    (' h28.17 ', 'QD20', 'H28.17', 'H28'),
    ('000.17.22.H28', 'QCVN102', 'H28.22.17', 'H28.22'),
    ('H28.22.17', 'QD20', 'H28.22.17', 'H28.22'),
    ('005.17.22.H28', 'QCVN102', 'H28.22.17.005', 'H28.22.17'),
    -- directly below, the level between left out: not the same as 17 in its two digits
    ('017.00.22.H28', 'QCVN102', 'H28.22.017', 'H28.22'),
    ('000.00.00.G09', 'QCVN102', 'G09', null),
    -- neither form
    ('00.17.H28', null, null, null),
    ('K28.17', null, null, null),
    ('H28.1717', null, null, null),
    ('H28-17', null, null, null),
    (null, null, null, null)
),

found as (
    select
        code,
        {{ agency_code_scheme('code') }} as scheme,
        {{ agency_path('code') }} as path,
        {{ agency_parent(agency_path('code')) | indent(8) }} as parent
    from codes
)

(select * from codes except all select * from found)
union all
(select * from found except all select * from codes)
