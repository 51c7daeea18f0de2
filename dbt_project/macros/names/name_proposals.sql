{#- Part of `resolve_units`: why a name is unknown and what may have been meant, as CTEs.

    In: `spellings`, `questions`, `answered`, `possible`, `folded`. Out: `explained`, one row per
    unanswered question. Candidates are proposals for a person; nothing here resolves a name. The
    first reason that applies counts:
      ended, not_yet   the name is that of a unit of another day; for one that ended, what it became
      marks            the letters fit, the marks say another name
      type, parent     the name is there with another type, or under another unit
      no_such_name     names spelled alike, within what is named above where that is known
      empty            there is no name -#}
{% macro name_proposals(names, lineage, successors) -%}
{{ adapter.dispatch('name_proposals', 'khomo')(names, lineage, successors) }}
{%- endmacro %}

{% macro default__name_proposals(names, lineage, successors) -%}
{%- set types = 'thanh pho|thi xa|thi tran|dac khu|phuong|quan|huyen|tinh|tp|tx|tt|dk|xa|p|q|h|x' -%}
unknown as materialized (
    select
        questions.*,
        regexp_matches(
            concat_ws(
                ' ', spellings.w_province, spellings.w_district, spellings.w_commune, spellings.w_place
            ),
            '[\pL\pN]'
        ) as has_text
    from questions
    inner join spellings on questions.spelling_id = spellings.spelling_id
    left join answered
        on
            questions.spelling_id = answered.spelling_id
            and questions.era is not distinct from answered.era
    where answered.spelling_id is null
),

other_days as (
    select
        unknown.spelling_id,
        unknown.era,
        case when possible.last_day < unknown.era then 'ended' else 'not_yet' end as reason,
        case when possible.last_day < unknown.era then 1 else 2 end as rank,
        case
            when possible.last_day < unknown.era then later.admin_unit_key
            else possible.admin_unit_key
        end as candidate_key,
        1.0 as likeness
    from unknown
    inner join possible on unknown.spelling_id = possible.spelling_id
    left join {{ successors }} as steps
        on possible.admin_unit_key = steps.admin_unit_key and possible.last_day < unknown.era
    left join {{ lineage }} as later
        on
            steps.successor_key = later.admin_unit_key
            and unknown.era between later.first_day and later.last_day
    where
        possible.agrees
        and unknown.era is not null
        and (unknown.era > possible.last_day or unknown.era < possible.first_day)
        and (unknown.w_scheme is null or unknown.w_scheme = possible.scheme)
),

other_marks as (
    select
        unknown.spelling_id,
        unknown.era,
        'marks' as reason,
        3 as rank,
        possible.admin_unit_key as candidate_key,
        1.0 as likeness
    from unknown
    inner join possible on unknown.spelling_id = possible.spelling_id
    where
        not possible.agrees
        and (unknown.era is null or unknown.era between possible.first_day and possible.last_day)
        and (unknown.w_scheme is null or unknown.w_scheme = possible.scheme)
),

-- the readings a person would try first: no word for a type at a level that has no such type, and
-- upwards where that can be
bare as (
    select
        folded.*,
        regexp_replace(own_folded, '^({{ types }}) ([^0-9])', '\2') as bare_folded
    from folded
    inner join (select distinct spelling_id from unknown) as open_ones
        on folded.spelling_id = open_ones.spelling_id
    where
        folded.is_plain
        and {{ _type_fits('folded.own_folded', 'folded.level', types) }}
        and {{ _type_fits('folded.in_district_folded', "'district'", types) }}
        and {{ _type_fits('folded.in_province_folded', "'province'", types) }}
    qualify folded.is_upward or not bool_or(folded.is_upward) over (partition by folded.spelling_id)
),

-- the units above that the text names, by name alone
named_above as (
    select
        bare.reading_id,
        'district' as level,
        names.admin_unit_key
    from bare
    inner join {{ names }} as names
        on names.level = 'district' and bare.in_district_folded = names.folded_key

    union

    select
        bare.reading_id,
        'province' as level,
        names.admin_unit_key
    from bare
    inner join {{ names }} as names
        on names.level = 'province' and bare.in_province_folded = names.folded_key
),

known_above as (
    select
        reading_id,
        -- alphabetical order is also from the narrow to the wide
        min(level) as level
    from named_above
    group by reading_id
),

short_names as (
    select
        units.*,
        names.folded_key
    from {{ names }} as names
    inner join {{ lineage }} as units on names.admin_unit_key = units.admin_unit_key
    where
        names.spelled_as = 'without_type'
        or (
            names.spelled_as = 'name' and regexp_matches(names.folded_key, '^(phuong|quan) [0-9]+$')
        )
),

near as (
    select
        bare.spelling_id,
        bare.reading_id,
        short_names.admin_unit_key,
        short_names.scheme,
        short_names.first_day,
        short_names.last_day,
        1.0 as likeness,
        (bare.in_district is null or districts.admin_unit_key is not null)
        and (bare.in_province is null or provinces.admin_unit_key is not null) as is_below
    from bare
    inner join short_names
        on bare.level = short_names.level and bare.bare_folded = short_names.folded_key
    left join named_above as districts
        on
            bare.reading_id = districts.reading_id
            and districts.level = 'district'
            and short_names.district_key = districts.admin_unit_key
    left join named_above as provinces
        on
            bare.reading_id = provinces.reading_id
            and provinces.level = 'province'
            and short_names.province_key = provinces.admin_unit_key

    union all

    -- spelled alike, below the lowest unit named above
    select
        bare.spelling_id,
        bare.reading_id,
        short_names.admin_unit_key,
        short_names.scheme,
        short_names.first_day,
        short_names.last_day,
        jaro_winkler_similarity(bare.bare_folded, short_names.folded_key) as likeness,
        null as is_below
    from bare
    inner join known_above on bare.reading_id = known_above.reading_id
    inner join named_above as parents
        on known_above.reading_id = parents.reading_id and known_above.level = parents.level
    inner join short_names
        on
            bare.level = short_names.level
            and parents.admin_unit_key = case parents.level
                when 'district' then short_names.district_key
                else short_names.province_key
            end
    where
        bare.bare_folded <> short_names.folded_key
        and jaro_winkler_similarity(bare.bare_folded, short_names.folded_key) >= 0.88

    union all

    -- spelled alike anywhere, where nothing above is known; the first letter has to be right
    select
        bare.spelling_id,
        bare.reading_id,
        short_names.admin_unit_key,
        short_names.scheme,
        short_names.first_day,
        short_names.last_day,
        jaro_winkler_similarity(bare.bare_folded, short_names.folded_key) as likeness,
        null as is_below
    from bare
    left join known_above on bare.reading_id = known_above.reading_id
    inner join short_names
        on
            bare.level = short_names.level
            and bare.bare_folded[1] = short_names.folded_key[1]
            and abs(length(bare.bare_folded) - length(short_names.folded_key)) <= 2
    where
        known_above.reading_id is null
        and bare.bare_folded <> short_names.folded_key
        and jaro_winkler_similarity(bare.bare_folded, short_names.folded_key) >= 0.9
),

alike as (
    select
        unknown.spelling_id,
        unknown.era,
        case
            when near.is_below then 'type'
            when near.is_below = false then 'parent'
            else 'no_such_name'
        end as reason,
        case when near.is_below then 4 when near.is_below = false then 5 else 6 end as rank,
        near.admin_unit_key as candidate_key,
        near.likeness
    from unknown
    inner join near on unknown.spelling_id = near.spelling_id
    where
        (unknown.era is null or unknown.era between near.first_day and near.last_day)
        and (unknown.w_scheme is null or unknown.w_scheme = near.scheme)
),

proposals as (
    select *
    from (
        select * from other_days
        union all
        select * from other_marks
        union all
        select * from alike
    ) as found
    qualify rank = min(rank) over (partition by spelling_id, era)
),

distinct_proposals as (
    select
        spelling_id,
        era,
        reason,
        candidate_key,
        max(likeness) as likeness
    from proposals
    group by spelling_id, era, reason, candidate_key
    qualify
        reason in ('ended', 'not_yet')
        or row_number() over (
            partition by spelling_id, era order by max(likeness) desc, candidate_key
        ) <= 10
),

explained as (
    select
        unknown.spelling_id,
        unknown.era,
        'unknown' as match_state,
        cast(null as varchar) as admin_unit_key,
        cast(null as varchar) as matched_by,
        coalesce(
            min(distinct_proposals.reason),
            case when unknown.has_text then 'no_such_name' else 'empty' end
        ) as reason,
        list(distinct_proposals.candidate_key) filter (
            where distinct_proposals.candidate_key is not null
        ) as candidate_keys
    from unknown
    left join distinct_proposals
        on
            unknown.spelling_id = distinct_proposals.spelling_id
            and unknown.era is not distinct from distinct_proposals.era
    group by unknown.spelling_id, unknown.era, unknown.has_text
),
{%- endmacro %}


{#- True where `key` begins with no word for a type of unit, or with one of units at `level`. -#}
{% macro _type_fits(key, level, types) -%}
    coalesce(
        not regexp_matches({{ key }}, '^({{ types }}) ')
        or regexp_matches({{ key }}, case {{ level }}
            when 'province' then '^(tinh|thanh pho|tp) '
            when 'district' then '^(thanh pho|tp|thi xa|tx|quan|q|huyen|h) '
            else '^(phuong|p|xa|x|thi tran|tt|dac khu|dk) '
        end),
        true
    )
{%- endmacro %}
