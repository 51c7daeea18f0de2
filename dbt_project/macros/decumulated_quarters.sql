{#- Quarters out of figures that are cumulated from the beginning of the year. `relation` has one row
    per `keys` and period: 'Q1' (Quý I), '6M' (6 tháng), '9M' (9 tháng), 'Y' (Năm).

    A quarter is the figure of its period less that of the period before. Where the series falls, one
    of the two figures beside the fall is wrong and nothing says which: every quarter that rests on
    either is NULL with a reason. Nothing is clamped to zero and no quarter is filled in. -#}
{% macro decumulated_quarters(relation, keys, period='cumulated_to', amount='amount_vnd') -%}
    select
        {{ keys | join(', ') }},
        period as cumulated_to,
        quarter_number,
        cumulated as cumulated_vnd,
        case when reason is null then cumulated - coalesce(cumulated_before, 0) end
            as quarter_vnd,
        reason as quarter_note
    from (
        select
            *,
            case
                when cumulated is null then 'there is no figure for this period'
                when quarter_number > 1 and cumulated_before is null
                    then 'there is no figure for the period before'
                when is_doubted or coalesce(is_doubted_before, false)
                    then 'the cumulated series falls at one of the figures'
            end as reason
        from (
            select
                *,
                lag(is_doubted) over (
                    partition by {{ keys | join(', ') }} order by quarter_number
                ) as is_doubted_before
            from (
                select
                    *,
                    coalesce(cumulated < cumulated_before, false)
                    or coalesce(cumulated_after < cumulated, false) as is_doubted
                from (
                    select
                        *,
                        -- the figure of the period just before and just after, if it is there
                        max(cumulated) over (
                            partition by {{ keys | join(', ') }}
                            order by quarter_number
                            range between 1 preceding and 1 preceding
                        ) as cumulated_before,
                        max(cumulated) over (
                            partition by {{ keys | join(', ') }}
                            order by quarter_number
                            range between 1 following and 1 following
                        ) as cumulated_after
                    from (
                        select
                            {{ keys | join(', ') }},
                            {{ period }} as period,
                            case {{ period }} when 'Q1' then 1 when '6M' then 2 when '9M' then 3 when 'Y' then 4 end
                                as quarter_number,
                            {{ amount }} as cumulated
                        from {{ relation }}
                    ) as figures
                ) as neighbours
            ) as judged
        ) as followed
    ) as reasoned
{%- endmacro %}
