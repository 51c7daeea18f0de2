"""The shapes in which stages speak about checks; nothing here runs one."""

from dataclasses import dataclass

from pipelines.contracts import Text
from pipelines.contracts.vocabulary import Dimension, Severity


@dataclass(frozen=True)
class DbtTest:
    """A dbt test on the published model or on what it is made of, as the manifest names it."""

    name: str
    severity: Severity = Severity.BLOCKER
    description: str = ""
    column: str | None = None
    dimension: Dimension = Dimension.CONSISTENCY


@dataclass(frozen=True)
class RequiredCheck:
    """One check that must have passed (a blocker), or must at least have run (the others).

    One that `may_abstain` may find that it has too little to go by, which is an information.
    """

    name: str
    engine: str
    dimension: Dimension
    severity: Severity
    description: Text
    may_abstain: bool = False
