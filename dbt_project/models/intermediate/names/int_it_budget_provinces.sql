{{ published_provinces(
    ref('stg_it_budget__lines'),
    name='province_as_published',
    year='extract(year from document_date)',
) }}
