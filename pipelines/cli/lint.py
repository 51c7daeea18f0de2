"""`khomo lint`: are all contracts complete and consistent, and is the SQL in the house style?"""

from typing import Annotated

import typer

from pipelines.cli.console import WITHHELD, err, fail, out


def lint(
    sql: Annotated[
        bool, typer.Option("--sql", help="Lint the dbt project's SQL too (needs sqlfluff).")
    ] = False,
) -> None:
    """Check every contract against the standard's schema and this project's rules."""
    from pipelines.contracts import load_published
    from pipelines.contracts.lint import lint_all
    from pipelines.quality import waivable

    checked, problems = lint_all()
    if not problems:
        problems = [
            f"open_data/{name}: {problem}"
            for name, contract in load_published().items()
            for problem in waivable.problems(contract)
        ]
    for problem in problems:
        err.print(f"[red]✗[/] {problem}", soft_wrap=True)
    if problems:
        err.print(f"{len(problems)} problem(s) in {checked} contracts")
        raise typer.Exit(WITHHELD)
    out.print(f"{checked} contracts, no problem")
    if sql:
        _lint_sql()


def _lint_sql() -> None:
    """Run sqlfluff in the environment in which dbt runs: its templater compiles the models."""
    import shutil
    import subprocess
    import sys
    from pathlib import Path

    from pipelines.province import load_province
    from pipelines.settings import PROJECT_ROOT, home
    from pipelines.warehouse.dbt import environment

    program = shutil.which("sqlfluff", path=str(Path(sys.executable).parent))
    if program is None:
        fail("sqlfluff is not installed; `make setup-dev` installs it")
    state = home().create()
    target = str(state.dbt / "lint")
    done = subprocess.run(
        [program, "lint", "--disable-progress-bar", "--processes", "2", "dbt_project/models"],
        cwd=PROJECT_ROOT,
        env={
            **environment(state, load_province()),
            "DBT_TARGET_PATH": target,
            "DBT_LOG_PATH": target,
        },
        check=False,
    )
    if done.returncode:
        raise typer.Exit(WITHHELD)
