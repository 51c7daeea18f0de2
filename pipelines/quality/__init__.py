"""What is known about the quality of a candidate: evidence, never a verdict.

`content` turns a relation's content into a digest, `readback` opens a candidate's own files,
`expectations` and `ge_engine` run the column rules with Great Expectations on DuckDB, `rules` and
`disclosure` hold the other rules, `required` says what must have been checked, `run` runs it all
and records the results. Whether something may be published is decided in `publish.gate`.
"""
