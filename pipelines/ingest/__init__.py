"""Pull → raw → landed: the first half of the one-way street.

`connectors` know where bytes are, `raw` keeps them as received, `readers` turn bytes into rows of
text, `casting` writes the SQL that types and judges a row by its contract, `landing` splits rows
into accepted and quarantined, `landed` shows the accepted ones to dbt.
"""
