-- Every identifier of an agency that a source carries, as it is written there, with the names that
-- stand beside it.
with seen as (
    select
        agency_code as reported_code,
        'dossier codes' as seen_in,
        unit_name,
        min(first_seen_on) as first_seen_on,
        max(last_seen_on) as last_seen_on
    from {{ ref('int_agency_code_use') }}
    group by agency_code, unit_name

    union all

    select
        procedure_publisher_code as reported_code,
        'procedure codes' as seen_in,
        cast(null as varchar) as unit_name,
        min(first_seen_on) as first_seen_on,
        max(last_seen_on) as last_seen_on
    from {{ ref('int_publisher_code_use') }}
    group by procedure_publisher_code
)

select
    reported_code,
    seen_in,
    {{ agency_code_scheme('reported_code') }} as code_scheme,
    {{ agency_path('reported_code') }} as agency_path,
    unit_name,
    first_seen_on,
    last_seen_on
from seen
