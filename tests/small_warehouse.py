"""A promoted warehouse of a few rows, for tests of what reads one."""

import duckdb

from pipelines.canonical import point
from pipelines.ledger import Ledger
from pipelines.settings import Home

STATEMENTS = (
    "create schema marts",
    "create schema private",
    "create schema intermediate",
    "create table marts.dim_unit as"
    " select * from (values ('1', 'Xã Một'), ('2', 'Xã Hai')) as units (code, name)",
    "create table marts.mart_counts as select '1' as code, 7 as received",
    "create table private.fct_dossier as select 'k' || i as dossier_key from range(9) as n (i)",
    "create macro intermediate.pick(relation) as table from query_table(relation)",
    "comment on table marts.dim_unit is 'One row per unit. Đơn vị. Units.'",
    "comment on column marts.dim_unit.code is 'Mã đơn vị. Code of the unit.'",
    "comment on table private.fct_dossier is 'One row per dossier. Hồ sơ. Dossiers.'",
)


def promote_small(home: Home, *, name: str = "small", answer: int = 1) -> None:
    """Make it and point readers to it, as a finished run does."""
    Ledger(home.ledger)
    builds = home.warehouse / "builds"
    builds.mkdir(parents=True, exist_ok=True)
    file = builds / f"{name}.duckdb"
    with duckdb.connect(str(file)) as connection:
        for statement in STATEMENTS:
            connection.execute(statement)
        connection.execute(f"create table marts.build as select {answer} as number")
    point(home.promoted, file)
