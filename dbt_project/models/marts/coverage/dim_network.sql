-- A network is listed once somebody measured it: not every operator runs every generation.
select
    operator || '/' || technology as network_key,
    operator,
    technology,
    cast(regexp_extract(technology, '^([0-9])G$', 1) as integer) as generation,
    min(measured_on) as first_measured_on,
    max(measured_on) as last_measured_on,
    count(*) as measurements,
    {{ data_origin('coverage') }} as data_origin
from {{ ref('stg_coverage__measurement') }}
group by operator, technology
