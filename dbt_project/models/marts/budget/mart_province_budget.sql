with amounts as (
    select * from {{ ref('stg_province_budgets__amounts') }}
),

-- what the lines below add up to: provinces of a region, regions of the country
children as (
    select
        budget_year,
        stage,
        item_code,
        case row_class when 'province' then 'region' else 'grand_total' end as parent_class,
        case row_class when 'province' then region_ordinal end as parent_ordinal,
        sum(amount_vnd) as children_vnd
    from amounts
    where row_class in ('province', 'region')
    group by budget_year, stage, item_code, parent_class, parent_ordinal
),

-- what the columns to the right add up to
components as (
    select
        *,
        case
            when item_code in ('supplement_balance', 'supplement_wage', 'targeted_total')
                then 'supplement_total'
            when item_code in ('targeted_investment', 'targeted_recurrent', 'targeted_programmes')
                then 'targeted_total'
        end as whole_code
    from amounts
),

parts as (
    select
        budget_year,
        stage,
        line_number,
        whole_code,
        sum(amount_vnd) as parts_vnd
    from components
    where whole_code is not null
    group by budget_year, stage, line_number, whole_code
)

select
    amounts.budget_year,
    amounts.stage,
    amounts.line_number,
    amounts.item_code,
    amounts.row_class,
    amounts.region_ordinal,
    amounts.name_as_published,
    province_names.admin_unit_key,
    amounts.value_state,
    amounts.printed_value,
    amounts.printed_unit,
    amounts.amount_vnd,
    cast(children.children_vnd as decimal(20, 0)) as children_vnd,
    cast(amounts.amount_vnd - children.children_vnd as decimal(20, 0)) as children_difference_vnd,
    cast(parts.parts_vnd as decimal(20, 0)) as parts_vnd,
    cast(amounts.amount_vnd - parts.parts_vnd as decimal(20, 0)) as parts_difference_vnd,
    amounts.document_number,
    amounts.document_date
from amounts
left join {{ ref('int_province_budget_provinces') }} as province_names
    on
        amounts.row_class = 'province'
        and amounts.name_as_published = province_names.name_published
        and amounts.budget_year = province_names.reference_year
left join children
    on
        amounts.budget_year = children.budget_year
        and amounts.stage = children.stage
        and amounts.item_code = children.item_code
        and amounts.row_class = children.parent_class
        and (
            amounts.row_class = 'grand_total'
            or amounts.region_ordinal = children.parent_ordinal
        )
        and amounts.amount_vnd is not null
left join parts
    on
        amounts.budget_year = parts.budget_year
        and amounts.stage = parts.stage
        and amounts.line_number = parts.line_number
        and amounts.item_code = parts.whole_code
        and amounts.amount_vnd is not null
