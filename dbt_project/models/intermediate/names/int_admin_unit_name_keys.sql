with types (unit_type, spelled, spelled_as) as (
    values
    ('Tỉnh', 'tỉnh', 'name'),
    ('Thành phố trực thuộc trung ương', 'thành phố', 'name'),
    ('Thành phố trực thuộc trung ương', 'tp', 'abbreviated'),
    ('Thành phố trực thuộc trung ương', 't p', 'abbreviated'),
    ('Thành phố', 'thành phố', 'name'),
    ('Thành phố', 'tp', 'abbreviated'),
    ('Thành phố', 't p', 'abbreviated'),
    ('Thị xã', 'thị xã', 'name'),
    ('Thị xã', 'tx', 'abbreviated'),
    ('Thị xã', 't x', 'abbreviated'),
    ('Quận', 'quận', 'name'),
    ('Quận', 'q', 'abbreviated'),
    ('Huyện', 'huyện', 'name'),
    ('Huyện', 'h', 'abbreviated'),
    ('Phường', 'phường', 'name'),
    ('Phường', 'p', 'abbreviated'),
    ('Thị trấn', 'thị trấn', 'name'),
    ('Thị trấn', 'tt', 'abbreviated'),
    ('Thị trấn', 't t', 'abbreviated'),
    ('Xã', 'xã', 'name'),
    ('Xã', 'x', 'abbreviated'),
    ('Đặc khu', 'đặc khu', 'name'),
    ('Đặc khu', 'đk', 'abbreviated'),
    ('Đặc khu', 'đ k', 'abbreviated')
),

numerals (arabic, roman) as (
    values
    ('1', 'i'), ('2', 'ii'), ('3', 'iii'), ('4', 'iv'), ('5', 'v'), ('6', 'vi'), ('7', 'vii'),
    ('8', 'viii'), ('9', 'ix'), ('10', 'x'), ('11', 'xi'), ('12', 'xii'), ('13', 'xiii'),
    ('14', 'xiv'), ('15', 'xv'), ('16', 'xvi'), ('17', 'xvii'), ('18', 'xviii'), ('19', 'xix'),
    ('20', 'xx')
),

units as (
    select
        admin_unit_key,
        scheme,
        code,
        level,
        unit_type,
        -- numbered units keep the type in their short name (Phường 4) or not (Phường IV)
        case
            when name_short = name
                then regexp_replace({{ place_key('name_short') }}, '^(quận|phường) ', '')
            else {{ place_key('name_short') }}
        end as bare_key,
        name_short = name or {{ matches_part('name_short', '^[IVX]+$') }} as is_numbered,
        {{ place_key("replace(name_short, '''', ' ')") }} as parted_key,
        name like '%''%' as has_apostrophe,
        regexp_extract(name_short, '[0-9IVX]+$', 0) as numeral
    from {{ ref('stg_admin_units__units') }}
),

bare_names as (
    select
        admin_unit_key,
        bare_key
    from units

    union

    -- an apostrophe is left out or becomes a blank
    select
        admin_unit_key,
        parted_key as bare_key
    from units
    where has_apostrophe

    union

    select
        units.admin_unit_key,
        regexp_replace(units.bare_key, '[^ ]+$', '') || case
            when units.numeral = numerals.arabic then numerals.roman
            else numerals.arabic
        end as bare_key
    from units
    inner join numerals on units.numeral in (numerals.arabic, upper(numerals.roman))
),

spellings as (
    select
        units.admin_unit_key,
        units.level,
        types.spelled || ' ' || bare_names.bare_key as exact_key,
        types.spelled_as
    from units
    inner join bare_names on units.admin_unit_key = bare_names.admin_unit_key
    inner join types on units.unit_type = types.unit_type

    union all

    select
        units.admin_unit_key,
        units.level,
        bare_names.bare_key as exact_key,
        'without_type' as spelled_as
    from units
    inner join bare_names on units.admin_unit_key = bare_names.admin_unit_key
    -- a bare number names nothing
    where not units.is_numbered

    union all

    select
        units.admin_unit_key,
        units.level,
        {{ place_key('aliases.alias') }} as exact_key,
        'alias' as spelled_as
    from {{ ref('stg_admin_units__province_aliases') }} as aliases
    inner join units
        on
            aliases.scheme = units.scheme
            and aliases.code = units.code
            and units.level = 'province'

    union all

    select
        admin_unit_key,
        level,
        code as exact_key,
        'code' as spelled_as
    from units
),

-- one spelling can come about in several ways; the plainest one counts
ordered as (
    select
        *,
        row_number() over (
            partition by admin_unit_key, exact_key
            order by
                case spelled_as
                    when 'code' then 1
                    when 'name' then 2
                    when 'abbreviated' then 3
                    when 'without_type' then 4
                    else 5
                end
        ) as plainest_first
    from spellings
)

select
    admin_unit_key,
    level,
    exact_key,
    {{ place_fold('exact_key') }} as folded_key,
    spelled_as
from ordered
where plainest_first = 1
