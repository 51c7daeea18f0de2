with provincial as (
    select
        by_procedure.month_start,
        coalesce(catalogue.field, 'Không xác định') as procedure_field,
        sum(by_procedure.received) as received,
        sum(by_procedure.status_in_progress) as in_progress,
        sum(by_procedure.status_paused) as paused,
        sum(by_procedure.status_done) as done
    from {{ ref('int_dossier_state_counts') }} as by_procedure
    left join {{ ref('dim_procedure') }} as catalogue
        on by_procedure.procedure_code = catalogue.procedure_code
    where by_procedure.received > 0
    group by by_procedure.month_start, coalesce(catalogue.field, 'Không xác định')
),

national as (
    select
        month_start,
        procedure_field,
        sum(dossiers) as received,
        sum(case when status_code in ('2', '4') then dossiers else 0 end) as in_progress,
        sum(case when status_code in ('5', '6', '8') then dossiers else 0 end) as paused,
        sum(case when status_code in ('7', '9', '10') then dossiers else 0 end) as done
    from {{ ref('stg_national_dossier_counts__count') }}
    group by month_start, procedure_field
),

compared as (
    select
        coalesce(provincial.month_start, national.month_start) as month_start,
        coalesce(provincial.procedure_field, national.procedure_field) as procedure_field,
        coalesce(provincial.received, 0) as provincial_received,
        coalesce(national.received, 0) as national_received,
        coalesce(provincial.in_progress, 0) as provincial_in_progress,
        coalesce(national.in_progress, 0) as national_in_progress,
        coalesce(provincial.paused, 0) as provincial_paused,
        coalesce(national.paused, 0) as national_paused,
        coalesce(provincial.done, 0) as provincial_done,
        coalesce(national.done, 0) as national_done,
        provincial.month_start is not null as is_in_province,
        national.month_start is not null as is_in_nation
    from provincial
    full outer join national
        on
            provincial.month_start = national.month_start
            and provincial.procedure_field = national.procedure_field
),

explained as (
    select
        *,
        national_received - provincial_received as received_difference,
        national_done - provincial_done as done_difference,
        -- a pause that the nation does not know can only have become done
        provincial_paused - national_paused as due_to_rewriting
    from compared
)

select
    {{ period_label('explained.month_start', 'month') }} as month,  -- noqa: RF04
    explained.month_start,
    explained.procedure_field,
    cast(explained.provincial_received as bigint) as provincial_received,
    cast(explained.national_received as bigint) as national_received,
    cast(explained.received_difference as bigint) as received_difference,
    cast(explained.provincial_in_progress as bigint) as provincial_in_progress,
    cast(explained.national_in_progress as bigint) as national_in_progress,
    cast(explained.provincial_paused as bigint) as provincial_paused,
    cast(explained.national_paused as bigint) as national_paused,
    cast(explained.provincial_done as bigint) as provincial_done,
    cast(explained.national_done as bigint) as national_done,
    cast(explained.done_difference as bigint) as done_difference,
    cast(explained.due_to_rewriting as bigint) as due_to_rewriting,
    cast(explained.done_difference - explained.due_to_rewriting as bigint) as not_explained,
    case
        when not explained.is_in_nation then 'only in the province'
        when not explained.is_in_province then 'only in the nation'
        when
            explained.received_difference <> 0
            or explained.done_difference <> explained.due_to_rewriting
            then 'not explained'
        when explained.due_to_rewriting <> 0 then 'explained by rewriting'
        else 'equal'
    end as finding
from explained
