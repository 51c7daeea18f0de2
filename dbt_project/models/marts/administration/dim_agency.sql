-- Agencies by the path of their identifier, in whichever of the two forms sources write it. An
-- agency that only the path of another implies has a row, so that every one hangs on the one above.
with recursive

codes as (
    select *
    from {{ ref('int_agency_code') }}
    where agency_path is not null
),

paths as (
    select agency_path
    from codes

    union

    select {{ agency_parent('agency_path') }} as agency_path
    from paths
    where agency_path like '%.%'
),

named as (
    select
        agency_path,
        min(unit_name) as unit_name,
        count(distinct {{ vn_fold('unit_name') }}) as name_count
    from codes
    group by agency_path
),

written as (
    select
        agency_path,
        min(case when code_scheme = 'QCVN102' then upper(trim(reported_code)) end) as code_qcvn102,
        min(case when code_scheme = 'QD20' then upper(trim(reported_code)) end) as code_qd20,
        max(case when seen_in = 'dossier codes' then 1 else 0 end) = 1 as is_in_dossier_codes,
        max(case when seen_in = 'procedure codes' then 1 else 0 end) = 1 as is_in_procedure_codes,
        min(first_seen_on) as first_seen_on,
        max(last_seen_on) as last_seen_on
    from codes
    group by agency_path
)

select
    paths.agency_path as agency_key,
    {{ agency_parent('paths.agency_path') }} as parent_key,
    substr(paths.agency_path, 1, 3) as root_code,
    case substr(paths.agency_path, 1, 1) when 'H' then 'province' when 'G' then 'ministry' end
        as root_kind,
    cast(
        length(paths.agency_path) - length(replace(paths.agency_path, '.', '')) + 1 as integer
    ) as tier,
    written.code_qcvn102,
    written.code_qd20,
    case when named.name_count = 1 then named.unit_name end as agency_name,
    case
        when coalesce(named.name_count, 0) = 0 then 'no source names this agency'
        when named.name_count > 1 then 'sources give it several names'
    end as name_note,
    coalesce(written.is_in_dossier_codes, false) as is_in_dossier_codes,
    coalesce(written.is_in_procedure_codes, false) as is_in_procedure_codes,
    written.first_seen_on,
    written.last_seen_on,
    case
        when written.agency_path is null then 'only the identifiers of agencies below imply it'
        else 'sources show when the code was used, not since when it is valid'
    end as validity_note,
    contracts.is_synthetic
from paths
left join written on paths.agency_path = written.agency_path
left join named on paths.agency_path = named.agency_path
left join {{ ref('stg_contracts__sources') }} as contracts on contracts.source = 'dossiers'
