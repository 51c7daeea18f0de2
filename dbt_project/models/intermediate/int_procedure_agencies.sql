with cells as (
    select
        procedure_code,
        implementing_agencies
    from {{ ref('stg_procedures__procedures') }}
    where implementing_agencies is not null
),

lines as (
    {{ text_lines('cells', ['procedure_code'], 'implementing_agencies') | indent(4) }}
),

-- the export repeats agencies and writes them in different letter case
ranked as (
    select
        procedure_code,
        trim(line) as agency,
        line_number,
        row_number() over (
            partition by procedure_code, {{ vn_fold('line') }}
            order by line_number
        ) as occurrence
    from lines
    where trim(line) <> ''
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
