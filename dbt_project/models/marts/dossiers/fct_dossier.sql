{{ config(**by_part(['dossiers'])) }}

with dossiers as (
    select
        *,
        -- a dossier that was never accepted belongs to the unit of the day it was filed
        coalesce(received_on, submitted_on) as unit_day
    from {{ ref('stg_dossiers__dossier') }}
    {% if is_incremental() -%}
        where {{ in_changed('dossiers') }}
    {%- endif %}
),

units as (
    select * from {{ ref('int_territory_unit') }}
),

unit_codes as (
    select distinct code from units
),

procedures as (
    select procedure_code from {{ ref('dim_procedure') }}
),

judged as (
    select
        dossiers.*,
        procedures.procedure_code as known_procedure_code,
        units.admin_unit_key,
        units.current_admin_unit_key,
        coalesce(units.restatement, 'unknown') as restatement,
        case
            when units.admin_unit_key is not null then null
            when unit_codes.code is null then 'no unit of the province has this code'
            else 'no unit of the province had this code on that day'
        end as unit_note,
        dossiers.status_code not in ('1', '3') and dossiers.received_on is not null
            as is_accepted,
        dossiers.status_code in ('7', '9', '10') and dossiers.ended_on is not null
            as is_completed
    from dossiers
    left join procedures on dossiers.procedure_code = procedures.procedure_code
    left join units
        on
            dossiers.unit_code = units.code
            and dossiers.unit_day between units.first_day and units.last_day
    left join unit_codes on dossiers.unit_code = unit_codes.code
)

select
    dossier_key,
    known_procedure_code as procedure_code,
    case when known_procedure_code is null then procedure_code end as unknown_procedure_code,
    case when known_procedure_code is null then 'not in the catalogue' end as procedure_note,
    admin_unit_key,
    case when admin_unit_key is null then unit_code end as unknown_unit_code,
    unit_note,
    current_admin_unit_key,
    restatement,
    submitted_on,
    case when is_accepted then received_on end as received_on,
    due_on,
    case when is_completed then ended_on end as completed_on,
    -- on the due day itself is on time; what has no due day cannot be late
    case when is_completed then coalesce(ended_on <= due_on, true) end as is_on_time,
    returned_on,
    refused_on,
    status_code,
    channel_code,
    service_level,
    applicant_type_code,
    fee_vnd,
    is_paid_online,
    has_digitised_component,
    is_account_verified,
    resource
from judged
