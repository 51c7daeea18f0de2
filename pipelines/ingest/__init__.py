"""Pull → raw → landed: the first half of the one-way street.

`connectors` know where bytes are, `raw` keeps them as received, `readers` turn bytes into rows of
text, `casting` writes the SQL that types and judges a value by its contract, `split` parts a file's
rows into accepted and quarantined, `landing` keeps what the source consists of.
"""
