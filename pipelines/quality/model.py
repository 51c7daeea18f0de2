"""The shapes in which stages speak about checks; nothing here runs one."""

from dataclasses import dataclass

from pipelines.contracts import Text

_SAME = {"conformity": "validity", "coverage": "completeness"}


def dimension(name: str) -> str:
    """A quality dimension by its name in ISO/IEC 25012; ODCS calls two of them differently."""
    return _SAME.get(name, name)


@dataclass(frozen=True)
class DbtTest:
    """A dbt test on the published model or on what it is made of, as the manifest names it."""

    name: str
    severity: str = "error"
    description: str = ""
    column: str | None = None
    dimension: str = "consistency"


@dataclass(frozen=True)
class RequiredCheck:
    """One check that must have passed (`error`), or must at least have run (`warning`)."""

    name: str
    engine: str
    dimension: str
    severity: str
    description: Text
