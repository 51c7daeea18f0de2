"""The attack on what is published: which hidden counts does somebody work out from shown ones?

`tables` reads the tables of a family with their earlier releases and says which sums hold between
their cells; `bounds` computes by linear programming how far each hidden cell is known; `check` is
the rule `hidden_cells` a contract names. How cells are hidden is the models' business
(`dbt_project/macros/small_cells.sql`): the attack knows nothing of it.
"""
