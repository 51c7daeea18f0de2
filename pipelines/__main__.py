"""`python -m pipelines` is the `khomo` command."""

from pipelines.cli import app

app(prog_name="khomo")
