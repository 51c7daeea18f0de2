with documents as (
    select
        documents.*,
        province_names.admin_unit_key
    from {{ ref('stg_plan_targets__documents') }} as documents
    left join {{ ref('int_plan_document_provinces') }} as province_names
        on
            documents.province_as_published = province_names.name_published
            and documents.reference_year = province_names.reference_year
)

select
    cells.cell_id,
    cells.doc_id,
    documents.document_number,
    documents.document_date,
    documents.province_as_published,
    documents.admin_unit_key,
    cells.row_number,
    cells.indicator_vi,
    cells.indicator_en,
    cells.column_source,
    cells.period_printed,
    cells.year_from,
    cells.year_to,
    cells.level,
    cells.operator,
    cells.value_state,
    cells.value_number,
    cells.unit,
    cells.value_printed
from {{ ref('stg_plan_targets__appendix_cells') }} as cells
left join documents on cells.doc_id = documents.doc_id
