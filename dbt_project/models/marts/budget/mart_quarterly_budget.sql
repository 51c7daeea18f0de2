-- Lines that a province gives, quarter by quarter. Only a leaf is added up: a line that holds
-- others is their total, and what it differs from them by stands beside it.
with lines as (
    select
        *,
        unit_scheme || ':' || unit_code || ':' || form || ':' || line_marker || ':' || line_label
            as series
    from {{ ref('stg_quarterly_budget__lines') }}
),

quarters as (
    {{ decumulated_quarters('lines', ['series', 'budget_year'], amount='cumulated_vnd')
        | indent(4) }}
),

children as (
    select
        unit_scheme,
        unit_code,
        budget_year,
        form,
        cumulated_to,
        parent_marker,
        count(*) as children_count,
        sum(cumulated_vnd) as children_vnd
    from lines
    where parent_marker is not null
    group by unit_scheme, unit_code, budget_year, form, cumulated_to, parent_marker
),

-- a marker that several lines of a form share says nothing of which one holds the others
markers as (
    select
        unit_scheme,
        unit_code,
        budget_year,
        form,
        cumulated_to,
        line_marker,
        count(*) as lines_count
    from lines
    group by unit_scheme, unit_code, budget_year, form, cumulated_to, line_marker
),

units as (
    select
        admin_unit_key,
        scheme,
        code,
        coalesce(valid_from, date '0001-01-01') as first_day,
        coalesce(valid_to, date '9999-12-31') as last_day
    from {{ ref('dim_admin_unit') }}
    where level = 'province'
)

select
    lines.unit_scheme,
    lines.unit_code,
    units.admin_unit_key,
    lines.budget_year,
    lines.form,
    lines.line_marker,
    lines.line_label,
    lines.parent_marker,
    'executed' as budget_stage,
    lines.cumulated_to,
    cast(quarters.quarter_number as integer) as quarter_number,
    lines.printed_amount,
    lines.currency_unit,
    lines.cumulated_vnd,
    cast(quarters.quarter_vnd as decimal(20, 0)) as quarter_vnd,
    quarters.quarter_note,
    children.children_count is null as is_leaf,
    case
        when markers.lines_count = 1
            then cast(lines.cumulated_vnd - children.children_vnd as decimal(20, 0))
    end as children_difference_vnd,
    lines.source,
    lines.document
from lines
inner join quarters
    on
        lines.series = quarters.series
        and lines.budget_year = quarters.budget_year
        and lines.cumulated_to = quarters.cumulated_to
inner join markers
    on
        lines.unit_scheme = markers.unit_scheme
        and lines.unit_code = markers.unit_code
        and lines.budget_year = markers.budget_year
        and lines.form = markers.form
        and lines.cumulated_to = markers.cumulated_to
        and lines.line_marker = markers.line_marker
left join children
    on
        lines.unit_scheme = children.unit_scheme
        and lines.unit_code = children.unit_code
        and lines.budget_year = children.budget_year
        and lines.form = children.form
        and lines.cumulated_to = children.cumulated_to
        and lines.line_marker = children.parent_marker
left join units
    on
        lines.unit_scheme = units.scheme
        and lines.unit_code = units.code
        and {{ day_of('lines.budget_year', 1, 1) }} <= units.last_day
        and {{ day_of('lines.budget_year', 12, 31) }} between units.first_day and units.last_day
