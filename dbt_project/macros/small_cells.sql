-- noqa: disable=LT02
{#- Which cells of a table of counts must not be shown: `keys` and one `hide_<measure>` per measure.

    Primary: every count below the threshold, zero included. Complementary, so that no hidden cell
    can be worked out from shown ones:
    - within a row, where `equations` say that parts add up to a total: never exactly one of them is
      hidden, and hidden parts of a shown total add up to the threshold at least;
    - within a table, where rows add up to a total known from elsewhere (each of `totals` is a list
      of columns that identify such a sum): never exactly one cell of a measure is hidden, and the
      hidden ones add up to the threshold at least.
    What is hidden in addition is the smallest cell still shown. One rule can call for the other, so
    they alternate for `rounds`; a test on the result proves that nothing was left. Cells are ranked
    once: all that is asked of the rows of a total then is one pass over them.

    relation: a table with one row per `keys`, measures never NULL.
    equations: list of {total: measure, parts: [measures]}; a measure is part of one at most. -#}
{% macro small_cells(relation, keys, totals, measures, equations, threshold, rounds=3) -%}
    {%- set columns = (keys + totals | sum(start=[])) | unique | list -%}
    with cells_0 as (
        select
            {{ columns | join(', ') }},
            {%- for measure in measures %}
            {{ measure }},
            {{ measure }} < {{ threshold }} as hide_{{ measure }},
            row_number() over (order by {{ measure }}, {{ keys | join(', ') }}) as rank_{{ measure }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
    )
    {%- set step = namespace(name='cells_0') -%}
    {%- for round in range(1, rounds + 1) %},

    rows_{{ round }} as (
        select
            *
            {%- for equation in equations %},
            {{ _equation_needs(equation, threshold) }} as needs_{{ loop.index0 }},
            least(
                {%- for part in equation.parts %}
                case when not hide_{{ part }} then {{ part }} end{{ ',' if not loop.last }}
                {%- endfor %}
            ) as smallest_{{ loop.index0 }}
            {%- endfor %}
        from {{ step.name }}
    ),

    within_{{ round }} as (
        select
            {{ columns | join(', ') }},
            {%- for measure in measures %}
            {{ measure }},
            rank_{{ measure }},
            hide_{{ measure }}
            {%- for equation in equations if measure in equation.parts %}
            or coalesce(
                needs_{{ equations.index(equation) }}
                and {{ measure }} = smallest_{{ equations.index(equation) }},
                false
            )
            {%- endfor %} as hide_{{ measure }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from rows_{{ round }}
    )
    {%- set step.name = 'within_' ~ round -%}
    {%- for total in totals -%}
    {%- set suffix = round ~ '_' ~ loop.index %},

    across_{{ suffix }} as (
        select
            {{ columns | join(', ') }},
            {%- for measure in measures %}
            {{ measure }},
            rank_{{ measure }},
            hide_{{ measure }}
            or coalesce(
                (
                    sum(case when hide_{{ measure }} then 1 else 0 end)
                        over (partition by {{ total | join(', ') }}) = 1
                    or coalesce(
                        sum(case when hide_{{ measure }} then {{ measure }} end)
                            over (partition by {{ total | join(', ') }}),
                        {{ threshold }}
                    ) < {{ threshold }}
                )
                and rank_{{ measure }} = min(case when not hide_{{ measure }} then rank_{{ measure }} end)
                    over (partition by {{ total | join(', ') }}),
                false
            ) as hide_{{ measure }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ step.name }}
    )
    {%- set step.name = 'across_' ~ suffix -%}
    {%- endfor -%}
    {%- endfor %}

    select
        {{ keys | join(', ') }},
        {%- for measure in measures %}
        hide_{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ step.name }}
{%- endmacro %}


{#- True where a row gives away a hidden member of `equation`. -#}
{% macro _equation_needs(equation, threshold) -%}
    (
        (
            case when hide_{{ equation.total }} then 1 else 0 end
            {%- for part in equation.parts %}
            + case when hide_{{ part }} then 1 else 0 end
            {%- endfor %}
        ) = 1
        or (
            not hide_{{ equation.total }}
            and (
                {%- for part in equation.parts %}
                {{ 'or ' if not loop.first }}hide_{{ part }}
                {%- endfor %}
            )
            and (
                0
                {%- for part in equation.parts %}
                + case when hide_{{ part }} then {{ part }} else 0 end
                {%- endfor %}
            ) < {{ threshold }}
        )
    )
{%- endmacro %}


{#- The count where it may be shown, else NULL. -#}
{% macro shown(measure, counts='counts', hidden='hidden') -%}
    case when not {{ hidden }}.hide_{{ measure }} then {{ counts }}.{{ measure }} end
{%- endmacro %}


{#- A rate, only where its numerator and its denominator may both be shown. -#}
{% macro shown_rate(rate, numerator, denominator, counts='counts', hidden='hidden') -%}
    case
        when not {{ hidden }}.hide_{{ numerator }} and not {{ hidden }}.hide_{{ denominator }}
            then {{ counts }}.{{ rate }}
    end
{%- endmacro %}


{#- True where any of `measures` is hidden. -#}
{% macro any_hidden(measures, hidden='hidden') -%}
    (
        {%- for measure in measures %}
        {{ 'or ' if not loop.first }}{{ hidden }}.hide_{{ measure }}
        {%- endfor %}
    )
{%- endmacro %}


{#- The names of the hidden measures joined by `;`, in the order given; NULL where none is. -#}
{% macro hidden_names(measures, hidden='hidden') -%}
    nullif(
        concat_ws(
            ';'
            {%- for measure in measures %},
            case when {{ hidden }}.hide_{{ measure }} then '{{ measure }}' end
            {%- endfor %}
        ),
        ''
    )
{%- endmacro %}


{#- The closing columns of a table with hidden cells: each of `measures` or NULL, `rates` as
    {name: (numerator, denominator)}, and which measures of the row are hidden. -#}
{% macro shown_measures(measures, rates={}) -%}
    {%- for measure in measures %}
    {{ shown(measure) }} as {{ measure }},
    {%- endfor %}
    {%- for rate, (numerator, denominator) in rates.items() %}
    {{ shown_rate(rate, numerator, denominator) }} as {{ rate }},
    {%- endfor %}
    {{ any_hidden(measures) }} as is_suppressed,
    {{ hidden_names(measures) }} as suppressed_measures
{%- endmacro %}
