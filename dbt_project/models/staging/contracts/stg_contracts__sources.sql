select
    source,
    is_synthetic
from {{ source('landed', 'source_contracts') }}
