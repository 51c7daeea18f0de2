-- What each source says of a procedure on its own day. Lists say how things stand, not since when:
-- a version is known from the day of the list that has it, and begins on a day that nobody gives.
with listed as (
    select
        procedure_code,
        'procedures' as source,
        procedure_name,
        field,
        issuing_agency,
        cast(null as varchar) as level,  -- noqa: RF04
        cast(null as varchar) as decision_number,
        cast(null as varchar) as formality_id
    from {{ ref('stg_procedures__procedures') }}

    union all

    select
        procedure_code,
        'portal-procedures' as source,
        procedure_name,
        field,
        issuing_agency,
        cast(null as varchar) as level,  -- noqa: RF04
        cast(null as varchar) as decision_number,
        cast(null as varchar) as formality_id
    from {{ ref('stg_portal_procedures__procedures') }}

    union all

    select
        procedure_code,
        'portal-procedure-details' as source,
        procedure_name,
        field,
        cast(null as varchar) as issuing_agency,
        level,  -- noqa: RF04
        decision_number,
        formality_id
    from {{ ref('stg_portal_procedure_details__procedures') }}
),

dated as (
    select
        listed.*,
        contracts.as_of as listed_on,
        row_number() over (
            partition by listed.procedure_code
            order by contracts.as_of, listed.source
        ) as version_number,
        count(*) over (partition by listed.procedure_code) as version_count,
        lag(listed.procedure_name) over (
            partition by listed.procedure_code
            order by contracts.as_of, listed.source
        ) as name_before,
        lag(listed.field) over (
            partition by listed.procedure_code
            order by contracts.as_of, listed.source
        ) as field_before
    from listed
    inner join {{ ref('stg_contracts__sources') }} as contracts on listed.source = contracts.source
)

select
    procedure_code || '@' || source as procedure_version_key,
    procedure_code,
    source,
    cast(version_number as integer) as version_number,
    version_number = version_count as is_latest,
    listed_on,
    cast(null as date) as valid_from,
    'lists say how things stand on their day, not since when' as validity_note,
    procedure_name,
    field,
    issuing_agency,
    level,  -- noqa: RF04
    formality_id,
    decision_number,
    case when decision_number is null then 'the source names no announcing decision' end
        as decision_note,
    case
        when version_number = 1 then 'first'
        when {{ vn_fold('procedure_name') }} <> {{ vn_fold('name_before') }} then 'renamed'
        when {{ vn_fold('field') }} <> {{ vn_fold('field_before') }} then 'another field'
        else 'same'
    end as compared_with_before
from dated
