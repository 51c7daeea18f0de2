select
    doc_id,
    document_number,
    document_date,
    document_note,
    issuer,
    province_as_published,
    scope,
    reference_year,
    title_vi,
    title_en
from {{ source('landed', 'plan_documents') }}
