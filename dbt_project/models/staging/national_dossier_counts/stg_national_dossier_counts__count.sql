select
    cast(received_month || '-01' as date) as month_start,
    field_name as procedure_field,
    status_code,
    dossiers
from {{ source('landed', 'national_dossier_counts') }}
