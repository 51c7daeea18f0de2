{#- Counts of dossiers by `dimensions` (columns of `relation`) and month. A dossier counts as received
    in the month of its receipt and as completed in that of its completion, so the two measures of
    one row are about different dossiers. `relation` is read once; the rest works on what that pass
    aggregates. NULL dimensions are kept as groups. -#}
{% macro dossier_counts(relation, dimensions) -%}
    with months as (
        select
            {{ dimensions | join(', ') }},
            cast(date_trunc('month', received_on) as date) as received_month,
            cast(date_trunc('month', completed_on) as date) as completed_month,
            count(*) as dossiers,
            sum(case when channel_code = '2' then 1 else 0 end) as online,
            sum(case when is_on_time then 1 else 0 end) as on_time
        from {{ relation }}
        group by
            {{ dimensions | join(', ') }},
            date_trunc('month', received_on),
            date_trunc('month', completed_on)
    ),

    events as (
        select
            {{ dimensions | join(', ') }},
            received_month as month_start,
            dossiers as received,
            online as received_online,
            0 as completed,
            0 as completed_on_time
        from months
        where received_month is not null

        union all

        select
            {{ dimensions | join(', ') }},
            completed_month as month_start,
            0 as received,
            0 as received_online,
            dossiers as completed,
            on_time as completed_on_time
        from months
        where completed_month is not null
    )

    select
        {{ dimensions | join(', ') }},
        month_start,
        cast(sum(received) as bigint) as received,
        cast(sum(received_online) as bigint) as received_online,
        cast(sum(completed) as bigint) as completed,
        cast(sum(completed_on_time) as bigint) as completed_on_time
    from events
    group by {{ dimensions | join(', ') }}, month_start
{%- endmacro %}


{#- `dossier_counts` added up by the columns `by`, with the parts that the other columns leave. -#}
{% macro summed_counts(relation, by) -%}
    select
        {{ by | join(', ') }},
        cast(sum(received) as bigint) as received,
        cast(sum(received_online) as bigint) as received_online,
        cast(sum(received - received_online) as bigint) as received_offline,
        cast(sum(completed) as bigint) as completed,
        cast(sum(completed_on_time) as bigint) as completed_on_time,
        cast(sum(completed - completed_on_time) as bigint) as completed_late
    from {{ relation }}
    group by {{ by | join(', ') }}
{%- endmacro %}


{#- The measures every mart of dossiers shares: six counts and the two rates made from them. -#}
{% macro dossier_measures(relation) -%}
    {{ relation }}.received,
    {{ relation }}.received_online,
    {{ relation }}.received_offline,
    {{ relation }}.completed,
    {{ relation }}.completed_on_time,
    {{ relation }}.completed_late,
    {{ share_percent(relation ~ '.received_online', relation ~ '.received') }} as online_share,
    {{ share_percent(relation ~ '.completed_on_time', relation ~ '.completed') }} as on_time_rate
{%- endmacro %}


{#- True where the period begun on `period_start` reaches past the last month with receipts. -#}
{% macro is_partial_period(period_start, period, last_received_on) -%}
    {{ period_start }} + interval 1 {{ period }}
    > date_trunc('month', {{ last_received_on }}) + interval 1 month
{%- endmacro %}


{#- A month as 2024-07, a quarter as 2024-Q3. -#}
{% macro period_label(period_start, period) -%}
    {%- if period == 'quarter' -%}
        cast(extract(year from {{ period_start }}) as varchar)
        || '-Q' || cast(extract(quarter from {{ period_start }}) as varchar)
    {%- else -%}
        substr(cast({{ period_start }} as varchar), 1, 7)
    {%- endif -%}
{%- endmacro %}
