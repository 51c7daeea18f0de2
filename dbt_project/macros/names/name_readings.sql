{#- Part of `resolve_units`: the ways in which each spelling can be read, as CTEs.

    In: `spellings` (spelling_id, w_province, w_district, w_commune, w_place, w_level). Out: `folded`,
    one row per way to read a spelling: which level the answer has, the key of its own name and those
    of the units it lies in, each also without marks. A path is read upwards and downwards; which
    reading holds is for the units to say. -#}
{% macro name_readings() -%}
{{ adapter.dispatch('name_readings', 'khomo')() }}
{%- endmacro %}

{% macro default__name_readings() -%}
-- the lowest column may hold a whole path; its own level stays the level of the answer
lowest as (
    select
        *,
        coalesce(w_commune, w_district, w_province) as w_lowest,
        case
            when w_commune is not null then 'commune'
            when w_district is not null then 'district'
            when w_province is not null then 'province'
        end as lowest_level
    from spellings
),

paths as materialized (
    select
        spelling_id,
        w_province,
        w_district,
        w_commune,
        coalesce(w_place, w_lowest) as path,
        case when w_place is null then lowest_level end as path_in,
        case when w_place is null then coalesce(w_level, lowest_level) else w_level end as path_level
    from lowest
    where w_place is not null or regexp_matches(w_lowest, '[,;|]')

    union all

    select
        spelling_id,
        w_province,
        w_district,
        w_commune,
        null as path,
        null as path_in,
        w_level as path_level
    from lowest
    where w_place is null and not coalesce(regexp_matches(w_lowest, '[,;|]'), false)
),

-- a path is cut into at most three names in every way that keeps the certain cuts
atoms as (
    select
        spelling_id,
        {{ place_atoms('path') }} as parts
    from paths
    where path is not null
),

counted as (
    select
        spelling_id,
        parts,
        len(parts) as part_count,
        list_filter(range(1, len(parts)), cut -> parts[cut + 1] like '|%') as certain_cuts
    from atoms
    -- longer than any path of three names
    where len(parts) between 1 and 8
),

cuts as (
    select
        counted.*,
        first_cut,
        last_cut,
        case
            when first_cut = part_count then 1
            when last_cut = part_count then 2
            else 3
        end as name_count
    from counted, unnest(range(1, part_count + 1)) as firsts (first_cut),
        unnest(range(first_cut, part_count + 1)) as lasts (last_cut)
    where
        (first_cut < last_cut or first_cut = part_count)
        and len(list_filter(certain_cuts, cut -> cut not in (first_cut, last_cut))) = 0
),

cut_names as (
    select
        spelling_id,
        name_count,
        -- where nothing matches, proposals start from the cuts that were meant as such
        name_count = least(
            case when len(certain_cuts) = 0 then part_count else len(certain_cuts) + 1 end, 3
        ) as is_plain,
        [
            ltrim(replace(array_to_string(parts[:first_cut], ' '), '|', '')),
            ltrim(replace(array_to_string(parts[first_cut + 1:last_cut], ' '), '|', '')),
            ltrim(replace(array_to_string(parts[last_cut + 1:], ' '), '|', ''))
        ] as cut_keys
    from cuts
),

-- upwards (commune first) or downwards; 0 means that the path does not name this level
orders (name_count, is_upward, commune_at, district_at, province_at) as (
    values
    (1, true, 1, 0, 0), (1, true, 0, 1, 0), (1, true, 0, 0, 1),
    (2, true, 1, 2, 0), (2, true, 1, 0, 2), (2, true, 0, 1, 2), (3, true, 1, 2, 3),
    (2, false, 2, 1, 0), (2, false, 2, 0, 1), (2, false, 0, 2, 1), (3, false, 3, 2, 1)
),

placed as (
    select
        cut_names.spelling_id,
        cut_names.is_plain,
        orders.is_upward,
        cut_names.cut_keys[nullif(orders.commune_at, 0)] as commune,
        cut_names.cut_keys[nullif(orders.district_at, 0)] as district,
        cut_names.cut_keys[nullif(orders.province_at, 0)] as province
    from cut_names
    inner join orders on cut_names.name_count = orders.name_count
),

keyed as (
    select
        spelling_id,
        path,
        path_level,
        {%- for level in ['province', 'district', 'commune'] %}
        case
            when coalesce(path_in, '') <> '{{ level }}' then {{ place_key('w_' ~ level) }}
        end as {{ level }}{{ ',' if not loop.last }}
        {%- endfor %}
    from paths
),

assigned as (
    select
        keyed.spelling_id,
        keyed.path_level as w_level,
        coalesce(placed.is_plain, true) as is_plain,
        coalesce(placed.is_upward, true) as is_upward,
        coalesce(keyed.commune, placed.commune) as commune,
        coalesce(keyed.district, placed.district) as district,
        coalesce(keyed.province, placed.province) as province
    from keyed
    left join placed on keyed.spelling_id = placed.spelling_id
    where
        keyed.path is null
        or (
            placed.spelling_id is not null
            -- what has a column of its own is not looked for in the path
            and (keyed.commune is null or placed.commune is null)
            and (keyed.district is null or placed.district is null)
            and (keyed.province is null or placed.province is null)
        )
),

readings as materialized (
    select
        row_number() over (order by spelling_id, commune, district, province) as reading_id,
        spelling_id,
        is_plain,
        is_upward,
        case
            when commune is not null then 'commune'
            when district is not null then 'district'
            else 'province'
        end as level,
        coalesce(commune, district, province) as own,
        case when commune is not null then district end as in_district,
        case when coalesce(commune, district) is not null then province end as in_province
    from assigned
    where
        coalesce(commune, district, province) is not null
        and (
            w_level is null
            or w_level = case
                when commune is not null then 'commune'
                when district is not null then 'district'
                else 'province'
            end
        )
),

folded as materialized (
    select
        *,
        {{ place_fold('own') }} as own_folded,
        {{ place_fold('in_district') }} as in_district_folded,
        {{ place_fold('in_province') }} as in_province_folded
    from readings
),
{%- endmacro %}
