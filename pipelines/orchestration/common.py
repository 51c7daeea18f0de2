"""What asset definitions share: keys, owners, bilingual descriptions, metadata."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from pipelines.contracts import Table, Text
from pipelines.contracts.vocabulary import Severity
from pipelines.settings import PROJECT_ROOT

OWNERS = ["team:open-data"]


def snake(name: str) -> str:
    """A dataset or source name as Dagster and SQL write it."""
    return name.replace("-", "_")


def key(stage: str, name: str) -> dg.AssetKey:
    """The asset key of `name` in a stage of the street."""
    return dg.AssetKey([stage, snake(name)])


def bilingual(title: Text, description: Text, promise: Text) -> str:
    """A Markdown description: what the data is, and what this stage promises of it."""
    return (
        f"**{title.vi}**\n\n{description.vi}\n\n{promise.vi}\n\n---\n\n"
        f"**{title.en}**\n\n{description.en}\n\n{promise.en}"
    )


def schema_of(table: Table) -> dg.TableSchema:
    """The column schema of a contract's table, as the UI shows it."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type,
                description=f"{column.title.vi} / {column.title.en}",
                constraints=dg.TableColumnConstraints(nullable=not column.required),
            )
            for column in table.columns
        ]
    )


def dagster_severity(weighs: Severity) -> dg.AssetCheckSeverity:
    """A severity as Dagster shows it, which knows two."""
    blocks = weighs is Severity.BLOCKER
    return dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN


def contract_link(path: str) -> str:
    """A contract's path below the project, for metadata."""
    return str(path).removeprefix(f"{PROJECT_ROOT}/")


def reasons_table(reasons: Mapping[str, int]) -> str:
    """Quarantine reasons as a Markdown table."""
    rows = "\n".join(f"| {reason} | {count:,} |" for reason, count in reasons.items())
    return f"| reason | rows |\n|---|---:|\n{rows}" if rows else "none"


def rows_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """A few rows with equal keys as a Markdown table."""
    if not rows:
        return "–"
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for row in rows:
        cells = (str(row.get(name, "")).replace("|", "\\|") for name in names)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
