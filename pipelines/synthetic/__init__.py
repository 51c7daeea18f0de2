"""Generators of synthetic input: files in the very form an upstream system exports them.

Real dossiers are personal data, so the project is built on made-up ones. What belongs here: writing
such files, deterministically and in bounded memory. What does not: reading them back as a source
(`pipelines.ingest`) and anything a real province's files need.
"""

from pipelines.synthetic.common import ProvinceCode, SyntheticError, Written
from pipelines.synthetic.coverage import write_coverage
from pipelines.synthetic.dossiers import write_dossiers
from pipelines.synthetic.personal import PERSONAL_COLUMNS, personal_values

__all__ = [
    "PERSONAL_COLUMNS",
    "ProvinceCode",
    "SyntheticError",
    "Written",
    "personal_values",
    "write_coverage",
    "write_dossiers",
]
