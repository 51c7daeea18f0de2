"""dbt's documentation of the project as one HTML file that needs no network.

Column types come from the promoted warehouse, of which dbt is given an empty copy: it never opens
the file that readers see.
"""

import shutil
from pathlib import Path

from pipelines.canonical import write_durably
from pipelines.duck import connect, literal
from pipelines.province import Province
from pipelines.settings import Home
from pipelines.warehouse.dbt import run_dbt
from pipelines.warehouse.promotion import promoted_file


def make_docs(home: Home, province: Province) -> Path:
    """Write `$KHOMO_HOME/docs/index.html` and return its path.

    Before the first run there are no types in it.

    Raises:
        DbtError: dbt could not make it.
    """
    home.create()
    target = home.dbt / "docs"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    promoted = promoted_file(home)
    database = target / "warehouse.duckdb"
    arguments = ["docs", "generate", "--static", "--no-compile"]
    if promoted is None:
        arguments.append("--empty-catalog")
    else:
        _copy_without_rows(promoted, database)
    for command in (["parse"], arguments):
        run_dbt(command, home, province, database=database, target=target)
    write_durably(home.docs, (target / "static_index.html").read_bytes(), mode=0o644)
    shutil.rmtree(target)
    return home.docs


def _copy_without_rows(promoted: Path, database: Path) -> None:
    with connect() as connection:
        connection.execute(f"attach {literal(str(promoted))} as promoted (read_only)")
        connection.execute(f"attach {literal(str(database))} as warehouse")
        connection.execute("copy from database promoted to warehouse (schema)")
