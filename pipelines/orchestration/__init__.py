"""Dagster's view of the street: one module per kind of definition.

The work itself is in `ingest`, `warehouse`, `quality` and `publish`; modules here only wrap it as
assets, checks, jobs and schedules. They are imported whenever definitions load, so they import
nothing heavy at the top.
"""
