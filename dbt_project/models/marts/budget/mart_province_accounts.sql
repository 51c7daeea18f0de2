-- The bundled table gives the columns of the form other names than the Ministry's workbooks.
with line_names (item_code, line_code) as (
    values
    ('total_revenue', 'revenue'),
    ('revenue_share_percent', 'retained_share_percent'),
    ('balanced_expenditure', 'spending'),
    ('supplement_total', 'transfers'),
    ('supplement_balance', 'balancing_transfers'),
    ('supplement_wage', 'wage_transfers'),
    ('targeted_total', 'targeted_transfers'),
    ('targeted_investment', 'targeted_projects'),
    ('targeted_recurrent', 'targeted_policies'),
    ('targeted_programmes', 'targeted_programmes')
),

printed as (
    select
        'province-budgets' as source,
        amounts.budget_year as fiscal_year,
        amounts.stage as budget_stage,
        case amounts.row_class when 'grand_total' then 'country' else amounts.row_class end
            as row_class,
        amounts.region_ordinal as region,
        amounts.name_as_published,
        province_names.admin_unit_key,
        province_names.resolution_note,
        line_names.line_code,
        amounts.value_state,
        cast(amounts.printed_value as decimal(38, 16)) as printed_value,
        amounts.printed_unit,
        amounts.amount_vnd,
        amounts.document_number,
        amounts.document_date,
        cast(null as varchar) as workbook,
        cast(amounts.line_number as bigint) as source_row
    from {{ ref('stg_province_budgets__amounts') }} as amounts
    inner join line_names on amounts.item_code = line_names.item_code
    left join {{ ref('int_province_budget_provinces') }} as province_names
        on
            amounts.row_class = 'province'
            and amounts.name_as_published = province_names.name_published
            and amounts.budget_year = province_names.reference_year

    union all

    select
        'mof-province-accounts' as source,
        amounts.fiscal_year,
        amounts.budget_stage,
        amounts.row_class,
        case when amounts.row_class <> 'country' then amounts.region_name end as region,
        amounts.name_as_published,
        province_names.admin_unit_key,
        province_names.resolution_note,
        amounts.item_code as line_code,
        amounts.value_state,
        amounts.printed_value,
        amounts.printed_unit,
        amounts.amount_vnd,
        cast(null as varchar) as document_number,
        cast(null as date) as document_date,
        amounts.workbook,
        amounts.sheet_row as source_row
    from {{ ref('stg_mof_province_accounts__amounts') }} as amounts
    left join {{ ref('int_mof_province_accounts_provinces') }} as province_names
        on
            amounts.row_class = 'province'
            and amounts.name_as_published = province_names.name_published
            and amounts.fiscal_year = province_names.reference_year
),

lines as (
    select
        budget_line_key,
        code,
        parent_key,
        measure,
        is_leaf,
        valid_from_fy,
        valid_to_fy,
        case scheme when 'CKTC09_PLAN_2010' then 'plan' when 'CKTC09_FINAL_2012' then 'final' end
            as budget_stage
    from {{ ref('dim_budget_line') }}
    where line_kind = 'form_column'
),

accounts as (
    select
        printed.*,
        lines.budget_line_key,
        lines.parent_key as parent_line_key,
        lines.measure,
        lines.is_leaf as is_leaf_line,
        -- the same year and stage from two sources counts once, from the Ministry's own workbook
        printed.source = 'mof-province-accounts'
        or not bool_or(printed.source = 'mof-province-accounts') over (
            partition by printed.fiscal_year, printed.budget_stage
        ) as is_first_source
    from printed
    left join lines
        on
            printed.line_code = lines.code
            and printed.budget_stage = lines.budget_stage
            and printed.fiscal_year between lines.valid_from_fy and lines.valid_to_fy
    -- a column that the form of the year does not have is no blank cell of it
    where lines.budget_line_key is not null or printed.value_state = 'value'
),

-- what the lines below add up to: provinces of a region, regions of the country
children as (
    select
        source,
        fiscal_year,
        budget_stage,
        line_code,
        case row_class when 'province' then 'region' else 'country' end as parent_class,
        case row_class when 'province' then region end as parent_region,
        sum(amount_vnd) as children_vnd
    from accounts
    where row_class in ('province', 'region')
    group by source, fiscal_year, budget_stage, line_code, parent_class, parent_region
),

-- what the columns below add up to
parts as (
    select
        source,
        fiscal_year,
        budget_stage,
        source_row,
        parent_line_key,
        sum(amount_vnd) as parts_vnd
    from accounts
    where parent_line_key is not null
    group by source, fiscal_year, budget_stage, source_row, parent_line_key
)

select
    accounts.source,
    accounts.fiscal_year,
    accounts.budget_stage,
    accounts.source_row,
    accounts.line_code,
    accounts.row_class,
    accounts.region,
    accounts.name_as_published,
    accounts.admin_unit_key,
    case
        when accounts.row_class <> 'province' then 'a sum over provinces has no unit'
        when accounts.admin_unit_key is null then accounts.resolution_note
    end as unit_note,
    accounts.budget_line_key,
    accounts.parent_line_key,
    accounts.row_class = 'province' and accounts.is_leaf_line as is_leaf,
    accounts.row_class <> 'province' or not accounts.is_leaf_line as is_total,
    accounts.row_class = 'province'
    and coalesce(accounts.is_leaf_line and accounts.measure = 'amount', false)
    and accounts.is_first_source as is_additive,
    accounts.value_state,
    accounts.printed_value,
    accounts.printed_unit,
    accounts.amount_vnd,
    cast(children.children_vnd as decimal(20, 0)) as children_vnd,
    cast(accounts.amount_vnd - children.children_vnd as decimal(20, 0)) as children_difference_vnd,
    cast(parts.parts_vnd as decimal(20, 0)) as parts_vnd,
    cast(accounts.amount_vnd - parts.parts_vnd as decimal(20, 0)) as parts_difference_vnd,
    accounts.document_number,
    accounts.document_date,
    accounts.workbook
from accounts
left join children
    on
        accounts.source = children.source
        and accounts.fiscal_year = children.fiscal_year
        and accounts.budget_stage = children.budget_stage
        and accounts.line_code = children.line_code
        and accounts.row_class = children.parent_class
        and (accounts.row_class = 'country' or accounts.region = children.parent_region)
        and accounts.amount_vnd is not null
left join parts
    on
        accounts.source = parts.source
        and accounts.fiscal_year = parts.fiscal_year
        and accounts.budget_stage = parts.budget_stage
        and accounts.source_row = parts.source_row
        and accounts.budget_line_key = parts.parent_line_key
        and accounts.amount_vnd is not null
