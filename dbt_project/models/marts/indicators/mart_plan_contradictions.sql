-- The body of a document beside the proposal in its appendix, for one indicator, year and level.
-- Which of the two holds is not decided here.
with body as (
    select
        targets.*,
        statements.indicator_code,
        statements.definition_note
    from {{ ref('mart_plan_targets') }} as targets
    inner join {{ ref('stg_indicators__statements') }} as statements
        on targets.target_id = statements.statement and statements.part = 'statement'
),

annex as (
    select
        cells.*,
        statements.indicator_code,
        statements.definition_note
    from {{ ref('mart_plan_appendix') }} as cells
    inner join {{ ref('stg_indicators__statements') }} as statements
        on
            cast(cells.row_number as varchar) = statements.statement
            and statements.part = 'appendix_row'
            and coalesce(statements.level, cells.level) = cells.level
    where cells.column_source = 'proposal' and cells.value_state = 'value'
),

compared as (
    select
        body.doc_id as document_id,
        body.indicator_code,
        body.level,
        body.year_to as target_year,
        body.target_id,
        annex.cell_id,
        body.operator as body_operator,
        body.value_number as body_value,
        body.value_printed as body_printed,
        body.definition_note as body_definition,
        annex.operator as annex_operator,
        annex.value_number as annex_value,
        annex.value_printed as annex_printed,
        annex.definition_note as annex_definition,
        body.unit,
        coalesce(body.value_number != annex.value_number, body.value_number is null)
            as is_other_value,
        body.operator != annex.operator as is_other_operator,
        coalesce(body.definition_note, '') != coalesce(annex.definition_note, '')
            as is_other_definition
    from body
    inner join annex
        on
            body.doc_id = annex.doc_id
            and body.indicator_code = annex.indicator_code
            and body.year_to = annex.year_to
            and body.level = annex.level
)

select *
from compared
where is_other_value or is_other_operator or is_other_definition
