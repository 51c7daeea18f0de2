{#- One verdict per target and unit. `figures` are relations of figures that marts hold, beside the
    values that were given. Of two values the one of the newest period counts; of one period the
    province's own file counts before a figure of a mart, that before what others published, that
    before what a document says of itself. Which one counts, why, and what the other kind says stands
    in the row: a given value and a derived one are never mixed.

    A target of a national document is one of the configured province. -#}
{% macro target_progress(figures) -%}
with configured as (
    select admin_unit_key
    from {{ ref('int_territory_unit') }}
    where
        level = 'province'
        and admin_unit_key = current_admin_unit_key
),

targets as (
    select
        plan.target_id,
        plan.doc_id as document_id,
        plan.document_number,
        statements.indicator_code,
        plan.kind,
        plan.level,
        coalesce(plan.admin_unit_key, configured.admin_unit_key) as admin_unit_key,
        plan.unit_status,
        plan.operator,
        plan.value_number as target_value,
        plan.value_high as target_value_high,
        plan.value_printed as target_printed,
        plan.unit,
        plan.period_printed,
        plan.year_to as target_year
    from {{ ref('mart_plan_targets') }} as plan
    inner join {{ ref('stg_indicators__statements') }} as statements
        on plan.target_id = statements.statement and statements.part = 'statement'
    left join configured on plan.unit_status = 'national'
    where plan.kind in ('target', 'task', 'recommendation')
),

given as (
    select
        facts.value_id,
        facts.indicator_code,
        facts.level,
        case
            when facts.comparability in ('current', 'continued') then facts.current_admin_unit_key
            else facts.admin_unit_key
        end as comparable_key,
        facts.period_as_reported,
        facts.last_day,
        facts.value_number,
        facts.origin as value_source,
        facts.source,
        false as rests_on_synthetic
    from {{ ref('fct_indicator_value') }} as facts
    where facts.value_state = 'value' and facts.value_number is not null
),

figures as (
    {% for relation in figures -%}
    select * from {{ relation }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {% endfor %}
),

derived as (
    select
        'mart:' || figures.figure_id as value_id,
        measures.indicator_code,
        cast(null as varchar) as level,
        case
            when restated.same_territory then restated.current_admin_unit_key
            else figures.admin_unit_key
        end as comparable_key,
        figures.period_as_reported,
        figures.last_day,
        figures.value_number,
        'mart' as value_source,
        figures.relation || ' (' || figures.source || ')' as source,
        figures.data_origin = 'synthetic' as rests_on_synthetic
    from figures
    inner join {{ ref('stg_indicators__measures') }} as measures
        on figures.relation = measures.relation and figures.measure = measures.measure
    left join {{ ref('int_admin_unit_current') }} as restated
        on figures.admin_unit_key = restated.admin_unit_key
),

actuals as (
    select
        *,
        cast(extract(year from last_day) as integer) as actual_year,
        case value_source
            when 'province' then 1 when 'mart' then 2 when 'publication' then 3 else 4
        end as precedence,
        value_source = 'mart' as is_derived
    from (
        select * from given
        union all
        select * from derived
    ) as every_value
),

-- the year of the newest value that somebody gave: what is due later is still open
newest as (
    select max(actual_year) as reference_year
    from actuals
    where not is_derived
),

matching as (
    select
        targets.target_id,
        actuals.*,
        -- sources of one kind that say different things of one period
        min(actuals.value_number) over (
            partition by targets.target_id, actuals.last_day, actuals.precedence
        ) <> max(actuals.value_number) over (
            partition by targets.target_id, actuals.last_day, actuals.precedence
        ) as is_contested,
        row_number() over (
            partition by targets.target_id
            order by actuals.last_day desc, actuals.precedence asc, actuals.value_id asc
        ) as newest_first,
        row_number() over (
            partition by targets.target_id, actuals.is_derived
            order by actuals.last_day desc, actuals.precedence asc, actuals.value_id asc
        ) as newest_of_kind,
        row_number() over (
            partition by targets.target_id, actuals.is_derived
            order by actuals.last_day, actuals.precedence, actuals.value_id
        ) as oldest_of_kind
    from targets
    inner join {{ ref('int_admin_unit_current') }} as restated
        on targets.admin_unit_key = restated.admin_unit_key
    inner join actuals
        on
            targets.indicator_code = actuals.indicator_code
            and coalesce(actuals.level, targets.level) = targets.level
            and actuals.comparable_key = case
                when restated.same_territory then restated.current_admin_unit_key
                else targets.admin_unit_key
            end
),

judged as (
    select
        targets.*,
        newest.reference_year,
        latest.value_id as actual_value_id,
        latest.value_source as actual_source_kind,
        latest.source as actual_source,
        latest.period_as_reported as actual_period,
        latest.actual_year,
        latest.value_number as actual_value,
        latest.last_day as actual_last_day,
        latest.rests_on_synthetic,
        coalesce(latest.is_contested, false) as is_contested,
        other.value_source as other_source_kind,
        other.value_number as other_value,
        other.period_as_reported as other_period,
        other.last_day as other_last_day,
        first_one.actual_year as baseline_year,
        first_one.value_number as baseline_value,
        indicators.polarity,
        case
            when targets.operator = '>' then latest.value_number > targets.target_value
            when targets.operator = '<' then latest.value_number < targets.target_value
            when targets.operator = '<=' then latest.value_number <= targets.target_value
            when targets.operator in ('>=', 'range')
                then latest.value_number >= targets.target_value
            when indicators.polarity = 'lower' then latest.value_number <= targets.target_value
            when indicators.polarity = 'higher' then latest.value_number >= targets.target_value
            else latest.value_number = targets.target_value
        end as is_met
    from targets
    inner join {{ ref('dim_indicator') }} as indicators
        on targets.indicator_code = indicators.indicator_code
    cross join newest
    left join matching as latest
        on targets.target_id = latest.target_id and latest.newest_first = 1
    left join matching as other
        on
            targets.target_id = other.target_id
            and other.newest_of_kind = 1
            and other.is_derived <> latest.is_derived
    -- a line is drawn through values of one kind only
    left join matching as first_one
        on
            targets.target_id = first_one.target_id
            and first_one.oldest_of_kind = 1
            and latest.is_derived = first_one.is_derived
            and first_one.actual_year < latest.actual_year
),

-- where a straight line from the first value to the target would be in the year of the newest value
expected as (
    select
        *,
        baseline_value
        + (target_value - baseline_value) * (actual_year - baseline_year)
        / nullif(target_year - baseline_year, 0) as expected_value
    from judged
)

select
    target_id,
    document_id,
    document_number,
    indicator_code,
    kind,
    level,
    admin_unit_key,
    unit_status,
    operator,
    target_value,
    target_value_high,
    target_printed,
    unit,
    period_printed,
    target_year,
    actual_value_id,
    actual_source_kind,
    actual_source,
    actual_value,
    actual_period,
    actual_year,
    coalesce(rests_on_synthetic, false) as rests_on_synthetic,
    case
        when actual_value is null then null
        when other_value is null then 'the only kind of value there is'
        when actual_last_day > other_last_day then 'its period is the newest'
        else 'of the same period: the province''s file, then a mart, then a publication, then a document'
    end as actual_choice,
    other_source_kind,
    other_value,
    other_period,
    cast(actual_value - target_value as decimal(20, 4)) as gap,
    reference_year,
    case
        when unit_status = 'ended' then 'closed'
        when operator = 'text' or actual_value is null then 'not_measured'
        when is_contested then 'undecided'
        when is_met then 'met'
        when target_year is null or target_year <= reference_year then 'behind'
        when expected_value is null then 'undecided'
        when polarity = 'lower' and actual_value <= expected_value then 'on_track'
        when polarity != 'lower' and actual_value >= expected_value then 'on_track'
        else 'behind'
    end as status,
    case
        when unit_status = 'ended' then 'the unit of the target ended'
        when operator = 'text' then 'the target is in words'
        when actual_value is null then 'no value of this indicator and unit'
        when is_contested then 'sources of one kind give different values of the same period'
        when not is_met and target_year > reference_year and expected_value is null
            then 'one value gives no direction'
    end as status_reason
from expected
{%- endmacro %}
