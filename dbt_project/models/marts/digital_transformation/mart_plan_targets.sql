with documents as (
    select
        documents.*,
        province_names.admin_unit_key,
        case
            when documents.scope = 'national' then 'national'
            when current_units.restatement = 'current' then 'current'
            when current_units.same_territory then 'continued'
            when current_units.restatement is not null then 'ended'
        end as unit_status
    from {{ ref('stg_plan_targets__documents') }} as documents
    left join {{ ref('int_plan_document_provinces') }} as province_names
        on
            documents.province_as_published = province_names.name_published
            and documents.reference_year = province_names.reference_year
    left join {{ ref('int_admin_unit_current') }} as current_units
        on province_names.admin_unit_key = current_units.admin_unit_key
)

select
    targets.target_id,
    targets.doc_id,
    documents.document_number,
    documents.document_date,
    documents.issuer,
    targets.section,
    coalesce(targets.section_note, documents.document_note) as document_note,
    documents.province_as_published,
    documents.admin_unit_key,
    -- a percentage or a rank of a merged unit says nothing of its successor: it is never restated
    documents.unit_status,
    targets.indicator_vi,
    targets.indicator_en,
    targets.kind,
    targets.kind_note,
    targets.level,
    targets.operator,
    targets.value_state,
    targets.value_number,
    targets.value_high,
    targets.value_of,
    targets.value_printed,
    targets.unit,
    targets.period_printed,
    targets.year_from,
    targets.year_to,
    targets.note
from {{ ref('stg_plan_targets__targets') }} as targets
left join documents on targets.doc_id = documents.doc_id
