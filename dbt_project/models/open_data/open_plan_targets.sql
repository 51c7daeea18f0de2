-- Both parts of the documents in one dataset: the states "none" and "blank" occur in the appendix
-- only, and a reader who compares the two parts needs them side by side.
with documents as (
    select distinct
        doc_id,
        issuer,
        unit_status
    from {{ ref('mart_plan_targets') }}
)

select
    target_id as record_id,
    'statement' as part,
    doc_id,
    document_number,
    document_date,
    issuer,
    section,
    province_as_published,
    admin_unit_key,
    unit_status,
    indicator_vi,
    indicator_en,
    kind,
    level,
    operator,
    value_state,
    value_number,
    value_high,
    value_of,
    value_printed,
    unit,
    period_printed,
    year_from,
    year_to,
    cast(null as varchar) as compared_document,
    document_note,
    note
from {{ ref('mart_plan_targets') }}

union all

select
    cells.cell_id as record_id,
    'appendix_cell' as part,
    cells.doc_id,
    cells.document_number,
    cells.document_date,
    documents.issuer,
    cast(null as varchar) as section,
    cells.province_as_published,
    cells.admin_unit_key,
    documents.unit_status,
    cells.indicator_vi,
    cells.indicator_en,
    'target' as kind,
    cells.level,
    cells.operator,
    cells.value_state,
    cells.value_number,
    cast(null as decimal(18, 4)) as value_high,
    cast(null as decimal(18, 4)) as value_of,
    cells.value_printed,
    cells.unit,
    cells.period_printed,
    cells.year_from,
    cells.year_to,
    cells.column_source as compared_document,
    'cell of the appendix that compares targets' as document_note,
    cast(null as varchar) as note
from {{ ref('mart_plan_appendix') }} as cells
inner join documents on cells.doc_id = documents.doc_id
