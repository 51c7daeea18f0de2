with agencies as (
    select
        procedure_code,
        {{ joined_texts('agency', '; ', order_by='agency_number') }} as implementing_agencies,
        cast(count(*) as integer) as implementing_agency_count
    from {{ ref('int_procedure_agencies') }}
    group by procedure_code
)

select
    catalogue.procedure_code,
    catalogue.procedure_name,
    catalogue.field,
    catalogue.issuing_agency,
    -- NULL, not empty, where the catalogue names no agency
    agencies.implementing_agencies,
    coalesce(agencies.implementing_agency_count, 0) as implementing_agency_count
from {{ ref('stg_procedures__procedures') }} as catalogue
left join agencies on catalogue.procedure_code = agencies.procedure_code
