"""Kho Mở: the Dagster code location that moves a province's data from source to open-data release.

One package per stage of the one-way street (`ingest`, `warehouse`, `quality`, `publish`), one for
what both ends share (`contracts`), and `definitions` where Dagster finds it all. Meaning lives in
`dbt_project/`; what is pulled and what is published lives in `sources/` and `open_data/`.
"""
