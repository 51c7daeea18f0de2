-- Which agency publishes its own copy of a national procedure: the rest of a long procedure code,
-- whichever of the two forms it is written in.
select
    procedure_code,
    {{ agency_path('procedure_publisher_code') }} as agency_key,
    {{ joined_texts(
        "procedure_code || '.' || procedure_publisher_code", '; ',
        order_by="procedure_code || '.' || procedure_publisher_code", distinct=true
    ) }} as published_codes,
    min(first_seen_on) as first_seen_on,
    max(last_seen_on) as last_seen_on
from {{ ref('int_publisher_code_use') }}
where {{ agency_path('procedure_publisher_code') }} is not null
group by procedure_code, {{ agency_path('procedure_publisher_code') }}
