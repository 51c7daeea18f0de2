select
    procedure_code,
    procedure_name,
    issuing_agency,
    implementing_agencies,
    field
from {{ source('landed', 'portal_procedures') }}
