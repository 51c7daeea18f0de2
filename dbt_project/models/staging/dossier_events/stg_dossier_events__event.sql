-- As with the dossiers themselves, only the keyed hash of the code goes on, and days without the
-- time of day; `event_number` keeps the order of what happened on one day.
select
    dossier_code_key as dossier_key,
    event_number,
    status_code,
    cast(changed_at as date) as changed_on,
    cast(new_due_at as date) as new_due_on,
    _resource as resource  -- noqa: RF04
from {{ source('landed', 'dossier_events') }}
