{{ published_provinces(
    ref('stg_mof_province_accounts__amounts'),
    name='name_as_published',
    year='fiscal_year',
    where="row_class = 'province'",
) }}
