"""Which sources this province uses: all that are not optional, and those it switches on."""

from collections.abc import Mapping
from pathlib import Path

from pipelines.contracts.load import ContractError, load_sources
from pipelines.contracts.model import SourceContract
from pipelines.province import load_province
from pipelines.settings import SOURCES


def sources_in_use(folder: Path = SOURCES) -> Mapping[str, SourceContract]:
    """The source contracts in use by name, in name order.

    Raises:
        ContractError: `province.yaml` switches on a source that does not exist.
    """
    known = load_sources(folder)
    used = load_province().sources.use
    if unknown := [name for name in used if name not in known]:
        optional = ", ".join(name for name, contract in known.items() if contract.optional)
        raise ContractError(
            f"province.yaml: sources.use names {', '.join(unknown)}, which is no source; sources"
            f" that can be switched on: {optional or 'none'}"
        )
    return {name: item for name, item in known.items() if not item.optional or name in used}
