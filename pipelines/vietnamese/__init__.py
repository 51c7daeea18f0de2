"""What is peculiar to Vietnamese text, numbers and units, for every stage that reads them.

Facts and pure functions only: `encodings` knows the bytes of the 1990s, `units` the spellings of
currency units, `periods` how reporting periods are written. Files are read in `ingest`.
"""
