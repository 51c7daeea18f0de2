-- Personal columns stop here: only the keyed hash of the dossier code goes on, and dates without
-- the time of day, which nothing needs and which would help to recognise a person.
select
    dossier_code_key as dossier_key,
    -- the national code; what may follow it is the province's agency code
    substr(procedure_code, 1, 8) as procedure_code,
    service_level,
    channel_code,
    applicant_type_code,
    case unit_level
        when 'Cấp tỉnh' then 'province'
        when 'Cấp huyện' then 'district'
        when 'Cấp xã' then 'commune'
    end as unit_level,
    unit_code,
    unit_name,
    cast(submitted_at as date) as submitted_on,
    cast(received_at as date) as received_on,
    cast(due_at as date) as due_on,
    cast(ended_at as date) as ended_on,
    cast(returned_at as date) as returned_on,
    cast(refused_at as date) as refused_on,
    status_code,
    fee_vnd,
    is_paid_online,
    has_digitised_component,
    is_account_verified,
    agency_code,
    -- the rest of a long code: the agency that publishes its own copy of the procedure
    nullif(substr(procedure_code, 10), '') as procedure_publisher_code,
    _resource as resource  -- noqa: RF04
from {{ source('landed', 'dossiers') }}
