"""The shapes in which stages speak about checks; nothing here runs one."""

from dataclasses import dataclass

from pipelines.contracts import Text
from pipelines.contracts.vocabulary import Dimension


@dataclass(frozen=True)
class DbtTest:
    """A dbt test on the published model or on what it is made of, as the manifest names it."""

    name: str
    severity: str = "error"
    description: str = ""
    column: str | None = None
    dimension: Dimension = Dimension.CONSISTENCY


@dataclass(frozen=True)
class RequiredCheck:
    """One check that must have passed (`error`), or must at least have run (`warning`)."""

    name: str
    engine: str
    dimension: Dimension
    severity: str
    description: Text
