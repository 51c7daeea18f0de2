-- Plans and guidance whose figures are carried, and the legal texts that rules rest on.
with legal as (
    select * from {{ ref('stg_legal_documents__documents') }}
)

select
    doc_id as document_id,
    'plan' as document_kind,
    document_number,
    title_vi,
    title_en,
    issuer,
    document_date as issued_on,
    cast(null as date) as in_force_from,
    cast(null as date) as ended_on,
    cast(null as varchar) as replaced_by_number,
    cast(null as varchar) as replaced_by_id,
    cast(null as varchar) as validity,
    'document' as certainty,
    document_note as note
from {{ ref('stg_plan_targets__documents') }}

union all

select
    legal.document_id,
    'legal' as document_kind,
    legal.document_number,
    legal.title_vi,
    legal.title_en,
    legal.issuer,
    legal.issued_on,
    legal.in_force_from,
    legal.ended_on,
    legal.replaced_by as replaced_by_number,
    successors.document_id as replaced_by_id,
    case
        when legal.ended_on is not null then 'ended'
        when legal.replaced_by is not null then 'replaced'
        when legal.in_force_from is not null then 'in_force'
        else 'unverified'
    end as validity,
    legal.certainty,
    legal.evidence as note
from legal
left join legal as successors on legal.replaced_by = successors.document_number
