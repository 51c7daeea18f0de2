"""Personal data in values, wherever they stand: a cell, a sentence, a line of a log.

`patterns` says what such a value looks like, as SQL; `scan` looks for it in relations and texts;
`check` is the required check on a candidate, `mask` takes them out of what checks say, `written` is
the search of reports and logs. Columns that
identify a person are not landed at all (`ingest`) and may not be listed (`quality.metadata`); this
package finds what slipped into others.
"""
