"""The `khomo` command: one module per group of sub-commands, nothing heavy imported early.

Exit codes: 0 all is well; 1 something was withheld or a check failed; 2 the command was used
wrongly or an input cannot be read.
"""

import typer

from pipelines.cli import (
    coverage,
    docs,
    indicators,
    inspect,
    keep,
    key,
    lint,
    quarantine,
    query,
    resolve,
    run,
    sample,
    trace,
    withdraw,
)

app = typer.Typer(
    name="khomo",
    help=(
        "Kho Mở – kho dữ liệu mở cấp tỉnh: từ nguồn dữ liệu đến bản công bố đã qua kiểm định.\n\n"
        "An open-data warehouse for a Vietnamese province: from source data to releases that"
        " passed their checks. State lives under $KHOMO_HOME (default ./data)."
    ),
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("run")(run.run)
app.command("dev")(run.dev)
app.command("status")(inspect.status)
app.command("verify")(inspect.verify)
app.command("sql")(query.sql)
app.command("resolve")(resolve.resolve)
app.command("coverage")(coverage.coverage)
app.command("trace")(trace.trace)
app.command("report")(inspect.report)
app.command("docs")(docs.docs)
app.command("withdraw")(withdraw.withdraw)
app.command("lint")(lint.lint)
app.command("purge")(keep.purge)
app.add_typer(indicators.app, name="indicators")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(keep.secrets, name="secrets")
app.add_typer(key.app, name="key")
app.add_typer(sample.app, name="sample")
