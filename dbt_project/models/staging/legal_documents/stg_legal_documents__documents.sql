select
    document_id,
    document_number,
    title_vi,
    title_en,
    issuer,
    issued_on,
    in_force_from,
    ended_on,
    replaced_by,
    certainty,
    evidence
from {{ source('landed', 'legal_documents') }}
