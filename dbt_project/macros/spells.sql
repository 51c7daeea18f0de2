{#- Unbroken stretches of rows in which `condition` is true, per `keys`, in the order of `day`. A
    spell opens on the day of its first row and closes on the day of the next row in which the
    condition is false; where there is no such row it is open (`closed_on` NULL). What happened
    between two days is not known. `condition` must not be NULL. -#}
{% macro spells(relation, keys, day, condition) -%}
    select
        {{ keys | join(', ') }},
        cast(row_number() over (partition by {{ keys | join(', ') }} order by island) as integer)
            as spell_number,
        first_day as opened_on,
        next_day as closed_on,
        observations,
        latest_day
    from (
        select
            *,
            lead(first_day) over (partition by {{ keys | join(', ') }} order by island) as next_day,
            max(last_day) over (partition by {{ keys | join(', ') }}) as latest_day
        from (
            select
                {{ keys | join(', ') }},
                island,
                is_on,
                min(seen_on) as first_day,
                max(seen_on) as last_day,
                count(*) as observations
            from (
                select
                    *,
                    sum(case when is_on is distinct from was_on then 1 else 0 end) over (
                        partition by {{ keys | join(', ') }} order by seen_on
                    ) as island
                from (
                    select
                        {{ keys | join(', ') }},
                        {{ day }} as seen_on,
                        {{ condition }} as is_on,
                        lag({{ condition }}) over (
                            partition by {{ keys | join(', ') }} order by {{ day }}
                        ) as was_on
                    from {{ relation }}
                ) as observed
            ) as numbered
            group by {{ keys | join(', ') }}, island, is_on
        ) as islands
    ) as stretches
    where is_on
{%- endmacro %}
