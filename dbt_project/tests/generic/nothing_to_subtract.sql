-- noqa: disable=LT02
{#- No hidden count can be worked out by subtracting shown ones. `model` shows the counts of
    `complete` with some of them NULL, row by row under `keys`. Fails where, of the cells that add up
    to a known total, the hidden ones number exactly one or add up to less than `threshold`:
    `totals` lists the columns that identify a total over rows, `equations` the totals within a row.
    -#}
{% test nothing_to_subtract(model, complete, keys, measures, totals, equations, threshold) %}
    with paired as (
        select
            {%- for column in (keys + totals | sum(start=[])) | unique %}
            complete.{{ column }},
            {%- endfor %}
            {%- for measure in measures %}
            complete.{{ measure }},
            shown.{{ measure }} is null as hidden_{{ measure }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ complete }} as complete
        left join {{ model }} as shown
            on
                {%- for key in keys %}
                {{ 'and ' if not loop.first }}complete.{{ key }} = shown.{{ key }}
                {%- endfor %}
    ),

    sums as (
        {%- for total in totals %}
        {%- set outer = loop %}
        {%- for measure in measures %}
        {{ 'union all' if not (outer.first and loop.first) }}
        select
            '{{ measure }} by {{ total | join(", ") }}' as what,
            concat_ws(', ', {{ total | join(', ') }}) as place,
            sum(case when hidden_{{ measure }} then 1 else 0 end) as hidden_cells,
            sum(case when hidden_{{ measure }} then {{ measure }} end) as hidden_sum,
            sum(case when hidden_{{ measure }} then 0 else 1 end) as shown_cells
        from paired
        group by {{ total | join(', ') }}
        {%- endfor %}
        {%- endfor %}
        {%- for equation in equations %}

        union all

        select
            '{{ equation.total }} within the row' as what,
            concat_ws(', ', {{ keys | join(', ') }}) as place,
            case when hidden_{{ equation.total }} then 1 else 0 end
            {%- for part in equation.parts %}
            + case when hidden_{{ part }} then 1 else 0 end
            {%- endfor %} as hidden_cells,
            -- with the total hidden too, only the number of hidden cells tells anything
            case
                when hidden_{{ equation.total }} then {{ threshold }}
                else
                    0
                    {%- for part in equation.parts %}
                    + case when hidden_{{ part }} then {{ part }} else 0 end
                    {%- endfor %}
            end as hidden_sum,
            0
            {%- for part in equation.parts %}
            + case when hidden_{{ part }} then 0 else 1 end
            {%- endfor %} as shown_cells
        from paired
        {%- endfor %}
    )

    select *
    from sums
    where
        shown_cells > 0
        and hidden_cells > 0
        and (hidden_cells = 1 or hidden_sum < {{ threshold }})
{% endtest %}
