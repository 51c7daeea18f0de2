{{ published_provinces(
    ref('stg_dti_scores__scores'),
    name='name_as_published',
    year='assessment_year',
    units_ranked='units_ranked',
    where="scope = 'province'",
) }}
