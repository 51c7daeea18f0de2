select
    part,
    statement,
    level,
    indicator_code,
    definition_note
from {{ source('landed', 'indicator_statements') }}
