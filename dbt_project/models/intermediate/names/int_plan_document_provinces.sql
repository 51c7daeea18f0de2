{{ published_provinces(
    ref('stg_plan_targets__documents'),
    name='province_as_published',
    year='reference_year',
    where='province_as_published is not null',
) }}
