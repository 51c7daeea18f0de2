with cells as (
    select
        procedure_code,
        implementing_agencies
    from {{ ref('stg_procedures__procedures') }}
    where implementing_agencies is not null
),

lines as (
    select
        procedure_code,
        unnest({{ text_lines('implementing_agencies') }}) as agency_line,
        generate_subscripts({{ text_lines('implementing_agencies') }}, 1) as line_number
    from cells
),

-- the export repeats agencies and writes them in different letter case
ranked as (
    select
        procedure_code,
        trim(agency_line) as agency,
        line_number,
        row_number() over (
            partition by procedure_code, {{ vn_fold('agency_line') }}
            order by line_number
        ) as occurrence
    from lines
    where trim(agency_line) <> ''
)

select
    procedure_code,
    cast(
        row_number() over (
            partition by procedure_code
            order by line_number
        ) as integer
    ) as agency_number,
    agency
from ranked
where occurrence = 1
