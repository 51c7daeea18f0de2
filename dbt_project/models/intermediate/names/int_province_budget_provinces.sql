{{ published_provinces(
    ref('stg_province_budgets__amounts'),
    name='name_as_published',
    year='budget_year',
    where="row_class = 'province'",
) }}
