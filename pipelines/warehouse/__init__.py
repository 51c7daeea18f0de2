"""Landed → warehouse: dbt builds beside the live file, and only a finished build replaces it.

`project` knows the dbt project and its manifest, `dbt` runs dbt, `build` makes one warehouse file
and records what its tests said, `promotion` points readers to it. Meaning is in `dbt_project/`.
"""
