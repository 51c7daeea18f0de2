{%- set items = [
    'revenue',
    'retained_share_percent',
    'spending',
    'transfers',
    'balancing_transfers',
    'wage_transfers',
    'targeted_transfers',
    'targeted_projects',
    'targeted_policies',
    'targeted_programmes',
    'targeted_foreign_capital',
    'targeted_important_duties',
] %}
with lines as (
    select
        *,
        {{ vnd_factor('currency_unit') }} as factor
    from {{ source('landed', 'mof_province_accounts') }}
)

{% for item in items %}
    {% set is_share = item.endswith('_percent') %}
    {% if not loop.first %}union all{% endif %}

    select
        fiscal_year,
        case stage when 'DỰ TOÁN' then 'plan' when 'QUYẾT TOÁN' then 'final' end as budget_stage,
        case row_class
            when 'data' then 'province'
            when 'subtotal' then 'region'
            when 'total' then 'country'
        end as row_class,
        coalesce(region_name, unit_name) as region_name,
        unit_name as name_as_published,
        '{{ item }}' as item_code,
        -- a blank is no zero
        case when {{ item }} is null then 'blank' else 'value' end as value_state,
        cast({{ item }} as decimal(38, 16)) as printed_value,
        {{ "'%'" if is_share else 'currency_unit' }} as printed_unit,
        cast({{ 'null' if is_share else item ~ ' * factor' }} as decimal(20, 0)) as amount_vnd,
        _resource as workbook,
        _row as sheet_row
    from lines
{% endfor %}
