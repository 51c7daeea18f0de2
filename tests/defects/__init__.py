"""Known ways in which data or its publication go wrong, each put in on purpose.

`model` has the shapes and the registry; `sources`, `candidates`, `releases`, `contracts` and
`warehouse` are the benches: each runs one part of the street for real, with one thing changed, and
says which checks objected. The `in_…` modules list the defects, a few lines each. `switches` turns
one check off, `suite` keeps what was seen, `table` says it. To add a defect, add an entry to the
`in_…` module of its place; a check that is required and catches nothing fails the suite.
"""
