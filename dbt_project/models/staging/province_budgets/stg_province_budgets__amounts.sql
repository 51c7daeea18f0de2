{%- set items = [
    'total_revenue',
    'revenue_share_percent',
    'balanced_expenditure',
    'supplement_total',
    'supplement_balance',
    'supplement_wage',
    'targeted_total',
    'targeted_investment',
    'targeted_recurrent',
    'targeted_programmes',
] %}
with lines as (
    select
        *,
        {{ vnd_factor('unit_as_published') }} as factor
    from {{ source('landed', 'province_budgets') }}
)

{% for item in items %}
    {% set is_share = item.endswith('_percent') %}
    {% if not loop.first %}union all{% endif %}

    select
        budget_year,
        stage,
        line_number,
        row_class,
        region_ordinal,
        name_as_published,
        '{{ item }}' as item_code,
        -- a blank is no zero
        case when {{ item }} is null then 'blank' else 'value' end as value_state,
        cast({{ item }} as decimal(18, 2)) as printed_value,
        {{ "'%'" if is_share else 'unit_as_published' }} as printed_unit,
        cast({{ 'null' if is_share else item ~ ' * factor' }} as decimal(20, 0)) as amount_vnd,
        document_number,
        document_date
    from lines
{% endfor %}
