select
    source,
    is_synthetic,
    as_of
from {{ source('landed', 'source_contracts') }}
