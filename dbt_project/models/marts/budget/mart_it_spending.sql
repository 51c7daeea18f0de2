with printed as (
    select
        figures.*,
        province_names.admin_unit_key
    from {{ ref('stg_it_budget__lines') }} as figures
    left join {{ ref('int_it_budget_provinces') }} as province_names
        on
            figures.province_as_published = province_names.name_published
            and extract(year from figures.document_date) = province_names.reference_year
),

-- Sums of the figures, not the printed totals. Investment is one figure for the whole period, so
-- the share of all IT spending exists for the period only.
sums as (
    select
        province_as_published,
        document_number,
        document_date,
        admin_unit_key,
        min(period_from) as period_from,
        max(period_to) as period_to,
        bool_or(is_estimate) as is_estimate,
        sum(amount_vnd) filter (where item = 'recurrent') as recurrent_vnd,
        sum(amount_vnd) filter (where item = 'investment') as investment_vnd,
        sum(amount_vnd) filter (where item = 'total_expenditure') as total_vnd
    from printed
    where row_class = 'data'
    group by province_as_published, document_number, document_date, admin_unit_key
),

recomputed as (
    select
        'recomputed-it_share-' || period_from || '-' || period_to as line_id,
        province_as_published,
        document_number,
        document_date,
        admin_unit_key,
        'it_share' as item,
        period_from,
        period_to,
        is_estimate,
        {{ share_percent('recurrent_vnd + investment_vnd', 'total_vnd') }} as ratio_percent
    from sums

    union all

    select
        'recomputed-recurrent_share-' || recurrent.period_from as line_id,
        recurrent.province_as_published,
        recurrent.document_number,
        recurrent.document_date,
        recurrent.admin_unit_key,
        'recurrent_share' as item,
        recurrent.period_from,
        recurrent.period_to,
        recurrent.is_estimate or totals.is_estimate as is_estimate,
        {{ share_percent('recurrent.amount_vnd', 'totals.amount_vnd') }} as ratio_percent
    from printed as recurrent
    inner join printed as totals
        on
            recurrent.document_number = totals.document_number
            and recurrent.period_from = totals.period_from
            and recurrent.period_to = totals.period_to
            and totals.item = 'total_expenditure'
            and totals.row_class = 'data'
    where recurrent.item = 'recurrent' and recurrent.row_class = 'data'
)

select
    printed.line_id,
    printed.province_as_published,
    printed.admin_unit_key,
    printed.document_number,
    printed.document_date,
    printed.row_class,
    'printed' as basis,
    printed.item,
    printed.period_from,
    printed.period_to,
    printed.is_estimate,
    printed.amount_vnd,
    printed.ratio_percent,
    cast(
        case
            when printed.row_class = 'total' then printed.amount_vnd - case printed.item
                when 'recurrent' then sums.recurrent_vnd
                when 'investment' then sums.investment_vnd
                when 'total_expenditure' then sums.total_vnd
            end
        end as decimal(20, 0)
    ) as difference_vnd,
    cast(printed.ratio_percent - recomputed.ratio_percent as decimal(9, 4)) as difference_points,
    printed.note
from printed
left join sums on printed.document_number = sums.document_number
left join recomputed
    on
        printed.row_class = 'ratio'
        and printed.document_number = recomputed.document_number
        and printed.item = recomputed.item

union all

select
    line_id,
    province_as_published,
    admin_unit_key,
    document_number,
    document_date,
    'ratio' as row_class,
    'recomputed' as basis,
    item,
    period_from,
    period_to,
    is_estimate,
    cast(null as decimal(20, 0)) as amount_vnd,
    ratio_percent,
    cast(null as decimal(20, 0)) as difference_vnd,
    cast(null as decimal(9, 4)) as difference_points,
    'worked out from the figures of the same table' as note
from recomputed
