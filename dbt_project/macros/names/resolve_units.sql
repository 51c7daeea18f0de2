{#- Which administrative unit each written name of `relation` means, on a day. Never a guess.

    Arguments are SQL expressions over `relation`, or none:
      keys       columns that identify a row; they come back
      province, district, commune   the name (or code) at that level
      place      one text that holds a name or a whole path, in either order
      on_day     the day the name was written for; where it is NULL, a name is resolved only if it
                 means one unit at all times
      level      the level the answer must have: province, district or commune
      scheme     the code list the answer must belong to
    The answer is at the lowest level that is named; what is named above it restricts.

    One row per row of `relation`: `keys`, then
      match_state     resolved | ambiguous | unknown
      admin_unit_key, scheme, code, valid_from, level, full_name   of the unit; NULL unless resolved
      matched_by      code | exact | without_type | alias | folded
      reason          why not: needs_date, several or former_namesake where it is ambiguous; for
                      unknown see `name_proposals`
      candidates      [{admin_unit_key, level, full_name, valid_from, valid_to}]: all that an
                      ambiguous name can mean; proposals only for an unknown one

    Distinct spellings are resolved once, for each stretch of time in which no unit changes. -#}
{% macro resolve_units(
    relation, keys, province='null', district='null', commune='null', place='null', on_day='null',
    level='null', scheme='null'
) -%}
    {{ adapter.dispatch('resolve_units', 'khomo')(
        relation, keys, province, district, commune, place, on_day, level, scheme
    ) }}
{%- endmacro %}


{% macro default__resolve_units(
    relation, keys, province, district, commune, place, on_day, level, scheme
) -%}
{%- set names = ref('int_admin_unit_name_keys').include(database=false) -%}
{%- set lineage = ref('int_admin_unit_lineage').include(database=false) -%}
{%- set successors = ref('int_admin_unit_successor').include(database=false) -%}
{%- set spelled = ['w_province', 'w_district', 'w_commune', 'w_place', 'w_level', 'w_scheme'] -%}
with written as (
    select
        {{ keys | join(', ') }},
        nullif(trim(cast({{ province }} as varchar)), '') as w_province,
        nullif(trim(cast({{ district }} as varchar)), '') as w_district,
        nullif(trim(cast({{ commune }} as varchar)), '') as w_commune,
        nullif(trim(cast({{ place }} as varchar)), '') as w_place,
        cast({{ level }} as varchar) as w_level,
        cast({{ scheme }} as varchar) as w_scheme,
        cast({{ on_day }} as date) as w_day
    from {{ relation }}
),

-- days on which some unit begins or the day after some unit ends: between two nothing changes
eras as materialized (
    select first_day as era from {{ lineage }}
    union
    select last_day + 1 as era from {{ lineage }} where last_day < date '9999-12-31'
),

dated as materialized (
    select
        written.*,
        eras.era as w_era
    from written
    asof left join eras on written.w_day >= eras.era
),

spellings as materialized (
    select
        row_number() over (order by {{ spelled | join(', ') }}) as spelling_id,
        *
    from (select distinct {{ spelled | join(', ') }} from dated) as found
),

questions as materialized (
    select distinct
        spellings.spelling_id,
        dated.w_era as era,
        spellings.w_scheme
    from dated
    inner join spellings
        on
            {% for text in spelled -%}
            dated.{{ text }} is not distinct from spellings.{{ text }}{{ ' and ' if not loop.last }}
            {% endfor %}
),

{{ name_readings() }}

-- a text without a single mark says nothing of marks
marked as (
    select
        spelling_id,
        bool_or(
            own <> own_folded
            or coalesce(in_district <> in_district_folded, false)
            or coalesce(in_province <> in_province_folded, false)
        ) as has_marks
    from folded
    group by spelling_id
),

-- a unit may be written with any name that its province had under the same code: a province that
-- became a city is the same place above
province_names as materialized (
    select distinct
        provinces.admin_unit_key as province_key,
        spelled.exact_key,
        spelled.folded_key
    from {{ lineage }} as provinces
    inner join {{ lineage }} as versions
        on
            provinces.scheme = versions.scheme
            and provinces.code = versions.code
            and versions.level = 'province'
    inner join {{ names }} as spelled on versions.admin_unit_key = spelled.admin_unit_key
    where provinces.level = 'province'
),

matched as (
    select
        folded.spelling_id,
        folded.reading_id,
        units.admin_unit_key,
        units.scheme,
        units.first_day,
        units.last_day,
        own.spelled_as,
        units.level,
        own.spelled_as = 'without_type' and folded.in_district is null and folded.in_province is null
        as is_alone,
        folded.own = own.exact_key as own_exact,
        coalesce(folded.in_district = districts.exact_key, true)
        and coalesce(folded.in_province = provinces.exact_key, true) as above_exact,
        {{ marks_agree('folded.own', 'own.exact_key') }}
        and coalesce({{ marks_agree('folded.in_district', 'districts.exact_key') }}, true)
        and coalesce({{ marks_agree('folded.in_province', 'provinces.exact_key') }}, true)
        as agrees
    from folded
    inner join {{ names }} as own
        on folded.level = own.level and folded.own_folded = own.folded_key
    inner join {{ lineage }} as units on own.admin_unit_key = units.admin_unit_key
    left join {{ names }} as districts
        on
            units.district_key = districts.admin_unit_key
            and folded.in_district_folded = districts.folded_key
    left join province_names as provinces
        on
            units.province_key = provinces.province_key
            and folded.in_province_folded = provinces.folded_key
    where
        (folded.in_district is null or districts.admin_unit_key is not null)
        and (folded.in_province is null or provinces.province_key is not null)
),

possible as materialized (
    select
        spelling_id,
        admin_unit_key,
        any_value(scheme) as scheme,
        any_value(first_day) as first_day,
        any_value(last_day) as last_day,
        any_value(level) as level,
        bool_and(is_alone) as is_alone,
        bool_or(agrees) as agrees,
        bool_or(own_exact) as own_exact,
        bool_or(own_exact and above_exact) as all_exact,
        min(
            case
                when not own_exact then '5 folded'
                when spelled_as = 'code' then '1 code'
                when spelled_as in ('name', 'abbreviated') then '2 exact'
                when spelled_as = 'without_type' then '3 without_type'
                else '4 alias'
            end
        ) filter (where agrees) as matched_by
    from matched
    group by spelling_id, admin_unit_key
),

-- the units that the name can mean on that day
meant as (
    select
        questions.spelling_id,
        questions.era,
        questions.w_scheme,
        possible.admin_unit_key,
        possible.level,
        possible.first_day,
        possible.last_day,
        possible.is_alone,
        possible.matched_by,
        possible.own_exact and marked.has_marks as spelled_so,
        possible.all_exact and marked.has_marks as all_spelled_so
    from questions
    inner join possible on questions.spelling_id = possible.spelling_id
    inner join marked on questions.spelling_id = marked.spelling_id
    where
        possible.agrees
        and (questions.w_scheme is null or questions.w_scheme = possible.scheme)
        and (
            questions.era is null
            or questions.era between possible.first_day and possible.last_day
        )
),

-- among names that fold alike the one spelled with the very marks is meant, then the one whose
-- names above are
closest as materialized (
    select *
    from meant
    qualify spelled_so or not bool_or(spelled_so) over (partition by spelling_id, era)
),

chosen as materialized (
    select *
    from closest
    qualify all_spelled_so or not bool_or(all_spelled_so) over (partition by spelling_id, era)
),

-- a bare word that was the name of a province or district until then, and is the name of one
-- commune on the day, may still mean the former
sole as (
    select *
    from chosen
    qualify count(*) over (partition by spelling_id, era) = 1
),

namesakes as (
    select
        sole.spelling_id,
        sole.era,
        possible.admin_unit_key
    from sole
    inner join possible on sole.spelling_id = possible.spelling_id
    where
        sole.is_alone
        and sole.level = 'commune'
        and possible.agrees
        and possible.level <> 'commune'
        and possible.last_day < sole.era
        and (sole.w_scheme is null or sole.w_scheme = possible.scheme)
),

standing as materialized (
    select
        spelling_id,
        era,
        admin_unit_key,
        matched_by,
        false as is_former
    from chosen

    union all

    select
        spelling_id,
        era,
        admin_unit_key,
        null as matched_by,
        true as is_former
    from namesakes
),

at_once as (
    select
        chosen.spelling_id,
        chosen.era,
        eras.era as seen_in,
        count(*) as units
    from chosen
    inner join eras on eras.era between chosen.first_day and chosen.last_day
    where chosen.era is null
    group by chosen.spelling_id, chosen.era, eras.era
),

one_at_a_time as (
    select
        spelling_id,
        max(units) = 1 as date_decides
    from at_once
    group by spelling_id
),

answered as materialized (
    select
        standing.spelling_id,
        standing.era,
        case when count(*) = 1 then 'resolved' else 'ambiguous' end as match_state,
        case when count(*) = 1 then min(standing.admin_unit_key) end as admin_unit_key,
        case when count(*) = 1 then min(standing.matched_by)[3:] end as matched_by,
        case
            when count(*) = 1 then null
            when bool_or(one_at_a_time.date_decides) then 'needs_date'
            when bool_or(standing.is_former) then 'former_namesake'
            else 'several'
        end as reason,
        case when count(*) > 1 then list(standing.admin_unit_key) end as candidate_keys
    from standing
    left join one_at_a_time
        on standing.spelling_id = one_at_a_time.spelling_id and standing.era is null
    group by standing.spelling_id, standing.era
),

{{ name_proposals(names, lineage, successors) }}

told as (
    select * from answered
    union all
    select * from explained
),

listed as (
    select
        told.spelling_id,
        told.era,
        list(
            struct_pack(
                admin_unit_key := units.admin_unit_key,
                level := units.level,
                full_name := units.full_name,
                valid_from := units.valid_from,
                valid_to := units.valid_to
            )
            order by units.full_name, units.first_day, units.admin_unit_key
        ) as candidates
    from (select spelling_id, era, unnest(candidate_keys) as candidate_key from told) as told
    inner join {{ lineage }} as units on told.candidate_key = units.admin_unit_key
    group by told.spelling_id, told.era
),

results as materialized (
    select
        {% for text in spelled -%}
        spellings.{{ text }},
        {% endfor -%}
        told.era,
        told.match_state,
        told.admin_unit_key,
        units.scheme,
        units.code,
        units.valid_from,
        units.level,
        units.full_name,
        told.matched_by,
        told.reason,
        coalesce(listed.candidates, []) as candidates
    from told
    inner join spellings on told.spelling_id = spellings.spelling_id
    left join {{ lineage }} as units on told.admin_unit_key = units.admin_unit_key
    left join listed
        on told.spelling_id = listed.spelling_id and told.era is not distinct from listed.era
)

select
    {% for key in keys -%}
    dated.{{ key }},
    {% endfor -%}
    results.match_state,
    results.admin_unit_key,
    results.scheme,
    results.code,
    results.valid_from,
    results.level,
    results.full_name,
    results.matched_by,
    results.reason,
    results.candidates
from dated
left join results
    on
        {% for text in spelled -%}
        dated.{{ text }} is not distinct from results.{{ text }} and
        {% endfor -%}
        dated.w_era is not distinct from results.era
{%- endmacro %}
