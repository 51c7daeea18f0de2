with rules as (
    select * from {{ ref('int_digital_spending_rule') }}
),

-- the figures that a ratio is divided from: those of its document and of its years
shares as (
    select
        ratios.line_id,
        any_value(ratios.province_as_published) as province_as_published,
        any_value(ratios.admin_unit_key) as admin_unit_key,
        any_value(ratios.document_number) as document_number,
        any_value(ratios.document_date) as document_date,
        any_value(ratios.basis) as basis,
        any_value(ratios.item) as item,
        any_value(ratios.period_from) as period_from,
        any_value(ratios.period_to) as period_to,
        any_value(ratios.is_estimate) or coalesce(bool_or(figures.is_estimate), false)
            as is_estimate,
        any_value(ratios.ratio_percent) as ratio_percent,
        any_value(ratios.difference_points) as difference_points,
        any_value(ratios.note) as note,
        sum(figures.amount_vnd) filter (
            where
            figures.item = 'recurrent'
            or (figures.item = 'investment' and ratios.item = 'it_share')
        ) as numerator_vnd,
        sum(figures.amount_vnd) filter (where figures.item = 'total_expenditure')
            as denominator_vnd
    from {{ ref('mart_it_spending') }} as ratios
    left join {{ ref('mart_it_spending') }} as figures
        on
            ratios.document_number = figures.document_number
            and figures.row_class = 'data'
            and figures.period_from >= ratios.period_from
            and figures.period_to <= ratios.period_to
    where ratios.row_class = 'ratio'
    group by ratios.line_id
),

-- what is at hand for a rule: figures of a table, and a share that a text only states
found as (
    select
        rules.target_id,
        shares.admin_unit_key,
        shares.province_as_published,
        shares.period_from,
        shares.period_to,
        shares.basis,
        case shares.item
            when 'it_share' then 'recurrent_and_investment'
            when 'recurrent_share' then 'recurrent_only'
        end as numerator_scope,
        -- how a printed ratio was divided is not said: no figures are set beside it
        case when shares.basis = 'recomputed' then shares.numerator_vnd end as numerator_vnd,
        case when shares.basis = 'recomputed' then shares.denominator_vnd end as denominator_vnd,
        shares.ratio_percent,
        shares.difference_points,
        shares.is_estimate,
        shares.document_number,
        shares.document_date,
        'it-budget' as source,
        shares.note as value_note
    from rules
    inner join shares
        on
            rules.ratio_code = 'digital_share'
            and rules.admin_unit_key = shares.admin_unit_key
            -- a target asks about the years from its document on, a recommendation was there before
            and (
                rules.kind = 'recommendation'
                or shares.period_to
                >= coalesce(rules.year_from, extract(year from rules.document_date))
            )

    union all

    select
        rules.target_id,
        results.admin_unit_key,
        results.province_as_published,
        results.year_from as period_from,
        results.year_to as period_to,
        'printed' as basis,
        'not_stated' as numerator_scope,
        null as numerator_vnd,
        null as denominator_vnd,
        cast(results.value_number as decimal(9, 4)) as ratio_percent,
        null as difference_points,
        null as is_estimate,
        results.document_number,
        results.document_date,
        'plan-targets' as source,
        'stated in the text of the document, without figures' as value_note
    from rules
    inner join {{ ref('mart_plan_targets') }} as results
        on rules.result_target_id = results.target_id
),

-- whoever set a rule, and the province whose warehouse this is
asked as (
    select
        rules.target_id,
        rules.admin_unit_key,
        rules.province_as_published as unit_name,
        rules.unit_status
    from rules

    union all

    select
        rules.target_id,
        units.admin_unit_key,
        units.name as unit_name,
        'current' as unit_status
    from rules
    inner join {{ ref('dim_admin_unit') }} as units
        on
            units.scheme = '{{ env_var("KHOMO_PROVINCE_SCHEME") }}'
            and units.code = '{{ env_var("KHOMO_PROVINCE_CODE") }}'
            and units.level = 'province'
            and units.valid_to is null
            and units.admin_unit_key is distinct from rules.admin_unit_key
)

select
    concat_ws(
        '/',
        rules.ratio_code,
        rules.target_id,
        asked.admin_unit_key,
        coalesce(found.period_from || '-' || found.period_to, 'no-period'),
        coalesce(found.basis, 'none'),
        coalesce(found.numerator_scope, 'none')
    ) as spending_id,
    rules.ratio_code,
    asked.admin_unit_key,
    asked.unit_name,
    asked.unit_status,
    cast(found.period_from as integer) as period_from,
    cast(found.period_to as integer) as period_to,
    found.basis,
    rules.numerator_vi,
    rules.numerator_en,
    rules.denominator_vi,
    rules.denominator_en,
    found.numerator_scope,
    cast(found.numerator_vnd as decimal(20, 0)) as numerator_vnd,
    cast(found.denominator_vnd as decimal(20, 0)) as denominator_vnd,
    found.ratio_percent,
    cast(found.difference_points as decimal(9, 4)) as difference_points,
    found.is_estimate,
    case when found.target_id is null then 'no_data' else 'value' end as value_state,
    case
        when found.target_id is not null then found.value_note
        when rules.ratio_code <> 'digital_share'
            then 'no source has figures on what this ratio divides'
        when asked.admin_unit_key in (select shares.admin_unit_key from shares)
            then 'the figures at hand end before the document that sets the threshold'
        else 'no source has spending figures of this unit'
    end as value_note,
    found.document_number,
    found.document_date,
    found.source,
    rules.operator as threshold_operator,
    rules.threshold_percent,
    rules.unit as threshold_unit,
    rules.period_printed as threshold_period,
    case
        when rules.kind = 'recommendation' then 'national'
        when asked.admin_unit_key = rules.admin_unit_key then 'own'
        else 'other_unit'
    end as threshold_scope,
    rules.target_id as threshold_target_id,
    rules.doc_id as threshold_doc_id,
    rules.document_number as threshold_document_number,
    rules.document_date as threshold_document_date,
    rules.section as threshold_section,
    rules.document_note as threshold_note,
    -- these shares are floors, whether a document says "at least", "about" or just the number;
    -- a part of the numerator cannot tell whether the whole meets it
    case
        when
            found.numerator_scope <> 'recurrent_only'
            or found.ratio_percent >= rules.threshold_percent
            then found.ratio_percent >= rules.threshold_percent
    end as meets_threshold
from asked
inner join rules on asked.target_id = rules.target_id
left join found
    on asked.target_id = found.target_id and asked.admin_unit_key = found.admin_unit_key
