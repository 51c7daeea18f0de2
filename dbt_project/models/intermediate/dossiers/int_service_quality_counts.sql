{{ config(**by_part(['dossiers'])) }}

with received as (
    select *
    from {{ ref('fct_dossier') }}
    {% if is_incremental() -%}
        where {{ in_changed('dossiers') }}
    {%- endif %}
)

-- Procedures are told apart only where a fee was due: nothing else counts procedures.
select
    resource,
    admin_unit_key,
    cast(date_trunc('quarter', received_on) as date) as quarter_start,
    case when fee_vnd > 0 then coalesce(procedure_code, unknown_procedure_code) end
        as procedure_with_fee,
    count(*) as received,
    count(case when has_digitised_component then 1 end) as digitised,
    count(case when service_level in ('3', '4') and channel_code in ('1', '2') then 1 end)
        as could_be_online,
    count(case when service_level in ('3', '4') and channel_code = '2' then 1 end) as filed_online,
    count(case when service_level = '4' and channel_code in ('1', '2') then 1 end)
        as could_be_full,
    count(case when service_level = '4' and channel_code = '2' then 1 end) as full_online,
    count(case when fee_vnd > 0 then 1 end) as with_fee,
    count(case when fee_vnd > 0 and is_paid_online then 1 end) as paid_online
from received
where received_on is not null
group by
    resource,
    admin_unit_key,
    date_trunc('quarter', received_on),
    case when fee_vnd > 0 then coalesce(procedure_code, unknown_procedure_code) end
