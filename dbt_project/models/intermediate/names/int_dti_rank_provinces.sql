{{ published_provinces(
    ref('stg_dti_ranks__ranks'),
    name='province_as_published',
    year='assessment_year',
    units_ranked='units_ranked',
) }}
